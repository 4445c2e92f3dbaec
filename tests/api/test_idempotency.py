"""A request that is sent again with the same Idempotency-Key is answered again and not carried out again."""

import asyncio
import http.client
import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import select
from starlette.testclient import TestClient

from app.http.application import create_app
from app.http.examples import STORY
from app.settings import Settings
from app.store import Store
from app.store.tables import ReplyRow
from tests.api.conftest import Headers
from tests.api.live import serving
from tests.api.routes import private_operations
from tests.faults import behaviours as do
from tests.faults.server import ModelServer

KEY = {"Idempotency-Key": "7c1f0e52 a retry"}
MARKDOWN = f"---\ntitle: A file\n---\n{STORY['text']}"


@pytest.fixture
def with_model(settings: Settings, model_server: ModelServer) -> Settings:
    return settings.model_copy(
        update={"base_url": model_server.url, "engine": "llm", "max_attempts": 1, "deadline_s": 20.0}
    )


def count(client: TestClient, ann: Headers) -> tuple[int, int]:
    """Return how many stories and assessments there are."""
    found = (client.get(f"/v1/{name}", headers=ann).json()["items"] for name in ("stories", "assessments"))
    stories, assessments = map(len, found)
    return stories, assessments


def shown(answer: Any) -> tuple[int, bytes, str | None, str | None, str]:
    headers = answer.headers
    return answer.status_code, answer.content, headers.get("Location"), headers.get("ETag"), headers["Content-Type"]


def test_every_post_takes_a_key_and_answers_the_same_again(client: TestClient, app: FastAPI, ann: Headers):
    story = client.post("/v1/stories", json=STORY, headers=ann).json()["id"]
    posts = [operation for operation in private_operations(app) if operation.method == "POST"]
    assert {"/v1/stories", "/v1/assessments", "/v1/stories/{story_id}/assessments"} <= {post.path for post in posts}
    for path, body in {
        "/v1/stories": STORY,
        "/v1/assessments": STORY,
        f"/v1/stories/{story}/assessments": {"engine": "rules"},
    }.items():
        first = client.post(path, json=body, headers={**ann, **KEY})
        before = count(client, ann)
        again = client.post(path, json=body, headers={**ann, **KEY})
        assert (first.status_code, shown(again)) == (201, shown(first))
        assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
        assert count(client, ann) == before
    assert count(client, ann) == (3, 2)


def test_an_answer_stays_as_it_was_though_the_story_has_changed(client: TestClient, ann: Headers):
    first = client.post("/v1/stories", json=STORY, headers={**ann, **KEY})
    client.patch(first.headers["Location"], json={"title": "Changed"}, headers={**ann, "If-Match": "*"})
    assert shown(client.post("/v1/stories", json=STORY, headers={**ann, **KEY})) == shown(first)


def test_without_a_key_or_with_another_one_the_work_is_done_again(client: TestClient, ann: Headers):
    for headers in ({}, {}, {"Idempotency-Key": "a"}, {"Idempotency-Key": "b" * 255}):
        answer = client.post("/v1/stories", json=STORY, headers={**ann, **headers})
        assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (201, False)
    assert count(client, ann)[0] == 4


def test_a_key_belongs_to_one_user_and_one_operation(client: TestClient, ann: Headers, ben: Headers):
    for headers, path in ((ann, "/v1/stories"), (ben, "/v1/stories"), (ann, "/v1/assessments")):
        answer = client.post(path, json=STORY, headers={**headers, **KEY})
        assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (201, False)


@pytest.mark.parametrize(
    "change",
    [
        {"content": json.dumps({**STORY, "title": "Other"})},
        {"params": {"engine": "rules"}},
        {"headers": {"Content-Type": "application/json; charset=utf-8"}},
    ],
    ids=["body", "query", "media-type"],
)
def test_another_request_with_the_same_key_is_refused(client: TestClient, ann: Headers, change: dict[str, Any]):
    headers = {**ann, **KEY, "Content-Type": "application/json"}
    sent: dict[str, Any] = {"content": json.dumps(STORY), "headers": headers}
    assert client.post("/v1/assessments", **sent).status_code == 201
    changed: dict[str, Any] = {**sent, **change, "headers": {**headers, **change.get("headers", {})}}
    answer = client.post("/v1/assessments", **changed)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/key-reused")
    assert count(client, ann) == (1, 1)


def test_a_key_used_for_one_story_is_refused_for_another(client: TestClient, ann: Headers):
    one, two = (client.post("/v1/stories", json=STORY, headers=ann).json()["id"] for _ in range(2))
    assert client.post(f"/v1/stories/{one}/assessments", headers={**ann, **KEY}).status_code == 201
    assert client.post(f"/v1/stories/{two}/assessments", headers={**ann, **KEY}).status_code == 422


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "café"])
def test_a_key_that_is_none_is_refused_and_not_repeated(client: TestClient, ann: Headers, key: str):
    answer = client.post("/v1/stories", json=STORY, headers={**ann, "Idempotency-Key": key.encode("latin-1")})  # pyright: ignore[reportArgumentType]
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == ["Idempotency-Key"]
    assert count(client, ann)[0] == 0


def test_two_keys_are_refused(client: TestClient, ann: Headers):
    headers = [*ann.items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    assert client.post("/v1/stories", json=STORY, headers=headers).status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"text": 5}, {"role": "astronaut"}, {"text": "x" * 50_000}, {"nonsense": 1}, {"engine": "llm"}]
)
def test_a_refused_request_leaves_its_key_free(client: TestClient, ann: Headers, wrong: dict[str, Any]):
    assert client.post("/v1/assessments", json={**STORY, **wrong}, headers={**ann, **KEY}).status_code == 422
    assert client.post("/v1/assessments", json=STORY, headers={**ann, **KEY}).status_code == 201


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (do.status(429), 503),
        (do.status(500), 503),
        (do.answer("no JSON"), 502),
        (do.hang, 503),
    ],
    ids=["limit", "unavailable", "nonsense", "silence"],
)
def test_a_failure_of_the_model_is_not_kept(
    with_model: Settings, model_server: ModelServer, ann: Headers, fault: Any, status: int
):
    chosen = with_model.model_copy(update={"deadline_s": 1.0, "attempt_timeout_s": 1.0} if fault is do.hang else {})
    model_server.script(fault)
    with TestClient(create_app(chosen)) as client:
        failed = client.post("/v1/assessments", json=STORY, headers={**ann, **KEY})
        assert (failed.status_code, count(client, ann)) == (status, (0, 0))
        done = client.post("/v1/assessments", json=STORY, headers={**ann, **KEY})
        assert (done.status_code, count(client, ann)) == (201, (1, 1))
        assert client.post("/v1/assessments", json=STORY, headers={**ann, **KEY}).content == done.content
    assert len(model_server.requests) == 2


def test_what_was_kept_goes_with_the_story(client: TestClient, ann: Headers):
    first = client.post("/v1/stories", json=STORY, headers={**ann, **KEY})
    assert client.delete(first.headers["Location"], headers=ann).status_code == 204
    again = client.post("/v1/stories", json=STORY, headers={**ann, **KEY})
    assert (again.status_code, "Idempotency-Replayed" in again.headers) == (201, False)
    assert again.json()["id"] != first.json()["id"]


def send(port: int, ann: Headers) -> http.client.HTTPConnection:
    """Send the story with the key on a connection of its own, and wait for nothing."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60.0)
    headers = {**ann, **KEY, "Content-Type": "text/markdown"}
    connection.request("POST", "/v1/assessments", MARKDOWN.encode(), headers)
    return connection


def post(port: int, ann: Headers) -> tuple[int, bytes, dict[str, str]]:
    """Send the story, and return the answer's status, body and headers."""
    connection = send(port, ann)
    try:
        answer = connection.getresponse()
        return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def test_fifty_equal_requests_at_once_cost_one_call(with_model: Settings, model_server: ModelServer, ann: Headers):
    model_server.script(then=do.slow(0.5))
    with serving(with_model) as port:
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: post(port, ann), range(50)))
        late = post(port, ann)
    assert len(model_server.requests) == 1
    assert {status for status, _, _ in answers} <= {201, 409}
    assert {body for status, body, _ in [*answers, late] if status == 201} == {late[1]}
    assert [status for status, _, headers in answers if status == 201 and "idempotency-replayed" not in headers] == [
        201
    ]
    refused = [(json.loads(body)["type"], headers["retry-after"]) for status, body, headers in answers if status == 409]
    assert set(refused) <= {("/problems/in-progress", "1")}


def test_a_client_that_leaves_gives_its_key_back(with_model: Settings, model_server: ModelServer, ann: Headers):
    model_server.script(do.hang)
    with serving(with_model) as port:
        leaving = send(port, ann)
        model_server.wait_for_requests(1)
        leaving.close()
        assert model_server.requests[0].closed.wait(10)
        statuses = [post(port, ann)[0]]
        while statuses[-1] == 409 and len(statuses) < 100:
            statuses.append(post(port, ann)[0])
        assert statuses[-1] == 201
    assert len(model_server.requests) == 2


def start(settings: Settings) -> tuple[subprocess.Popen[str], int]:
    """Run the service in a process of its own."""
    url = settings.database_url.get_secret_value()
    code = (
        "from app.http.serve import run; from app.settings import Settings; import sys; "
        "run(Settings(database_url=sys.argv[1], base_url=sys.argv[2], port=0, engine='llm', max_attempts=1))"
    )
    command = [sys.executable, "-c", code, url, str(settings.base_url)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    line = process.stderr.readline()
    return process, int(line.split("http://127.0.0.1:")[1].split(",")[0])


async def end_leases(url: str) -> None:
    """Let the leases of all users run out."""
    async with Store.open(url) as store:
        for user in await store.users.list():
            await store._database.write(
                lambda session: session.connection().execute(
                    text("UPDATE replies SET leased_until = '2026-01-01 00:00:00.000000+00:00'")
                ),
                user_id=user.id,
            )


def test_a_process_killed_while_the_model_thinks_holds_its_key_until_the_lease_ends(
    with_model: Settings, model_server: ModelServer, ann: Headers
):
    model_server.script(do.hang)
    process, port = start(with_model)
    with process, ThreadPoolExecutor(1) as pool:
        cut_off = pool.submit(post, port, ann)
        model_server.wait_for_requests(1)
        process.send_signal(signal.SIGKILL)
        assert isinstance(cut_off.exception(30), (http.client.HTTPException, ConnectionError))
    with serving(with_model) as port:
        assert post(port, ann)[0] == 409
        asyncio.run(end_leases(with_model.database_url.get_secret_value()))
        done, again = post(port, ann), post(port, ann)
    assert (done[0], again[:2], again[2]["idempotency-replayed"]) == (201, done[:2], "true")
    assert len(model_server.requests) == 2


def test_a_key_is_held_for_twice_as_long_as_its_request_may_last(settings: Settings, ann: Headers, database_url: str):
    slow = settings.model_copy(update={"max_wait_s": 60.0, "max_assessment_s": 120.0})
    with TestClient(create_app(slow)) as client:
        assert client.post("/v1/assessments", json=STORY, headers={**ann, **KEY}).status_code == 201

    async def look() -> ReplyRow:
        async with Store.open(database_url) as store:
            (user,) = await store.users.list()
            return await store._database.read(lambda session: session.exec(select(ReplyRow)).one(), user_id=user.id)

    row = asyncio.run(look())
    assert (row.leased_until - row.created_at).total_seconds() >= 2 * (60 + 120) + 30


def test_idle_replies_are_pruned_at_the_start(settings: Settings, ann: Headers, database_url: str):
    with TestClient(create_app(settings)) as client:
        client.post("/v1/stories", json=STORY, headers={**ann, **KEY})

    async def look(change: str | None = None) -> int:
        async with Store.open(database_url) as store:
            (user,) = await store.users.list()

            def work(session: Any) -> int:
                if change:
                    session.connection().execute(text(change))
                return session.connection().scalar(text("SELECT count(*) FROM replies"))

            return await store._database.write(work, user_id=user.id)

    assert asyncio.run(look("UPDATE replies SET created_at = '2026-01-01 00:00:00.000000+00:00'")) == 1
    gone = threading.Event()
    with TestClient(create_app(settings)):
        for _ in range(500):
            if asyncio.run(look()) == 0:
                gone.set()
                break
            gone.wait(0.02)
    assert gone.is_set()
