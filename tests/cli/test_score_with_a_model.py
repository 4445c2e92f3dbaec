"""`star-coach score` with a model behind a real HTTP server."""

import json
import signal
import subprocess

import pytest

from tests.cli.conftest import STRONG, WEAK, command_line
from tests.faults import behaviours
from tests.faults.server import Exchange, ModelServer

BODY = WEAK.read_text(encoding="utf-8").split("---")[2]


@pytest.fixture
def configured(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    """A model server that the environment names."""
    monkeypatch.setenv("COACH_BASE_URL", model_server.url)
    monkeypatch.setenv("COACH_API_KEY", "sk-test-canary-key")
    monkeypatch.setenv("COACH_MAX_ATTEMPTS", "1")
    return model_server


def test_auto_asks_the_model_that_is_configured(cli, configured):
    result = cli("score", WEAK, "--format", "json")
    assert result.code == 0
    [assessment] = result.json["assessments"]
    assert assessment["provenance"]["engine"] == "llm"
    assert assessment["provenance"]["model"] == "test-model"
    assert len(configured.requests) == 1


@pytest.mark.usefixtures("configured")
def test_the_text_report_names_the_model_and_what_it_saw(cli):
    result = cli("score", WEAK, "--engine", "llm")
    assert "rules and test-model" in result.out
    assert "seen by" in result.out


def test_rules_never_ask_the_model(cli, configured):
    assert cli("score", WEAK, "--engine", "rules").code == 0
    assert configured.connections == 0


def test_the_setting_chooses_the_engine_and_the_option_wins(cli, configured, monkeypatch):
    monkeypatch.setenv("COACH_ENGINE", "rules")
    assert cli("score", WEAK).code == 0
    assert configured.connections == 0
    assert cli("score", WEAK, "--engine", "llm").code == 0
    assert configured.connections == 1


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (behaviours.status(500), "provider-unavailable"),
        (behaviours.status(429), "rate-limited"),
        (behaviours.raw(b"<html>busy</html>", headers={"content-type": "text/html"}), "bad-response"),
        (behaviours.answer('{"strength": 5}'), "invalid-output"),
        (behaviours.answer(behaviours.findings(), finish_reason="length"), "truncated"),
    ],
)
def test_a_failure_of_the_model_leaves_its_story_unassessed_and_no_other(cli, configured, behaviour, kind):
    configured.script(behaviours.answer_sensibly, behaviour)
    result = cli("score", STRONG, WEAK, STRONG, "--jobs", "1", "--format", "json")
    assert result.code == 3
    first, failed, last = result.json["assessments"]
    assert (first["status"], last["status"]) == ("assessed", "assessed")
    assert (failed["status"], failed["strength"], failed["principles"]) == ("not_assessed", None, [])
    assert failed["reason"].startswith(f"{kind}: ")
    assert failed["provenance"]["engine"] == "llm"
    [error] = result.json["summary"]["errors"]
    assert (error["path"], error["kind"]) == (str(WEAK), kind)
    assert result.err.startswith(f"{WEAK}: ")
    assert "canary" not in result.err + result.out


def test_a_refused_key_ends_the_run_at_once_without_a_report(cli, configured):
    configured.script(then=behaviours.status(401))
    result = cli("score", *[WEAK] * 20, "--jobs", "1", "--format", "json")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("star-coach: error: ")
    assert result.err.count("\n") == 1
    assert len(configured.requests) == 1


def test_a_key_that_is_refused_later_keeps_what_was_done(cli, configured, tmp_path):
    configured.script(behaviours.answer_sensibly, then=behaviours.status(401))
    path = tmp_path / "r.json"
    result = cli("score", STRONG, WEAK, WEAK, "--jobs", "1", "-o", path)
    assert result.code == 2
    report = json.loads(path.read_text(encoding="utf-8"))
    assert [a["status"] for a in report["assessments"]] == ["assessed"]
    assert (report["summary"]["exit_code"], report["summary"]["interrupted"]) == (2, True)
    assert report["summary"]["errors"][0]["kind"] == "key-refused"


def test_output_keeps_the_order_of_input_whoever_answers_first(cli, configured, tmp_path):
    configured.script(behaviours.slow(0.3), behaviours.slow(0.1))
    lines = [json.dumps({"id": f"s{number}", "text": BODY}) for number in range(12)]
    (tmp_path / "s.jsonl").write_text("\n".join(lines))
    result = cli("score", tmp_path / "s.jsonl", "--jobs", "4", "--format", "jsonl")
    assert [json.loads(line)["story"]["id"] for line in result.out.splitlines()] == [f"s{n}" for n in range(12)]


def answer_the_strong_story_once():
    """Return a behaviour that answers the first request about that story and no other, whichever story asks first."""
    answered: list[str] = []

    async def behave(exchange: Exchange) -> None:
        story = behaviours.read_story(exchange.request) or ""
        if answered or BODY.strip()[:40] in story:
            await behaviours.hang(exchange)
        else:
            answered.append(story)
            await behaviours.answer_sensibly(exchange)

    return behave


def test_ctrl_c_keeps_what_is_done_and_exits_130(configured, tmp_path):
    configured.script(then=answer_the_strong_story_once())
    path = tmp_path / "r.json"
    options = ("--jobs", "2", "-f", "jsonl", "-f", "json", "-o", path)
    with subprocess.Popen(
        command_line("score", STRONG, WEAK, STRONG, WEAK, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(first)["story"]["path"] == str(STRONG)
    assert (rest, err) == (b"", b"")
    report = json.loads(path.read_text(encoding="utf-8"))
    assert len(report["assessments"]) == 1
    assert (report["summary"]["interrupted"], report["summary"]["exit_code"]) == (True, 130)
