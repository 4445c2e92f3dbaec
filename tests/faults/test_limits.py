"""What holds over many calls: rests, retries, rates, budgets and other models."""

import asyncio
import time
from typing import Any

import pytest

from app.errors import CoachError, LimitExceeded, Misconfigured, ModelUnavailable
from app.judge.failures import Kind
from app.judge.findings import Findings
from app.judge.model import ModelJudge
from tests.faults import behaviours as do
from tests.faults.harness import (
    judge_all,
    judge_once,
    make_brief,
    open_test_judge,
    with_patience,
)
from tests.faults.server import Exchange, ModelServer

ONCE = with_patience(attempts=1)


async def fail_five_times(judge: ModelJudge) -> None:
    for _ in range(5):
        with pytest.raises(ModelUnavailable):
            await judge.judge(make_brief())


async def judge_at_once(judge: ModelJudge, count: int) -> list[Findings | BaseException]:
    return await asyncio.gather(*(judge.judge(make_brief()) for _ in range(count)), return_exceptions=True)


def slugs(results: list[Findings | BaseException]) -> set[str]:
    return {result.slug if isinstance(result, CoachError) else type(result).__name__ for result in results}


def test_five_failures_in_a_row_end_all_requests_for_a_while(model_server: ModelServer):
    model_server.script(then=do.status(500))

    async def run() -> list[Findings | BaseException]:
        judge = open_test_judge(model_server.url, patience=ONCE)
        await fail_five_times(judge)
        try:
            return await judge_at_once(judge, 20)
        finally:
            await judge.aclose()

    refused = asyncio.run(run())

    assert len(model_server.requests) == 5
    assert slugs(refused) == {Kind.PROVIDER_UNAVAILABLE}
    assert all(0 < (error.retry_after_s or 0) <= 15 for error in refused if isinstance(error, CoachError))


def test_after_the_rest_one_request_finds_out_and_the_others_follow(model_server: ModelServer):
    model_server.script(then=do.status(500))

    async def run() -> tuple[list[Any], list[Any]]:
        judge = open_test_judge(model_server.url, patience=ONCE, rest_s=0.3)
        await fail_five_times(judge)
        model_server.script(then=do.slow(0.5))
        await asyncio.sleep(0.4)
        while_probing, after = await judge_at_once(judge, 20), await judge_at_once(judge, 5)
        await judge.aclose()
        return while_probing, after

    while_probing, after = asyncio.run(run())

    assert sum(isinstance(result, Findings) for result in while_probing) == 1
    assert all(isinstance(result, Findings) for result in after)
    assert len(model_server.requests) == 5 + 1 + 5


def test_a_cancelled_probe_does_not_keep_the_endpoint_shut(model_server: ModelServer):
    model_server.script(then=do.status(500))

    async def run() -> Findings:
        judge = open_test_judge(model_server.url, patience=ONCE, rest_s=0.2)
        await fail_five_times(judge)
        model_server.script(do.hang, then=do.answer_sensibly)
        await asyncio.sleep(0.3)
        probe = asyncio.create_task(judge.judge(make_brief()))
        await asyncio.to_thread(model_server.wait_for_requests, 6)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        try:
            return await judge.judge(make_brief())
        finally:
            await judge.aclose()

    assert asyncio.run(run()).attempts == 1


def test_one_models_failures_do_not_shut_another_model(model_server: ModelServer):
    model_server.script(then=do.by_model({"test-model": do.status(500)}))

    results = asyncio.run(judge_all(model_server.url, 40, patience=with_patience(attempts=2), fallback_models=("b",)))

    assert all(isinstance(result, Findings) and result.degraded for result in results)


def test_a_storm_is_not_answered_with_more_requests(model_server: ModelServer):
    turn = iter(range(10**6))

    async def mostly_fail(exchange: Exchange) -> None:
        await (do.answer_sensibly if next(turn) % 4 == 3 else do.status(500))(exchange)

    model_server.script(then=mostly_fail)

    results = asyncio.run(judge_all(model_server.url, 200, max_model_calls=50))

    assert len(model_server.requests) <= 220
    assert slugs(results) <= {"Findings", Kind.PROVIDER_UNAVAILABLE}


def test_a_slow_provider_is_not_asked_more_than_a_tenth_again(model_server: ModelServer):
    model_server.script(then=do.hang)

    results = asyncio.run(judge_all(model_server.url, 100, patience=with_patience(attempt_s=0.3), max_model_calls=100))

    assert len(model_server.requests) <= 110
    assert slugs(results) == {Kind.TIMEOUT}


@pytest.mark.parametrize("own", [{"requests_per_minute": 1200}, {}])
def test_a_server_that_keeps_a_limit_never_has_to_refuse(own: dict[str, Any]):
    limit = do.RateLimit(1200)
    with ModelServer(limit) as server:
        results = asyncio.run(judge_all(server.url, 160, max_model_calls=50, **own))

        assert all(isinstance(result, Findings) for result in results)
        assert limit.refused == 0
        assert len(server.requests) == 160


def test_tokens_a_minute_are_kept(model_server: ModelServer):
    patience = with_patience(queue_s=90)
    began = time.monotonic()

    results = asyncio.run(
        judge_all(model_server.url, 14, tokens_per_minute=900_000, max_output_tokens=8_000, patience=patience)
    )

    assert all(isinstance(result, Findings) for result in results)
    assert time.monotonic() - began >= (14 * 8_000 - 75_000) / 15_000  # a twelfth goes at once, the rest must flow


def test_one_refusal_makes_all_wait_and_not_each_find_out(model_server: ModelServer):
    model_server.script(do.status(429, headers={"retry-after-ms": "700"}))

    async def run() -> None:
        judge = open_test_judge(model_server.url, max_model_calls=50)
        first = asyncio.create_task(judge.judge(make_brief()))
        await asyncio.to_thread(model_server.wait_for_requests, 1)
        await asyncio.sleep(0.2)
        assert all(isinstance(result, Findings) for result in await judge_at_once(judge, 20))
        await first
        await judge.aclose()

    asyncio.run(run())

    assert len(model_server.requests) == 22


def test_money_for_ten_is_ten_requests_out_of_two_hundred(model_server: ModelServer):
    model_server.script(then=do.answer(do.findings(), usage=None))
    one = judge_once(model_server.url, model="gpt-5-mini", max_cost_usd=1).findings
    assert one is not None
    assert one.cost_usd is not None

    results = asyncio.run(
        judge_all(model_server.url, 200, model="gpt-5-mini", max_cost_usd=10 * one.cost_usd, max_model_calls=200)
    )

    assert len(model_server.requests) == 1 + 10
    assert sum(isinstance(result, Findings) for result in results) == 10
    assert slugs(results) == {"Findings", Kind.OVER_BUDGET}
    assert any(isinstance(result, LimitExceeded) for result in results)


def test_money_that_was_not_needed_is_there_for_those_that_wait(model_server: ModelServer):
    price = (1200 * 0.25 + 80 * 2.0) / 10**6
    dearest = judge_once(model_server.url, model="gpt-5-mini", max_cost_usd=1).findings
    assert dearest is not None
    assert dearest.cost_usd == pytest.approx(price)

    results = asyncio.run(judge_all(model_server.url, 60, model="gpt-5-mini", max_cost_usd=50 * price))

    costs = [result.cost_usd or 0 for result in results if isinstance(result, Findings)]
    assert 20 < len(costs) <= 50
    assert sum(costs) <= 50 * price


def test_without_a_price_tokens_are_counted_and_dollars_refused(model_server: ModelServer):
    model_server.script(then=do.answer(do.findings(), usage=None))

    results = asyncio.run(judge_all(model_server.url, 50, max_total_tokens=200_000, max_model_calls=50))

    found = [result for result in results if isinstance(result, Findings)]
    assert len(found) == len(model_server.requests) < 50
    assert {result.cost_usd for result in found} == {None}
    with pytest.raises(Misconfigured, match="price"):
        open_test_judge(model_server.url, max_cost_usd=1)
    with pytest.raises(Misconfigured, match="price"):
        open_test_judge(model_server.url, model="gpt-5-mini", fallback_models=("llama",), max_cost_usd=1)


@pytest.mark.parametrize(
    "usage",
    [None, {"prompt_tokens": -1, "completion_tokens": 1}, {"prompt_tokens": 9 * 10**8, "completion_tokens": 1}],
)
def test_usage_that_is_missing_or_absurd_costs_the_most_it_can(usage: Any, model_server: ModelServer):
    model_server.script(do.answer(do.findings(), usage=usage), do.answer_sensibly)

    lied, honest = (judge_once(model_server.url, model="gpt-5-mini").findings for _ in range(2))

    assert lied is not None
    assert honest is not None
    assert lied.cost_usd is not None
    assert honest.cost_usd is not None
    assert honest.cost_usd < 4096 * 2.0 / 10**6 < lied.cost_usd < 0.1


def test_an_error_reply_is_free_and_a_lost_connection_is_not(model_server: ModelServer):
    model_server.script(do.status(500), do.answer_sensibly, do.cut, do.answer_sensibly)

    refused, lost = (judge_once(model_server.url, model="gpt-5-mini").findings for _ in range(2))

    assert refused is not None
    assert refused.cost_usd == pytest.approx((1200 * 0.25 + 80 * 2.0) / 10**6)
    assert lost is not None
    assert lost.cost_usd is not None
    assert lost.cost_usd > 4096 * 2.0 / 10**6


def test_provenance_names_what_answered_and_what_it_took(model_server: ModelServer):
    usage = {"prompt_tokens": 900, "completion_tokens": 50, "prompt_tokens_details": {"cached_tokens": 800}}
    model_server.script(then=do.by_model({"gpt-5-mini": do.status(503, headers={"x-should-retry": "false"})}))
    spare: dict[str, Any] = {"fallback_models": ("gpt-5-nano",), "temperature": 0.5, "seed": 3, "model": "gpt-5-mini"}
    degraded = judge_once(model_server.url, **spare).findings
    model_server.script(then=do.answer(do.findings(), usage=usage, model="gpt-5-mini-2025-08-07"))
    plain = judge_once(model_server.url, model="gpt-5-mini").findings

    assert degraded is not None
    assert (degraded.degraded, degraded.model, degraded.attempts) == (True, "gpt-5-nano", 2)
    call = degraded.calls[0]
    assert call.parameters == {
        "response_format": "bounded-schema",
        "max_completion_tokens": 4096,
        "temperature": 0.5,
        "seed": 3,
    }
    assert plain is not None
    call = plain.calls[0]
    assert (call.model, call.degraded, call.finish_reason, call.request_id) == (
        "gpt-5-mini-2025-08-07",
        False,
        "stop",
        "c-1",
    )
    assert (call.input_tokens, call.cached_tokens, call.output_tokens) == (900, 800, 50)
    assert call.cost_usd == pytest.approx((100 * 0.25 + 800 * 0.025 + 50 * 2.0) / 10**6)
    assert call.latency_ms >= 0


def test_a_clock_that_jumps_by_an_hour_changes_nothing(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch):
    real, jumps = time.time, iter(range(10**6))
    monkeypatch.setattr(time, "time", lambda: real() + (3600 if next(jumps) % 2 else -3600))
    model_server.script(do.status(500), do.status(429, headers={"retry-after-ms": "50"}))

    outcome = judge_once(model_server.url, requests_per_minute=600)

    assert outcome.kind == "findings"
    assert len(model_server.requests) == 3
