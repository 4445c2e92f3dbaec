"""`star-coach rubrics` and `star-coach doctor`."""

import shutil
from email.message import Message

import pytest

from app.catalog import Catalog, load_lock
from tests.faults import behaviours


@pytest.fixture
def own_rubrics(monkeypatch, tmp_path):
    """A released copy of the rubrics that a test may break."""
    for name in ("rubrics", "prompts"):
        shutil.copytree(name, tmp_path / name)
        monkeypatch.setenv(f"COACH_{name.upper()}_DIR", str(tmp_path / name))
    Catalog(tmp_path / "rubrics", tmp_path / "prompts").write_locks()
    return tmp_path / "rubrics"


def lines_of(result):
    return {line.split()[1]: line.split()[0] for line in result.out.splitlines()}


def test_rubrics_are_listed_with_version_and_digest(cli):
    assert "leadership-principles/v1  16 principles  sha256 " in cli("rubrics", "list").out


def test_a_rubric_is_shown_with_all_its_principles_and_gaps(cli):
    out = cli("rubrics", "show", "leadership-principles/v1").out
    assert "  strive-to-be-earths-best-employer" in out.splitlines()
    assert "missing-metric" in out
    assert max(map(len, out.splitlines())) <= 120


def test_the_shipped_rubrics_and_prompts_are_as_released(cli):
    result = cli("rubrics", "check")
    assert (result.code, result.err) == (0, "")


def test_a_released_rubric_that_was_changed_is_refused(cli, own_rubrics):
    path = own_rubrics / "leadership-principles" / "v1.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# a word more\n", encoding="utf-8")
    result = cli("rubrics", "check")
    assert result.code == 2
    assert "released versions have changed: leadership-principles/v1" in result.err


def test_a_broken_rubric_is_told_with_file_line_and_reason(cli, own_rubrics):
    path = own_rubrics / "leadership-principles" / "v1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("version: v1", "version: 7", 1), encoding="utf-8")
    for arguments in (["rubrics", "check"], ["score", "examples/stories"]):
        result = cli(*arguments)
        assert result.code == 2
        assert f"{path}:" in result.err
        assert "version" in result.err
        assert result.err.count("\n") == 1


def test_writing_the_lock_adds_a_new_version_and_keeps_the_old_digest(cli, own_rubrics):
    before = load_lock(own_rubrics)
    folder = own_rubrics / "leadership-principles"
    text = (folder / "v1.yaml").read_text(encoding="utf-8").replace("version: v1", "version: v2", 1)
    (folder / "v2.yaml").write_text(text, encoding="utf-8")
    assert "leadership-principles/v2" in cli("rubrics", "list").out
    assert cli("rubrics", "check", "--write-lock").code == 0
    after = load_lock(own_rubrics)
    assert set(after) - set(before) == {"leadership-principles/v2"}
    assert after["leadership-principles/v1"] == before["leadership-principles/v1"]


def test_doctor_tells_what_is_there_and_what_is_not(cli):
    result = cli("doctor")
    assert result.code == 0
    assert lines_of(result) == {
        "version": "ok",
        "settings": "ok",
        "extras": "ok",
        "weights": "ok",
        "catalog": "ok",
        "database": "off",
        "model": "off",
        "engine": "ok",
    }
    assert "nothing leaves this machine" in result.out
    cli("keys", "create", "--user", "ana")
    assert lines_of(cli("doctor"))["database"] == "ok"


@pytest.mark.parametrize("damage", ["changed", "gone", "no digests"])
def test_doctor_sees_weights_that_are_not_as_released(cli, monkeypatch, tmp_path, damage):
    model = tmp_path / "model"
    shutil.copytree("app/analysis/model", model)
    if damage == "changed":
        (model / "words.bin").write_bytes((model / "words.bin").read_bytes() + b"x")
    else:
        (model / {"gone": "words.bin", "no digests": "digests.lock"}[damage]).unlink()
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)
    result = cli("doctor")
    assert (result.code, lines_of(result)["weights"]) == (2, "fail")
    assert ("words.bin" in result.out) == (damage != "no digests")


def test_doctor_names_the_extras_that_are_not_installed(cli, monkeypatch):
    required = ["pydantic>=2", "pydantic>=2; extra == 'there'", "no-such-package-here>=1; extra == 'gone'"]
    offered = Message()
    offered["Provides-Extra"] = "there"
    offered["Provides-Extra"] = "gone"
    monkeypatch.setattr("importlib.metadata.metadata", lambda _: offered)
    monkeypatch.setattr("importlib.metadata.requires", lambda _: required)
    result = cli("doctor")
    assert (result.code, lines_of(result)["extras"]) == (0, "off")
    assert "not installed: gone; pip install 'star-story-coach[gone]'" in result.out


def test_doctor_does_not_make_a_database(cli, monkeypatch, tmp_path):
    monkeypatch.setenv("COACH_DATABASE_URL", f"sqlite:///{tmp_path}/coach.db")
    result = cli("doctor")
    assert (result.code, lines_of(result)["database"]) == (2, "fail")
    assert list(tmp_path.iterdir()) == []


def test_doctor_asks_the_model_and_shows_no_secret(cli, monkeypatch, model_server):
    monkeypatch.setenv("COACH_BASE_URL", model_server.url)
    monkeypatch.setenv("COACH_API_KEY", "sk-canary")
    result = cli("doctor")
    assert (result.code, lines_of(result)["model"]) == (0, "ok")
    assert [request.method for request in model_server.requests] == ["GET"]
    model_server.script(then=behaviours.status(401))
    refused = cli("doctor")
    assert (refused.code, lines_of(refused)["model"]) == (2, "fail")
    assert "canary" not in result.out + result.err + refused.out + refused.err


def test_doctor_says_when_nothing_answers(cli, monkeypatch):
    monkeypatch.setenv("COACH_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("COACH_DATABASE_URL", "postgresql+psycopg://coach:hidden-word@127.0.0.1:1/coach")
    result = cli("doctor")
    assert result.code == 2
    assert [name for name, state in lines_of(result).items() if state == "fail"] == ["database", "model"]
    assert "hidden-word" not in result.out + result.err


def test_doctor_wants_a_model_where_the_engine_needs_one(cli, monkeypatch):
    monkeypatch.setenv("COACH_ENGINE", "llm")
    result = cli("doctor")
    assert (result.code, lines_of(result)["model"]) == (2, "fail")


def test_doctor_names_a_misspelt_setting_and_not_its_value(cli, monkeypatch):
    monkeypatch.setenv("COACH_MODLE", "canary")
    monkeypatch.setenv("COACH_PORT", "9000")
    result = cli("doctor")
    assert (result.code, lines_of(result)["settings"]) == (0, "warn")
    assert "COACH_MODLE" in result.out
    assert "canary" not in result.out
