"""Webhooks on the whole way: from a batch over HTTP to a receiver that verifies them."""

import json
from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from app.http.examples import STORY
from app.settings import Settings
from tests.api.conftest import Headers
from tests.api.live import serving
from tests.api.test_serving import ask, wait_until
from tests.faults import behaviours as do
from tests.faults.server import ModelServer

SECRET = "whsec_" + "Zm9vYmFy" * 6


@pytest.fixture(params=["sqlite"])
def database_url(sqlite_url: str) -> str:
    """What is told is the same on every database."""
    return sqlite_url


@pytest.fixture
def receiver() -> Iterator[ModelServer]:
    with ModelServer(default=do.raw(b"")) as server:
        yield server


@pytest.fixture
def working(settings: Settings, receiver: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A service that works on batches itself and may call the receiver; its second try comes soon."""
    monkeypatch.setattr("app.webhooks.schedule.WAITS_S", (0.05,) * 3)
    return settings.model_copy(
        update={
            "jobs": "in-process",
            "webhook_hosts": (f"127.0.0.1:{receiver.port}",),
            "webhook_loopback": True,
            "webhook_secret": SecretStr(SECRET),
        }
    )


def order(receiver: ModelServer) -> dict[str, object]:
    url = f"http://127.0.0.1:{receiver.port}/hook"
    return {"stories": [{"text": STORY["text"]}, {"text": STORY["text"]}], "engine": "rules", "webhook_url": url}


def test_a_receiver_is_told_of_a_batch_and_told_again_until_it_takes_it(
    working: Settings, receiver: ModelServer, ann: Headers
):
    receiver.script(do.raw(b"", status=500), do.reset_before_headers)
    with serving(working) as port:
        status, _, batch = ask(port, "POST", "/v1/batches", body=order(receiver), headers=ann)
        assert status == 202
        receiver.wait_for_requests(3, 60)
        assert ask(port, "GET", f"/v1/batches/{batch['id']}", headers=ann)[2]["finished_at"] is not None
    assert len(receiver.requests) == 3
    events = [Webhook(SECRET).verify(request.body, request.headers) for request in receiver.requests]
    assert events[0] == events[1] == events[2]
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert events[0]["type"] == "batch.finished"
    assert events[0]["data"] == {
        "batch_id": batch["id"],
        "status": "finished",
        "counts": {"done": 2, "failed": 0, "cancelled": 0},
    }
    assert STORY["text"][:20] not in json.dumps(events)


def test_an_address_that_may_not_be_called_is_refused_before_anything_is_stored(
    working: Settings, receiver: ModelServer, ann: Headers
):
    with serving(working) as port:
        for url in (
            "https://169.254.169.254/",
            "http://127.0.0.1:1/",
            f"http://localhost:{receiver.port}/",
            "https://x",
        ):
            body = {**order(receiver), "webhook_url": url}
            status, _, problem = ask(port, "POST", "/v1/batches", body=body, headers=ann)
            assert (status, problem["type"], problem["code"]) == (422, "/problems/invalid-input", "webhook-refused")
            assert url not in json.dumps(problem)
        assert ask(port, "GET", "/v1/batches", headers=ann)[2]["items"] == []
        assert ask(port, "GET", "/v1/stories", headers=ann)[2]["items"] == []


def test_a_host_that_is_no_longer_allowed_is_not_called_by_what_waited(
    working: Settings, receiver: ModelServer, ann: Headers
):
    idle = working.model_copy(update={"jobs": "off"})
    with serving(idle) as port:
        batch = ask(port, "POST", "/v1/batches", body=order(receiver), headers=ann)[2]
    with serving(working.model_copy(update={"webhook_hosts": ("hooks.example.com",)})) as port:
        wait_until(
            lambda: ask(port, "GET", f"/v1/batches/{batch['id']}", headers=ann)[2]["finished_at"] is not None, 60
        )
    assert receiver.connections == 0
