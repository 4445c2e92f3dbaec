"""The door under load, on a real socket before a slow model: quick refusals, none that hangs, reads that go on."""

import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.http.examples import STORY
from app.settings import Settings
from tests.api.conftest import Headers
from tests.api.live import serving
from tests.api.test_serving import ask, raw_post, wait_until
from tests.faults import behaviours as do
from tests.faults.server import Behaviour, Exchange, ModelServer


@pytest.fixture(params=["sqlite"])
def database_url(sqlite_url: str) -> str:
    """The door is the same on every database."""
    return sqlite_url


@pytest.fixture
def narrow(settings: Settings, model_server: ModelServer) -> Settings:
    """Four places, and no long wait for one."""
    return settings.model_copy(
        update={"base_url": model_server.url, "max_assessments": 4, "max_model_calls": 40, "max_wait_s": 0.05}
    )


def held_until(release: threading.Event) -> Behaviour:
    """Return a behaviour that answers as soon as the test says so."""

    async def behave(exchange: Exchange) -> None:
        while not release.is_set():
            await do.slow(0.01, then=_nothing)(exchange)
        await do.answer_sensibly(exchange)

    return behave


async def _nothing(_: Exchange) -> None:
    pass


def test_fifty_at_once_before_four_places_are_answered_or_refused_and_none_hangs(
    narrow: Settings, model_server: ModelServer, ann: Headers, ben: Headers
):
    release = threading.Event()
    model_server.script(then=held_until(release))
    with serving(narrow) as port, ThreadPoolExecutor(50) as pool:
        keys = [ann, ben] * 25
        posts = [pool.submit(ask, port, "POST", "/v1/assessments", body=STORY, headers=key) for key in keys]
        wait_until(lambda: sum(post.done() for post in posts) == 46)
        refusals = [post.result() for post in posts if post.done()]
        assert {status for status, _, _ in refusals} == {503}
        assert {body["type"] for _, _, body in refusals} == {"/problems/overloaded"}
        assert all(int(headers["Retry-After"]) >= 1 for _, headers, _ in refusals)
        assert all(body["retryable"] for _, _, body in refusals)
        for path in ("/v1/stories", "/v1/assessments", "/readyz"):
            assert ask(port, "GET", path, headers=ann)[0] == 200
        release.set()
        assert Counter(post.result()[0] for post in posts) == {201: 4, 503: 46}
        assert len(model_server.requests) == 4
        assert ask(port, "POST", "/v1/assessments", body=STORY, headers=ann)[0] == 201


def test_one_user_leaves_a_place_for_another(narrow: Settings, model_server: ModelServer, ann: Headers, ben: Headers):
    release = threading.Event()
    model_server.script(then=held_until(release))
    with serving(narrow) as port, ThreadPoolExecutor(12) as pool:
        of_ann = [pool.submit(ask, port, "POST", "/v1/assessments", body=STORY, headers=ann) for _ in range(10)]
        wait_until(lambda: sum(post.done() for post in of_ann) == 7)
        of_ben = pool.submit(ask, port, "POST", "/v1/assessments", body=STORY, headers=ben)
        model_server.wait_for_requests(4)
        release.set()
        assert of_ben.result()[0] == 201
        assert Counter(post.result()[0] for post in of_ann) == {201: 3, 503: 7}


def test_clients_that_leave_give_their_places_back(narrow: Settings, model_server: ModelServer, ann: Headers):
    """A place is free a moment after the call to the model is broken off, so the next ones wait for theirs."""
    model_server.script(then=do.hang)
    with serving(narrow.model_copy(update={"max_wait_s": 15.0})) as port:
        for round_ in range(1, 4):
            clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
            for client in clients:
                client.sendall(raw_post(ann, STORY))
            wait_until(lambda asked=3 * round_: len(model_server.requests) == asked)
            for client in clients:
                client.close()
            assert all(request.closed.wait(10) for request in model_server.requests)
        model_server.script(then=do.answer_sensibly)
        assert ask(port, "POST", "/v1/assessments", body=STORY, headers=ann)[0] == 201


def test_an_assessment_that_takes_too_long_ends_with_a_problem_and_frees_its_key(
    narrow: Settings, model_server: ModelServer, ann: Headers
):
    model_server.script(do.hang)
    with serving(narrow.model_copy(update={"max_assessment_s": 0.5})) as port:
        headers = {**ann, "Idempotency-Key": "one"}
        status, _, body = ask(port, "POST", "/v1/assessments", body=STORY, headers=headers)
        assert (status, body["type"], body["code"]) == (503, "/problems/model-unavailable", "too-slow")
        assert model_server.requests[0].closed.wait(10)
        assert ask(port, "GET", "/v1/stories", headers=ann)[2]["items"] == []
    with serving(narrow) as port:
        assert ask(port, "POST", "/v1/assessments", body=STORY, headers=headers)[0] == 201
