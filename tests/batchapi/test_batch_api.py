"""`star-coach score --via batch-api` against a provider on a real socket."""

import json
import os
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from app.judge.batch_ledger import Slot, open_ledger
from tests.batchapi.server import BatchApi, with_body
from tests.cli.conftest import STRONG, WEAK, clean_environment, cli, command_line
from tests.faults import behaviours
from tests.faults.server import ModelServer

__all__ = ["clean_environment", "cli"]

KEY = "sk-test-canary-key"
OPTIONS = ("--via", "batch-api", "--engine", "llm", "--format", "json")


@pytest.fixture
def api(model_server: ModelServer, monkeypatch) -> BatchApi:
    """A provider that the environment names."""
    api = BatchApi()
    model_server.script(then=api.handle)
    monkeypatch.setenv("COACH_BASE_URL", model_server.url)
    monkeypatch.setenv("COACH_API_KEY", KEY)
    monkeypatch.setenv("COACH_MODEL", "gpt-5-mini")
    monkeypatch.setenv("COACH_BATCH_POLL_S", "0.05")
    return api


def notes() -> list[Path]:
    """Return the files that tell what is under way."""
    return list(Path(os.environ["XDG_CACHE_HOME"]).glob("*/batches-v1/*.json"))


def without_calls(assessment):
    provenance = assessment["provenance"]
    for name in ("boundary", "usage", "cost_usd", "attempts", "calls"):
        provenance.pop(name)
    return {name: value for name, value in assessment.items() if name != "id"}


@pytest.mark.parametrize("effort", [("--depth", "quick"), ("--depth", "panel", "--samples", "3")])
def test_a_batch_tells_what_single_calls_tell_at_half_the_price(cli, api, model_server, tmp_path, effort):
    batched = cli("score", STRONG, WEAK, *OPTIONS, *effort)
    assert batched.code == 0, batched.err
    model_server.script(then=behaviours.answer_sensibly)
    called = cli("score", STRONG, WEAK, *OPTIONS[2:], *effort, "--cache", tmp_path)
    for one, other in zip(batched.json["assessments"], called.json["assessments"], strict=True):
        assert one["provenance"]["cost_usd"] == pytest.approx(other["provenance"]["cost_usd"] / 2)
        assert one["provenance"]["usage"] == other["provenance"]["usage"]
        assert without_calls(one) == without_calls(other)
    assert set(api.asked.values()) == {1}
    assert notes() == []
    assert api.files == {}


def test_an_answer_is_paid_once_whichever_way_it_was_asked(cli, api, model_server):
    model_server.script(then=behaviours.answer_sensibly)
    assert cli("score", STRONG, *OPTIONS[2:]).code == 0
    sent = len(model_server.requests)
    model_server.script(then=api.handle)
    result = cli("score", STRONG, WEAK, WEAK, *OPTIONS)
    assert result.code == 0
    assert sum(api.asked.values()) == 1
    paid = [one["provenance"]["cost_usd"] > 0 for one in result.json["assessments"]]
    assert paid in ([False, True, False], [False, False, True])  # equal questions: either of them may be first
    again = cli("score", STRONG, WEAK, *OPTIONS[2:])
    assert again.code == 0
    assert len(model_server.requests) > sent
    assert sum(api.asked.values()) == 1
    assert all(one["provenance"]["calls"][0]["recalled"] for one in again.json["assessments"])


def test_what_the_provider_keeps_by_name_tells_nothing_and_the_note_is_private(cli, api):
    api.stop_at = "poll"
    with subprocess.Popen(
        command_line("score", STRONG, *OPTIONS), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert api.stopped.wait(60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(out)["summary"]["interrupted"]
    assert b"batch_2" in err
    assert b"the same command brings their answers home" in err
    [note] = notes()
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert stat.S_IMODE(note.parent.stat().st_mode) == 0o700
    text = note.read_text()
    assert "parcel" not in text.lower()
    assert KEY not in text
    [line] = [json.loads(line) for line in api.files["file_1"].splitlines()]
    assert len(line["custom_id"]) == 54
    assert line["custom_id"] in text
    api.stop_at = None
    assert cli("score", STRONG, *OPTIONS).code == 0
    assert len(api.batches) == 1


@pytest.mark.parametrize("step", ["upload", "poll", "content"])
def test_a_kill_at_any_step_loses_nothing_and_makes_no_second_batch(cli, api, step):
    api.stop_at = step
    with subprocess.Popen(
        command_line("score", STRONG, WEAK, *OPTIONS), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert api.stopped.wait(60)
        process.kill()
        process.communicate(timeout=30)
    api.stop_at = None
    result = cli("score", STRONG, WEAK, *OPTIONS)
    assert result.code == 0, result.err
    assert [one["status"] for one in result.json["assessments"]] == ["assessed", "assessed"]
    assert len(api.batches) == 1
    assert set(api.asked.values()) == {1}
    assert result.json["assessments"][0]["provenance"]["cost_usd"] > 0
    assert notes() == []


def test_a_batch_whose_note_was_written_before_it_was_made_is_found_by_what_it_carries(cli, api):
    api.stop_at = "create"
    with subprocess.Popen(command_line("score", STRONG, *OPTIONS), stderr=subprocess.PIPE) as process:
        assert api.stopped.wait(60)
        process.kill()
        process.communicate(timeout=30)
    [note] = notes()
    assert json.loads(note.read_text())["submissions"][0]["batch_id"] is None
    for number in range(5):  # others' batches come before it, over several pages
        api.batches[f"other_{number}"] = {"id": f"other_{number}", "status": "completed", "created_at": 9**10}
    api.stop_at = None
    assert cli("score", STRONG, *OPTIONS).code == 0
    assert api.steps.count("create") == 1
    assert api.steps.count("list") == 3


def test_a_failure_of_one_question_stays_with_its_story(cli, api):
    def answer(request):
        if "parcel" in request.prompt.lower().split("<story-")[1]:
            error = {"error": {"message": "held back", "code": "content_filter"}}
            return with_body(error, 400)(request)
        return BatchApi().answer(request)

    api.answer = answer
    result = cli("score", STRONG, WEAK, *OPTIONS)
    assert result.code == 3
    failed, fine = result.json["assessments"]
    assert (failed["status"], failed["strength"], fine["status"]) == ("not_assessed", None, "assessed")
    assert failed["reason"].startswith("content-filtered: ")
    assert failed["provenance"]["engine"] == "llm"
    assert notes() == []


@pytest.mark.parametrize(
    ("content", "options", "kind"),
    [('{"strength": 5}', {}, "invalid-output"), (behaviours.findings(), {"finish_reason": "length"}, "truncated")],
)
def test_a_misshapen_answer_is_asked_for_once_more_and_then_stands(cli, api, content, options, kind):
    api.answer = with_body(behaviours.completion(content, **options))
    result = cli("score", WEAK, *OPTIONS)
    assert result.code == 3
    assert result.json["assessments"][0]["reason"].startswith(f"{kind}: ")
    assert len(api.batches) == 2
    first, second = api.lines
    assert second["body"]["max_completion_tokens"] == first["body"]["max_completion_tokens"] * (
        1 + (kind == "truncated")
    )
    assert len(second["body"]["messages"]) == len(first["body"]["messages"]) + (kind == "invalid-output")
    assert cli("score", WEAK, *OPTIONS).code == 3  # a new run asks anew
    assert len(api.batches) == 4


def test_a_parameter_that_the_model_does_not_take_is_left_out_in_the_next_round(cli, api, monkeypatch):
    monkeypatch.setenv("COACH_TEMPERATURE", "0")
    fine = api.answer

    def answer(request):
        if "temperature" in request.json:
            error = {"message": "Unsupported value: 'temperature'", "param": "temperature", "code": "unsupported_value"}
            return with_body({"error": error}, 400)(request)
        return fine(request)

    api.answer = answer
    result = cli("score", STRONG, WEAK, *OPTIONS)
    assert result.code == 0, result.err
    assert len(api.batches) == 2
    assert "temperature" not in result.json["assessments"][0]["provenance"]["calls"][0]["parameters"]


@pytest.mark.parametrize(
    ("status", "errors", "kind"),
    [
        ("expired", None, "timeout"),
        ("cancelled", None, "provider-unavailable"),
        ("completed", None, "bad-response"),
    ],
)
def test_what_a_batch_did_before_it_ended_is_used(cli, api, status, errors, kind):
    api.status, api.errors, api.answers = status, errors, 1
    result = cli("score", STRONG, WEAK, *OPTIONS)
    assert result.code == 3
    done, missing = result.json["assessments"]
    assert done["status"] == "assessed"
    assert missing["reason"].startswith(f"{kind}: ")
    assert f"{status}: 1 of 2 answered" in result.err
    api.status, api.answers = "completed", 10**9
    assert cli("score", STRONG, WEAK, *OPTIONS).code == 0
    assert set(api.asked.values()) == {1}


@pytest.mark.parametrize(
    ("code", "exit_code", "kind"), [("token_limit_exceeded", 3, "rate-limited"), ("insufficient_quota", 3, "quota")]
)
def test_a_refused_batch_says_why_and_leaves_its_stories_unassessed(cli, api, code, exit_code, kind):
    api.status, api.errors = "failed", {"data": [{"code": code, "message": "canary", "line": None}]}
    result = cli("score", STRONG, WEAK, *OPTIONS)
    assert result.code == exit_code
    assert all(kind in one["reason"] for one in result.json["assessments"])
    assert f"failed: 0 of 2 answered ({code})" in result.err
    assert "canary" not in result.err + result.out


def test_a_batch_or_a_file_that_the_provider_has_lost_does_not_bar_the_way(cli, api):
    api.stop_at = "content"
    with subprocess.Popen(command_line("score", STRONG, *OPTIONS), stderr=subprocess.PIPE) as process:
        assert api.stopped.wait(60)
        process.kill()
        process.communicate(timeout=30)
    api.stop_at = None
    api.files.clear()
    result = cli("score", STRONG, *OPTIONS)
    assert result.code == 3
    assert result.json["assessments"][0]["reason"].startswith("bad-response: ")
    assert "what was in it is lost" in result.err
    assert cli("score", STRONG, *OPTIONS).code == 0
    assert len(api.batches) == 2


def test_an_endpoint_without_batches_is_told_apart(cli, api, model_server):
    model_server.script(then=behaviours.status(404))
    result = cli("score", STRONG, *OPTIONS)
    assert (result.code, result.out) == (2, "")
    assert "has no batches" in result.err
    assert api.batches == {}


def test_nothing_is_uploaded_beyond_what_may_be_spent(cli, api):
    none = cli("score", STRONG, WEAK, *OPTIONS, "--max-cost-usd", "0.0001")
    assert none.code == 3
    assert [one["reason"].partition(":")[0] for one in none.json["assessments"]] == ["over-budget"] * 2
    assert api.steps == []
    some = cli("score", STRONG, WEAK, *OPTIONS, "--max-cost-usd", "0.012")
    assert [one["status"] for one in some.json["assessments"]] == ["assessed", "not_assessed"]
    assert sum(api.asked.values()) == 1


def test_a_hiccup_of_the_provider_is_waited_out_and_a_batch_is_looked_for_before_it_is_made_again(
    cli, api, model_server
):
    handle, hurt = api.handle, []

    async def hurting(exchange):
        request = exchange.request
        step = f"{request.method} {request.path.partition('?')[0]}"
        if step not in hurt:
            hurt.append(step)
            if step == "POST /v1/batches":  # it arrives, and the answer is lost
                api._carry_out(request, "batches")
                exchange.reset()
                return
            await behaviours.status(503)(exchange)
            return
        await handle(exchange)

    model_server.script(then=hurting)
    result = cli("score", STRONG, *OPTIONS)
    assert result.code == 0, result.err
    assert len(api.batches) == 1


def test_two_runs_do_not_share_what_is_under_way(cli, api):
    assert cli("score", STRONG, *OPTIONS).code == 0
    [lock] = Path(os.environ["XDG_CACHE_HOME"]).glob("*/batches-v1/*.lock")
    with open_ledger(Slot(lock.parent.parent, lock.stem)):
        other = cli("score", WEAK, *OPTIONS)
    assert other.code == 2
    assert "another run" in other.err
    assert len(api.batches) == 1


def test_a_dry_run_tells_half_the_price_and_sends_nothing(cli, api):
    full = cli("score", STRONG, "--engine", "llm", "--format", "json", "--dry-run")
    half = cli("score", STRONG, *OPTIONS, "--dry-run")
    assert (full.code, half.code, api.steps) == (0, 0, [])
    [price] = [value for name, value in _leaves(half.json) if name == "cost_usd"]
    [usual] = [value for name, value in _leaves(full.json) if name == "cost_usd"]
    assert price == pytest.approx(usual / 2)


def _leaves(value):
    for name, inner in value.items():
        yield from _leaves(inner) if isinstance(inner, dict) else [(name, inner)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--no-cache",), "--no-cache"),
        (("--engine", "rules"), "needs a model"),
        (("--server", "https://coach.example.com"), "--server"),
    ],
)
def test_what_can_not_go_together_is_refused(cli, api, options, words):
    result = cli("score", STRONG, *OPTIONS, *options)
    assert (result.code, result.out) == (2, "")
    assert words in result.err
    assert api.steps == []
