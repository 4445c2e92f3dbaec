import asyncio
import time
from typing import Any

import pytest

from app.errors import CoachError, LimitExceeded, Misconfigured
from app.judge.failures import Kind
from app.judge.findings import Findings
from tests.faults import behaviours as do
from tests.faults.harness import (
    STORY,
    judge_all,
    judge_once,
    make_brief,
    open_test_judge,
    with_patience,
)
from tests.faults.server import ModelServer


def test_retry_after_is_a_floor(model_server: ModelServer):
    model_server.script(do.status(429, headers={"retry-after-ms": "400"}))
    started = time.monotonic()

    outcome = judge_once(model_server.url)

    assert outcome.kind == "findings"
    assert time.monotonic() - started >= 0.4


def test_a_wait_beyond_the_deadline_is_passed_on_and_not_waited_for(model_server: ModelServer):
    model_server.script(do.status(429, headers={"retry-after": "8259"}))
    started = time.monotonic()

    outcome = judge_once(model_server.url)

    assert outcome.error is not None
    assert outcome.error.retry_after_s == 8259
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("behaviour", [do.hang, do.drip])
def test_the_deadline_holds_over_headers_and_body(behaviour, model_server: ModelServer):
    model_server.script(then=behaviour)
    started = time.monotonic()

    outcome = judge_once(model_server.url, patience=with_patience(deadline_s=0.5, attempt_s=30))

    assert outcome.kind == Kind.TIMEOUT
    assert time.monotonic() - started < 5
    assert all(request.closed.wait(5) for request in model_server.requests)


def test_a_cancelled_judgement_closes_its_connection(model_server: ModelServer):
    model_server.script(then=do.hang)

    async def cancel_twenty() -> list[Any]:
        judge = open_test_judge(model_server.url, max_model_calls=20)
        tasks = [asyncio.create_task(judge.judge(make_brief())) for _ in range(20)]
        await asyncio.to_thread(model_server.wait_for_requests, 20)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all([await asyncio.to_thread(request.closed.wait, 5) for request in model_server.requests])
        model_server.script(then=do.answer_sensibly)
        after = await judge.judge(make_brief())
        await judge.aclose()
        return [*ended, after]

    *ended, after = asyncio.run(cancel_twenty())

    assert all(isinstance(end, asyncio.CancelledError) for end in ended)
    assert after.attempts == 1


def test_no_more_calls_are_in_flight_than_allowed_and_connections_are_kept(model_server: ModelServer):
    now = {"in flight": 0, "most": 0}

    async def count(exchange) -> None:
        now["in flight"] += 1
        now["most"] = max(now.values())
        await asyncio.sleep(0.02)
        now["in flight"] -= 1
        await do.answer_sensibly(exchange)

    model_server.script(then=count)

    results = asyncio.run(judge_all(model_server.url, 30, max_model_calls=4))

    assert all(isinstance(result, Findings) for result in results)
    assert now["most"] <= 4
    assert model_server.connections <= 4


def test_a_full_house_is_told_apart_from_a_slow_model(model_server: ModelServer):
    model_server.script(then=do.hang)
    patience = with_patience(deadline_s=1, attempt_s=1, queue_s=0.2)

    results = asyncio.run(judge_all(model_server.url, 2, patience=patience, max_model_calls=1))

    slugs = sorted(result.slug for result in results if isinstance(result, CoachError))
    assert slugs == [Kind.OVERLOADED, Kind.TIMEOUT]
    assert any(isinstance(result, LimitExceeded) for result in results)
    assert len(model_server.requests) == 1


def test_usage_is_summed_over_replies_and_null_when_a_reply_lies(model_server: ModelServer):
    lies = {"prompt_tokens": 10**12, "completion_tokens": 5}
    model_server.script(do.answer("{}"), do.answer_sensibly, do.answer("{}", usage=lies))

    honest, lied = judge_once(model_server.url).findings, judge_once(model_server.url).findings

    assert honest is not None
    assert honest.usage is not None
    assert honest.usage.model_dump() == {"input_tokens": 2400, "output_tokens": 160, "calls": 2}
    assert lied is not None
    assert lied.usage is None


@pytest.mark.parametrize("name", [STORY, "", 7, None, "x" * 500])
def test_a_senseless_model_name_is_not_believed(name, model_server: ModelServer):
    model_server.script(do.answer(do.findings(), model=name), do.answer(do.findings(), model="vendor/other-2:8b"))

    believed = [judge_once(model_server.url).findings for _ in range(2)]

    assert [findings and findings.model for findings in believed] == ["test-model", "vendor/other-2:8b"]


def test_reaching_the_endpoint_sends_no_story_and_tells_a_refused_key(model_server: ModelServer):
    async def reach() -> None:
        judge = open_test_judge(model_server.url)
        try:
            await judge.reach()
        finally:
            await judge.aclose()

    asyncio.run(reach())
    model_server.script(do.status(404))
    asyncio.run(reach())
    model_server.script(do.status(401))
    with pytest.raises(Misconfigured) as caught:
        asyncio.run(reach())

    assert caught.value.slug == Kind.KEY_REFUSED
    assert [(request.method, request.path, request.body) for request in model_server.requests] == [
        ("GET", "/v1/models", b"")
    ] * 3
