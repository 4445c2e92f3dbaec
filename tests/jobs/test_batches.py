"""Batches over HTTP, with the work done in the service's own process."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import inspect, text
from starlette.testclient import TestClient

from app.http.examples import DRAFT_TEXT, STORY_TEXT
from app.main import create_app
from app.settings import Settings
from app.store import Store
from app.store.engine import open_engine
from tests.faults.behaviours import status
from tests.faults.server import ModelServer

KEY = {"Idempotency-Key": "one"}
NONE = dict.fromkeys(("queued", "running", "done", "failed", "cancelled"), 0)


@pytest.fixture
def client(database_url: str, model_server: ModelServer) -> Iterator[TestClient]:
    chosen = Settings(
        database_url=SecretStr(database_url),
        api_key=None,
        base_url=model_server.url,
        jobs="in-process",
        executor_id="here",
        worker_concurrency=4,
        max_attempts=1,
    )
    with TestClient(create_app(chosen), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def ann(store: Store) -> dict[str, str]:
    return {"Authorization": f"Bearer {asyncio.run(store.keys.add('ann')).token}"}


def finish(client: TestClient, where: str, headers: dict[str, str]) -> dict[str, Any]:
    until = time.monotonic() + 60
    while (batch := client.get(where, headers=headers).json())["finished_at"] is None:
        assert time.monotonic() < until, batch
        time.sleep(0.05)
    return batch


def lines(answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_batch_goes_its_way_from_the_first_story_to_the_last_event(
    client: TestClient, ann: dict[str, str], database_url: str, model_server: ModelServer
):
    # Handed in once, however often it is sent.
    body = {"stories": [{"text": DRAFT_TEXT}, {"text": "Too short."}, {"text": STORY_TEXT}]}
    first = client.post("/v1/batches", json=body, headers={**ann, **KEY})
    again = client.post("/v1/batches", json=body, headers={**ann, **KEY})
    assert (first.status_code, again.headers["Idempotency-Replayed"], again.content) == (202, "true", first.content)
    where = first.headers["Location"]
    batch = finish(client, where, ann)
    assert (batch["status"], batch["counts"]["done"], batch["total"], batch["cursor"]) == ("finished", 3, 3, 3)
    assert len(model_server.requests) == 2

    # Results go on from any cursor, and events from any id; ids only grow.
    results = lines(client.get(f"{where}/results", headers=ann))
    assert [result["cursor"] for result in results] == [1, 2, 3]
    assert {result["number"]: result["assessment"]["status"] for result in results}[1] == "not_assessed"
    assert lines(client.get(f"{where}/results?after=2", headers=ann)) == results[2:]
    events = client.get(f"{where}/events", headers={**ann, "Last-Event-ID": "1"}).text
    assert [line for line in events.splitlines() if line.startswith(("id:", "event:"))] == [
        *("id: 2", "event: story", "id: 3", "event: story"),
        *("id: 3", "event: end"),
    ]

    # A failure is named, is no score, and can be tried again.
    model_server.script(status(500))
    told = client.post(
        "/v1/batches",
        content=json.dumps({"text": DRAFT_TEXT + " Again."}) + "\n",
        headers={**ann, "Content-Type": "application/x-ndjson"},
    )
    failed = finish(client, told.headers["Location"], ann)
    assert failed["counts"]["failed"] == 1
    (result,) = lines(client.get(f"{told.headers['Location']}/results", headers=ann))
    assert (result["state"], result["assessment"]) == ("failed", None)
    assert result["error"]
    assert client.post(f"{told.headers['Location']}/retry", headers=ann).json()["round"] == 2
    assert finish(client, told.headers["Location"], ann)["counts"]["done"] == 1

    # One story without waiting for it is a batch of one.
    one = client.post("/v1/assessments", json={"text": STORY_TEXT}, headers={**ann, "Prefer": "respond-async"})
    assert (one.status_code, one.headers["Preference-Applied"]) == (202, "respond-async")
    assert finish(client, one.headers["Location"], ann)["counts"]["done"] == 1

    # What a budget does not hold is not asked for, and says so; what needs no model is assessed.
    before = len(model_server.requests)
    poor = client.post("/v1/batches", json={**body, "max_cost_usd": 0.000001}, headers=ann)
    assert poor.status_code == 202
    assert finish(client, poor.headers["Location"], ann)["counts"] == {**NONE, "done": 1, "failed": 2}
    results = lines(client.get(f"{poor.headers['Location']}/results", headers=ann))
    assert {result["number"]: result["error"] for result in results} == {0: "over-budget", 1: None, 2: "over-budget"}
    assert len(model_server.requests) == before

    # Everything that waits can be stopped, and everything can be forgotten.
    assert client.post(f"{where}/cancel", headers=ann).json()["status"] == "finished"
    assert client.delete(where, headers=ann).status_code == 204
    assert client.get(where, headers=ann).status_code == 404
    assert client.get("/v1/stories", headers=ann).json()["items"]

    # Of all that, DBOS's tables know ids alone.
    engine = open_engine(database_url, pool_size=1)
    schema = "dbos" if engine.dialect.name == "postgresql" else None
    ours = {"workflow_status", "workflow_input", "workflow_output", "operation_outputs"}
    with engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names(schema=schema) if schema or name in ours]
        assert ours <= set(names)
        for name in names:
            table = f"{schema}.{name}" if schema else name
            rows = str(connection.execute(text(f"SELECT * FROM {table}")).all())  # noqa: S608 - a name from the database
            assert "checkout" not in rows
            assert "export" not in rows
    engine.dispose()


def test_a_body_that_is_no_batch_is_refused_with_its_places(client: TestClient, ann: dict[str, str]):
    for body in ({}, {"stories": []}, {"all_stories": True, "story_ids": ["x"]}, {"stories": [{"text": 3}]}):
        answer = client.post("/v1/batches", json=body, headers=ann)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-input"), body
    ndjson = {**ann, "Content-Type": "application/x-ndjson"}
    answer = client.post("/v1/batches", content='{"text": "a"}\n{"txt": "b"}', headers=ndjson)
    assert answer.json()["errors"][0]["pointer"].startswith("#/2/")
    assert client.post("/v1/batches", content='{"text": "a"}\n{', headers=ndjson).status_code == 400
    assert client.post("/v1/batches", json={"story_ids": ["x"]}, headers=ann).status_code == 404
    assert client.post("/v1/batches", json={"all_stories": True}, headers=ann).status_code == 422
    assert client.get("/v1/batches", headers=ann).json()["items"] == []
