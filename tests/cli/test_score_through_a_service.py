"""`star-coach score --server` against the real service on a real socket, and against servers that misbehave."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest
from pydantic import SecretStr

from app.settings import Settings
from app.store import Store
from app.store.records import USER_SCOPES
from tests.api.live import serving
from tests.cli.conftest import STRONG, WEAK, command_line
from tests.faults import behaviours
from tests.faults.server import ModelServer

PROBLEM = {"content-type": "application/problem+json"}
KEY = "ssc_live_canary"


class Service(NamedTuple):
    """A running service."""

    url: str


@pytest.fixture
def service(sqlite_url, monkeypatch) -> Iterator[Service]:
    """A service of the test's own, whose key the environment holds."""
    settings = Settings(database_url=SecretStr(sqlite_url), port=0, api_key=None, base_url=None)
    with serving(settings) as port:
        monkeypatch.setenv("COACH_API_KEY", asyncio.run(make_key(sqlite_url)))
        yield Service(f"http://127.0.0.1:{port}")


async def make_key(url: str) -> str:
    """Return a new key of a user."""
    store = Store.open(url)
    try:
        return (await store.keys.add("ann", scopes=USER_SCOPES)).token
    finally:
        await store.close()


@pytest.fixture
def fake(model_server: ModelServer, monkeypatch) -> ModelServer:
    """A server that answers as a test's script says, taken for a service."""
    monkeypatch.setenv("COACH_SERVER_KEY", KEY)
    return model_server


def address(server: ModelServer) -> str:
    return server.url.removesuffix("/v1")


def problem(status, slug, *, headers=None, **fields):
    told = {"type": f"/problems/{slug}", "title": "t", "detail": "No.", "code": slug, "retryable": False, **fields}
    return behaviours.body({**told, "status": status}, status=status, headers={**PROBLEM, **(headers or {})})


def without_what_a_service_adds(report):
    """Return a report without ids, times and costs of a place that keeps things."""
    for assessment in report["assessments"]:
        for name in ("id", "created_at"):
            del assessment[name]
        del assessment["story"]["revision"]
    return report


def test_it_prints_what_a_run_here_prints(cli, service, tmp_path):
    hurt = tmp_path / "hurt.md"
    hurt.write_text("---\ntitle: nothing\nlevel: L6\n---\n\n\nToo short.\n")
    paths = (STRONG, hurt, WEAK)
    here = cli("score", *paths, "--engine", "rules", "--format", "json")
    there = cli("score", *paths, "--server", service.url, "--format", "json")
    assert (there.code, there.err) == (here.code, here.err)
    assert without_what_a_service_adds(there.json) == without_what_a_service_adds(here.json)
    assert cli("score", *paths, "--server", service.url).out == cli("score", *paths, "--engine", "rules").out


def test_gates_and_selection_hold_as_they_do_here(cli, service):
    options = ("--fail-on", "error", "--min-strength", "5", "--format", "sarif")
    here = cli("score", STRONG, WEAK, "--engine", "rules", *options)
    there = cli("score", STRONG, WEAK, "--server", service.url, *options)
    assert (there.code, there.err) == (here.code, here.err) == (1, "")
    assert [r["partialFingerprints"] for r in there.json["runs"][0]["results"]] == [
        r["partialFingerprints"] for r in here.json["runs"][0]["results"]
    ]


def test_the_same_command_again_is_answered_with_what_was_made_before(cli, service):
    first = cli("score", STRONG, WEAK, "--server", f"{service.url}/", "--format", "json").json["assessments"]
    again = cli("score", STRONG, WEAK, "--server", service.url, "--format", "json").json["assessments"]
    assert [one["id"] for one in again] == [one["id"] for one in first]
    anew = cli("score", STRONG, "--server", service.url, "--no-cache", "--format", "json").json["assessments"]
    assert anew[0]["id"] != first[0]["id"]


def test_the_order_is_kept_and_a_refused_story_stays_alone(cli, service, tmp_path):
    stories = [{"id": f"s{number}", "text": WEAK.read_text().split("---")[2]} for number in range(20)]
    stories[7]["title"] = "x" * 201
    path = tmp_path / "s.jsonl"
    path.write_text("\n".join(map(json.dumps, stories)))
    result = cli("score", path, "--server", service.url, "--format", "json", "--jobs", "8")
    assert result.code == 3
    assert [one["story"]["id"] for one in result.json["assessments"]] == [f"s{number}" for number in range(20)]
    assert [n for n, one in enumerate(result.json["assessments"]) if one["status"] == "not_assessed"] == [7]
    assert [error["kind"] for error in result.json["summary"]["errors"]] == ["invalid-input"]


@pytest.mark.parametrize(
    ("behaviour", "kind", "code"),
    [
        (problem(502, "model-misbehaved", code="truncated"), "truncated", 3),
        (problem(422, "invalid-input", code="story-too-long"), "story-too-long", 3),
        (problem(503, "provider-quota"), "provider-quota", 3),
        (problem(429, "limit-exceeded", code="over-budget", retryable=True), "over-budget", 3),
        (problem(500, "internal", code="failure"), "internal-error", 3),
        (behaviours.raw(b"<html>", headers={"content-type": "text/html"}), "bad-reply", 3),
        (behaviours.body({"strength": 5, "status": "assessed"}, status=201), "bad-reply", 3),
        (behaviours.raw(b"x" * 3_000_000), "reply-too-large", 3),
        (behaviours.raw(b"\x1f\x8b", headers={"content-encoding": "gzip"}), "bad-reply", 3),
        (behaviours.status(500), "service-unavailable", 3),
    ],
)
def test_a_failure_stays_with_its_story_and_is_never_a_score(cli, fake, behaviour, kind, code):
    fake.script(then=behaviour)
    result = cli("score", WEAK, "--server", address(fake), "--format", "json")
    assert result.code == code
    [assessment] = result.json["assessments"]
    assert (assessment["status"], assessment["strength"]) == ("not_assessed", None)
    assert assessment["reason"].startswith(f"{kind}: ")
    assert len(fake.requests) == 1
    assert KEY not in result.out + result.err


@pytest.mark.parametrize(
    "behaviour",
    [
        problem(401, "unauthenticated"),
        problem(403, "forbidden"),
        problem(404, "not-found"),
        problem(422, "no-model"),
        behaviours.status(404),
        behaviours.raw(b"", status=307, headers={"location": "http://localhost:1/v1/assessments"}),
    ],
)
def test_what_no_further_story_would_fare_better_with_ends_the_run(cli, fake, behaviour):
    fake.script(then=behaviour)
    result = cli("score", *[WEAK] * 5, "--jobs", "1", "--server", address(fake), "--format", "json")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("star-coach: error: ")
    assert len(fake.requests) == 1


def test_a_busy_service_is_asked_again_no_sooner_than_it_says_with_the_same_key(cli, fake):
    busy = problem(503, "overloaded", retryable=True, headers={"retry-after": "1"})
    fake.script(
        busy,
        behaviours.reset_before_headers,
        then=problem(422, "invalid-input", detail="The story is odd."),
    )
    result = cli("score", WEAK, "--server", address(fake), "--format", "json")
    assert result.json["assessments"][0]["reason"] == "invalid-input: the story is odd"
    assert len(fake.requests) == 3
    assert len({request.headers["idempotency-key"] for request in fake.requests}) == 1
    assert len({request.body for request in fake.requests}) == 1
    assert {request.headers["authorization"] for request in fake.requests} == {f"Bearer {KEY}"}


def test_another_story_or_another_quote_than_was_sent_is_no_reply(cli, service, fake, monkeypatch):
    monkeypatch.delenv("COACH_SERVER_KEY")
    made = cli("score", STRONG, "--server", service.url, "--format", "json").json["assessments"][0]
    monkeypatch.setenv("COACH_SERVER_KEY", KEY)
    fake.script(then=behaviours.body(made, status=201))
    result = cli("score", WEAK, "--server", address(fake), "--format", "json")
    assert result.code == 3
    assert result.json["assessments"][0]["reason"].startswith("bad-reply: ")


def test_a_service_that_is_down_costs_one_story_its_patience(cli, monkeypatch):
    monkeypatch.setenv("COACH_SERVER_KEY", KEY)
    monkeypatch.setenv("COACH_SERVER_DEADLINE_S", "1")
    result = cli("score", *[WEAK] * 40, "--jobs", "1", "--server", "http://127.0.0.1:1", "--format", "json")
    assert result.code == 3
    assert {error["kind"] for error in result.json["summary"]["errors"]} == {"server-unreachable"}
    assert len(result.json["assessments"]) == 40


@pytest.mark.parametrize(
    ("url", "environment", "slug"),
    [
        ("http://coach.example.com", {"COACH_SERVER_KEY": KEY}, "must be https"),
        ("https://ann:pw@coach.example.com", {"COACH_SERVER_KEY": KEY}, "no user"),
        ("ftp://coach.example.com", {"COACH_SERVER_KEY": KEY}, "must begin with"),
        ("https://coach.example.com", {}, "needs a key"),
        ("https://coach.example.com", {"OPENAI_API_KEY": "sk-canary"}, "needs a key"),
        ("https://coach.example.com", {"COACH_SERVER_KEY": KEY, "COACH_MAX_COST_USD": "1"}, "COACH_MAX_COST_USD"),
    ],
)
def test_nothing_is_sent_where_address_or_key_are_not_safe(cli, monkeypatch, url, environment, slug):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = cli("score", WEAK, "--server", url)
    assert (result.code, result.out) == (2, "")
    assert slug in result.err
    assert "canary" not in result.err
    assert "pw" not in result.err


def test_ctrl_c_keeps_what_is_done_and_closes_the_requests_under_way(fake, service, monkeypatch):
    monkeypatch.delenv("COACH_SERVER_KEY")
    with subprocess.Popen(
        command_line("score", STRONG, WEAK, "--server", service.url, "--format", "json"), stdout=subprocess.PIPE
    ) as process:
        made = json.loads(process.communicate(timeout=60)[0])["assessments"][0]
    monkeypatch.setenv("COACH_SERVER_KEY", KEY)
    fake.script(behaviours.body(made, status=201), then=behaviours.hang)
    with subprocess.Popen(
        command_line("score", STRONG, WEAK, "--jobs", "1", "--server", address(fake), "--format", "jsonl"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        fake.wait_for_requests(2)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert [json.loads(line)["story"]["path"] for line in out.splitlines()] == [str(STRONG)]
    assert fake.requests[1].closed.wait(10)


@pytest.fixture
def working_service(sqlite_url, monkeypatch) -> Iterator[Service]:
    """A service that works on batches, too."""
    settings = Settings(database_url=SecretStr(sqlite_url), port=0, api_key=None, base_url=None, jobs="in-process")
    with serving(settings) as port:
        monkeypatch.setenv("COACH_API_KEY", asyncio.run(make_key(sqlite_url)))
        yield Service(f"http://127.0.0.1:{port}")


def write_many(path, count, **last):
    texts = [file.read_text().split("---")[2] for file in (STRONG, WEAK)]
    stories = [{"id": f"s{number}", "text": texts[number % 2]} for number in range(count)]
    stories[-1] |= last
    path.write_text("\n".join(map(json.dumps, stories)))
    return path


def test_many_stories_go_as_one_batch_and_print_what_a_run_here_prints(cli, working_service, tmp_path):
    path = write_many(tmp_path / "many.jsonl", 40)
    here = cli("score", path, "--engine", "rules", "--format", "json")
    there = cli("score", path, "--server", working_service.url, "--format", "json")
    assert (there.code, there.err) == (here.code, here.err) == (0, "")
    again = cli("score", path, "--server", working_service.url, "--format", "json")
    assert again.out == there.out
    assert without_what_a_service_adds(there.json) == without_what_a_service_adds(here.json)
    assert count_batches(working_service) == 1
    # A story that no batch takes leaves the others their assessments.
    path = write_many(tmp_path / "odd.jsonl", 33, title="x" * 201)
    result = cli("score", path, "--server", working_service.url, "--format", "json")
    assert result.code == 3
    assert [one["status"] for one in result.json["assessments"]].count("assessed") == 32
    assert [error["kind"] for error in result.json["summary"]["errors"]] == ["invalid-input"]
    assert count_batches(working_service) == 1


def assess_second(cli, service, folder):
    """Return the service's assessment of the second of many stories."""
    path = write_many(folder / "two.jsonl", 2)
    return cli("score", path, "--server", service.url, "--format", "json").json["assessments"][1]


def count_batches(service):
    headers = {"Authorization": f"Bearer {os.environ['COACH_API_KEY']}"}
    return len(httpx.get(f"{service.url}/v1/batches", headers=headers, timeout=10).json()["items"])


def test_a_service_that_dies_amid_a_batch_leaves_what_it_told_and_names_the_rest(
    cli, service, fake, tmp_path, monkeypatch
):
    monkeypatch.delenv("COACH_SERVER_KEY")
    made = assess_second(cli, service, tmp_path)
    monkeypatch.setenv("COACH_SERVER_KEY", KEY)
    monkeypatch.setenv("COACH_SERVER_DEADLINE_S", "1")
    path = write_many(tmp_path / "many.jsonl", 40)
    told = {"story_id": "x", "attempts": 1, "finished_at": "2026-11-24T09:30:20Z"}
    lines = [
        {"cursor": 1, "number": 5, "state": "failed", "error": "truncated", "assessment": None, **told},
        {"cursor": 2, "number": 3, "state": "done", "error": None, "assessment": made, **told},
        {"cursor": 3, "number": 0, "state": "cancelled", "error": None, "assessment": None, **told},
    ]
    fake.script(
        behaviours.body({"id": "b1", "counts": {}}, status=202),
        behaviours.raw("".join(json.dumps(line) + "\n" for line in lines).encode()),
        then=behaviours.reset_before_headers,
    )
    result = cli("score", path, "--server", address(fake), "--format", "json")
    assert result.code == 3
    reasons = [(one["reason"] or one["status"]).partition(":")[0] for one in result.json["assessments"]]
    assert (reasons[0], reasons[3], reasons[5]) == ("batch-cancelled", "assessed", "truncated")
    assert set(reasons[6:]) == {"server-connection-lost"}
    assert [one["story"]["id"] for one in result.json["assessments"]] == [f"s{number}" for number in range(40)]
    assert fake.requests[2].path.endswith("?after=3&follow=true")


def test_ctrl_c_amid_a_batch_keeps_what_is_done(service, fake, tmp_path, monkeypatch, cli):
    monkeypatch.delenv("COACH_SERVER_KEY")
    made = assess_second(cli, service, tmp_path)
    monkeypatch.setenv("COACH_SERVER_KEY", KEY)
    path = write_many(tmp_path / "many.jsonl", 40)
    told = {"story_id": "x", "attempts": 1, "finished_at": "2026-11-24T09:30:20Z"}
    line = {"cursor": 2, "number": 3, "state": "done", "error": None, "assessment": made, **told}
    fake.script(
        behaviours.body({"id": "b1", "counts": {}}, status=202),
        behaviours.raw(json.dumps(line).encode() + b"\n"),
        then=behaviours.hang,
    )
    with subprocess.Popen(
        command_line("score", path, "--server", address(fake), "--format", "jsonl"), stdout=subprocess.PIPE
    ) as process:
        fake.wait_for_requests(3)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert [json.loads(line)["status"] for line in out.splitlines()] == ["assessed"]
    assert json.loads(out)["story"]["id"] == "s3"
