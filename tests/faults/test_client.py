import asyncio
import json
import resource
import time
from typing import Any

import httpcore2
import httpx2
import pytest

from app.errors import CoachError, LimitExceeded, Misconfigured
from app.judge.client import Limits, ModelClient
from app.judge.dialect import Options
from app.judge.endpoint import read_endpoint
from app.judge.failures import Fault, Kind
from app.judge.findings import Findings
from app.judge.transport import CappedClient, GuardedBackend, GuardedTransport
from tests.faults import behaviours as do
from tests.faults.harness import (
    BRISK,
    KEY,
    STORY,
    judge_once,
    make_brief,
    make_settings,
    open_test_judge,
    with_patience,
)
from tests.faults.server import ModelServer, Request


def parameters(request: Request) -> dict[str, Any]:
    return {name: value for name, value in request.json.items() if name not in {"messages", "model"}}


async def judge_all(url: str, count: int, **options: Any) -> list[Findings | BaseException]:
    judge = open_test_judge(url, **options)
    try:
        return await asyncio.gather(*(judge.judge(make_brief()) for _ in range(count)), return_exceptions=True)
    finally:
        await judge.aclose()


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


def test_a_refused_parameter_is_never_sent_again(model_server: ModelServer):
    model_server.script(do.refuse_parameter("temperature"))

    async def judge_twice() -> None:
        judge = open_test_judge(model_server.url, temperature=0.3, seed=5)
        await judge.judge(make_brief())
        await judge.judge(make_brief())
        await judge.aclose()

    asyncio.run(judge_twice())

    first, *rest = [parameters(request) for request in model_server.requests]
    assert (first["temperature"], first["seed"]) == (0.3, 5)
    assert len(rest) == 2
    assert all("temperature" not in sent and sent["seed"] == 5 for sent in rest)


def test_calls_at_once_learn_the_same_thing_once(model_server: ModelServer):
    async def refuse_schemas(exchange) -> None:
        form = exchange.request.json.get("response_format", {}).get("type")
        refuses = form == "json_schema"
        await (do.refuse_parameter("response_format") if refuses else do.answer_sensibly)(exchange)

    model_server.script(then=refuse_schemas)

    results = asyncio.run(judge_all(model_server.url, 8))

    assert all(isinstance(result, Findings) for result in results)
    assert parameters(model_server.requests[-1])["response_format"] == {"type": "json_object"}


def test_the_form_is_asked_for_more_and_more_weakly(model_server: ModelServer):
    refuse = do.refuse_parameter("response_format")
    model_server.script(refuse, refuse, refuse)

    assert judge_once(model_server.url).kind == "findings"

    forms = [parameters(request).get("response_format") for request in model_server.requests]
    assert [form and form["type"] for form in forms] == ["json_schema", "json_schema", "json_object", None]
    assert "maxLength" in json.dumps(forms[0])
    assert "maxLength" not in json.dumps(forms[1])
    shown = ["additionalProperties" in request.prompt for request in model_server.requests]
    assert shown == [False, False, True, True]


def test_the_limit_on_tokens_is_renamed_then_left_out(model_server: ModelServer):
    model_server.script(do.refuse_parameter("max_completion_tokens"), do.refuse_parameter("max_tokens"))

    assert judge_once(model_server.url, max_output_tokens=512).kind == "findings"

    sent = [parameters(request) for request in model_server.requests]
    assert [(s.get("max_completion_tokens"), s.get("max_tokens")) for s in sent] == [
        (512, None),
        (None, 512),
        (None, None),
    ]


def test_a_cut_answer_gets_more_room_and_the_same_question(model_server: ModelServer):
    model_server.script(do.answer('{"signals": [', finish_reason="length"))

    assert judge_once(model_server.url, max_output_tokens=1000).kind == "findings"

    first, second = model_server.requests
    assert parameters(second)["max_completion_tokens"] == 2000
    assert second.json["messages"] == first.json["messages"]


def test_a_repair_has_one_size_and_never_shows_the_bad_answer(model_server: ModelServer):
    sizes: list[int] = []
    for bad in ("{}", json.dumps({"signals": "X" * 50_000})):
        before = len(model_server.requests)
        model_server.script(do.answer(bad))
        assert judge_once(model_server.url).kind == "findings"
        first, second = model_server.requests[before:]
        assert second.json["messages"][:2] == first.json["messages"]
        assert "XXX" not in second.prompt
        sizes.append(len(second.prompt))

    assert sizes[0] == sizes[1]


def test_a_request_asks_for_no_tool_no_stream_and_nothing_that_was_not_set(model_server: ModelServer):
    judge_once(model_server.url)

    assert set(parameters(model_server.requests[0])) == {"response_format", "max_completion_tokens"}


def test_a_key_goes_to_the_endpoint_and_no_key_means_no_header(model_server: ModelServer):
    judge_once(model_server.url)
    judge_once(model_server.url, api_key=None)

    with_key, without = model_server.requests
    assert with_key.headers["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in without.headers


def test_proxies_of_the_environment_are_not_used(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch):
    with ModelServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        untrusting = judge_once(model_server.url)
        seen_untrusting = proxy.connections
        trusting = judge_once(model_server.url, trust_env=True)

        assert (untrusting.kind, seen_untrusting) == ("findings", 0)
        assert (trusting.kind, proxy.connections) == ("findings", 1)


def test_a_bomb_takes_little_memory(model_server: ModelServer):
    judge_once(model_server.url)
    model_server.script(do.gzip_bomb(400))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    outcome = judge_once(model_server.url)

    assert outcome.kind == Kind.REPLY_TOO_LARGE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_a_reply_may_be_as_long_as_the_cap_and_not_a_byte_longer(model_server: ModelServer):
    whole = json.dumps(do.completion(do.findings())).encode()
    model_server.script(do.raw(whole.ljust(5000)), do.raw(whole.ljust(5001)))

    assert judge_once(model_server.url, max_response_bytes=5000).kind == "findings"
    assert judge_once(model_server.url, max_response_bytes=5000).kind == Kind.REPLY_TOO_LARGE


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


async def ask_with_resolver(addresses: list[str] | OSError, *, loopback_only: bool = False) -> Fault:
    async def resolve(_host: str, _port: int) -> list[str]:
        if isinstance(addresses, OSError):
            raise addresses
        return addresses

    settings = make_settings("https://model.invalid/v1")
    backend = GuardedBackend(resolve=resolve, loopback_only=loopback_only)
    http = CappedClient(max_bytes=1000, transport=GuardedTransport(backend, httpx2.Limits()), trust_env=False)
    limits = Limits(output_tokens=100, calls_in_flight=1)
    client = ModelClient(read_endpoint(settings), http, patience=BRISK, limits=limits, options=Options(None, None))
    try:
        with pytest.raises(Fault) as caught:
            await client.reach()
        return caught.value
    finally:
        await client.aclose()


def test_a_name_that_does_not_resolve_is_unreachable():
    assert asyncio.run(ask_with_resolver(OSError("no such name"))).kind is Kind.UNREACHABLE
    assert asyncio.run(ask_with_resolver([])).kind is Kind.UNREACHABLE


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fe80::1%eth0", "::ffff:169.254.1.1", "fd00:ec2::254", "0.0.0.0", "224.0.0.1"],  # noqa: S104
)
def test_a_name_that_leads_to_a_forbidden_address_is_never_called(address):
    assert asyncio.run(ask_with_resolver(["127.0.0.1", address])).kind is Kind.ADDRESS_REFUSED


def test_plain_http_meant_for_this_machine_does_not_leave_it():
    assert asyncio.run(ask_with_resolver(["10.0.0.7"], loopback_only=True)).kind is Kind.ADDRESS_REFUSED


def test_the_next_address_is_tried_when_one_does_not_answer(model_server: ModelServer):
    async def connect() -> None:
        async def resolve(_host: str, _port: int) -> list[str]:
            return ["::1", "127.0.0.1"]

        stream = await GuardedBackend(resolve=resolve).connect_tcp("model.invalid", model_server.port, timeout=5)
        await stream.aclose()

    with pytest.raises(httpcore2.ConnectError):
        asyncio.run(GuardedBackend().connect_tcp("::1", model_server.port, timeout=5))
    asyncio.run(connect())
    assert model_server.requests == []


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
