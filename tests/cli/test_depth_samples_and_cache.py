"""`star-coach score` with more than one question a story, and with answers that were paid for before."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import STRONG, WEAK
from tests.faults import behaviours
from tests.faults.server import Exchange, ModelServer


@pytest.fixture
def configured(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    """A model server that the environment names."""
    monkeypatch.setenv("COACH_BASE_URL", model_server.url)
    monkeypatch.setenv("COACH_API_KEY", "sk-test-canary-key")
    monkeypatch.setenv("COACH_MAX_ATTEMPTS", "1")
    return model_server


def only(result: Any) -> dict[str, Any]:
    [assessment] = result.json["assessments"]
    return assessment


def find(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.json"))


def test_a_panel_asks_about_each_likely_and_each_declared_principle(cli, configured):
    result = cli("score", WEAK, "--depth", "panel", "--principles", "frugality", "--format", "json")

    assert result.code == 0
    assessment = only(result)
    asked = [call["asked"] for call in assessment["provenance"]["calls"]]
    likely = {f"principle:{item['id']}" for item in assessment["principles"] if item["rank"] <= 5 or item["declared"]}
    assert set(asked) == likely | {"gaps", "bar-raiser"}
    assert len(configured.requests) == len(asked)
    assert assessment["provenance"]["depth"] == "panel"
    assert [item["question"] for item in assessment["follow_ups"] if item["source"] == "model"]


def test_a_panel_that_is_not_answered_in_full_is_partly_assessed_and_incomplete(cli, configured):
    async def behave(exchange: Exchange) -> None:
        form = exchange.request.json["response_format"]["json_schema"]["name"]
        await (behaviours.status(400) if form == "gaps" else behaviours.answer_sensibly)(exchange)

    configured.script(then=behave)
    result = cli("score", WEAK, "--depth", "panel", "--format", "json")

    assert result.code == 3
    assessment = only(result)
    assert assessment["status"] == "partial"
    assert assessment["reason"] == (
        "The model gave no usable answer about the gaps (bad-request); there the rules stand alone."
    )
    assert assessment["strength"] is not None
    assert not any(gap["disputed"] for gap in assessment["gaps"])
    assert result.json["summary"]["partial"] == 1


def test_samples_ask_again_and_say_how_often(cli, configured):
    assessment = only(cli("score", STRONG, "--samples", "3", "--format", "json"))

    taken = assessment["provenance"]["samples"]
    assert len(configured.requests) == taken
    assert assessment["provenance"]["samples_wanted"] == 3
    assert [call["sample"] for call in assessment["provenance"]["calls"]] == list(range(1, taken + 1))


@pytest.mark.parametrize("samples", ["0", "10", "many"])
def test_samples_go_from_one_to_nine(samples, cli):
    assert cli("score", WEAK, "--samples", samples).code == 2


def test_settings_choose_depth_and_samples_and_options_win(cli, configured, monkeypatch):
    monkeypatch.setenv("COACH_DEPTH", "panel")
    monkeypatch.setenv("COACH_SAMPLES", "2")

    by_setting = only(cli("score", WEAK, "--format", "json"))["provenance"]
    by_option = only(cli("score", WEAK, "--depth", "quick", "--samples", "1", "--format", "json"))["provenance"]

    assert (by_setting["depth"], by_setting["samples_wanted"]) == ("panel", 2)
    assert (by_option["depth"], by_option["samples_wanted"]) == ("quick", 1)
    assert configured.requests


def test_the_same_story_is_paid_for_once(cli, configured, tmp_path):
    first = only(cli("score", WEAK, "--cache", tmp_path, "--format", "json"))
    second = only(cli("score", WEAK, "--cache", tmp_path, "--format", "json"))

    assert len(configured.requests) == 1
    assert second["provenance"]["cost_usd"] == 0
    assert [call["recalled"] for call in second["provenance"]["calls"]] == [True]
    for name in ("strength", "gaps", "principles", "summary"):
        assert first[name] == second[name]


def test_a_run_that_was_stopped_goes_on_where_it_was(cli, configured, tmp_path):
    stories = tmp_path / "s.jsonl"
    body = WEAK.read_text(encoding="utf-8").split("---")[2]
    stories.write_text("\n".join(json.dumps({"id": f"s{n}", "text": f"{body} Part {n}."}) for n in range(6)))
    configured.script(*[behaviours.answer_sensibly] * 4, then=behaviours.status(503))
    assert cli("score", stories, "--jobs", "1").code == 3
    asked = len(configured.requests)
    configured.script(then=behaviours.answer_sensibly)

    assert cli("score", stories, "--jobs", "1").code == 0

    assert len(configured.requests) == asked + 2


def test_no_cache_asks_anew_and_keeps_nothing(cli, configured, tmp_path, monkeypatch):
    monkeypatch.setenv("COACH_CACHE_DIR", str(tmp_path / "set"))

    for _ in range(2):
        assert cli("score", WEAK, "--no-cache").code == 0

    assert len(configured.requests) == 2
    assert not find(tmp_path)


def test_the_folder_of_the_setting_is_used_and_the_option_wins(cli, configured, tmp_path, monkeypatch):
    monkeypatch.setenv("COACH_CACHE_DIR", str(tmp_path / "set"))
    cli("score", WEAK)
    assert len(find(tmp_path / "set")) == 1

    cli("score", WEAK, "--cache", tmp_path / "given")

    assert len(find(tmp_path / "given")) == 1
    assert len(configured.requests) == 2


def test_neither_names_nor_notes_tell_what_was_asked(cli, configured, tmp_path):
    result = cli("score", WEAK, "--cache", tmp_path)

    assert configured.requests
    names = " ".join(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert WEAK.stem not in names
    assert "canary" not in result.err


def test_a_cache_that_can_not_be_used_is_wrong_usage(cli, configured, tmp_path):
    (tmp_path / "file").write_text("")

    result = cli("score", WEAK, "--cache", tmp_path / "file")

    assert result.code == 2
    assert "cache folder" in result.err
    assert not configured.requests


def test_the_rules_alone_keep_no_cache(cli, tmp_path):
    assert cli("score", WEAK, "--engine", "rules", "--cache", tmp_path / "new").code == 0
    assert not (tmp_path / "new").exists()
