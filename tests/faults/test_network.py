import asyncio
import json
import resource

import httpcore2
import httpx2
import pytest

from app.judge.client import Limits, ModelClient
from app.judge.dialect import Options
from app.judge.endpoint import read_endpoint
from app.judge.failures import Fault, Kind
from app.judge.transport import is_beyond_this_machine, is_refused
from app.outbound import CappedClient, GuardedBackend, GuardedTransport
from tests.faults import behaviours as do
from tests.faults.harness import (
    BRISK,
    judge_once,
    make_settings,
)
from tests.faults.server import ModelServer


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


async def ask_with_resolver(addresses: list[str] | OSError, *, loopback_only: bool = False) -> Fault:
    async def resolve(_host: str, _port: int) -> list[str]:
        if isinstance(addresses, OSError):
            raise addresses
        return addresses

    settings = make_settings("https://model.invalid/v1")
    backend = GuardedBackend(is_beyond_this_machine if loopback_only else is_refused, resolve=resolve)
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
    [
        "169.254.169.254",
        "fe80::1%eth0",
        "::ffff:169.254.1.1",
        "64:ff9b::a9fe:a9fe",
        "fd00:ec2::254",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
    ],
)
def test_a_name_that_leads_to_a_forbidden_address_is_never_called(address):
    assert asyncio.run(ask_with_resolver(["127.0.0.1", address])).kind is Kind.ADDRESS_REFUSED


def test_plain_http_meant_for_this_machine_does_not_leave_it():
    assert asyncio.run(ask_with_resolver(["10.0.0.7"], loopback_only=True)).kind is Kind.ADDRESS_REFUSED


def test_the_next_address_is_tried_when_one_does_not_answer(model_server: ModelServer):
    async def connect() -> None:
        async def resolve(_host: str, _port: int) -> list[str]:
            return ["::1", "127.0.0.1"]

        stream = await GuardedBackend(is_refused, resolve=resolve).connect_tcp(
            "model.invalid", model_server.port, timeout=5
        )
        await stream.aclose()

    with pytest.raises(httpcore2.ConnectError):
        asyncio.run(GuardedBackend(is_refused).connect_tcp("::1", model_server.port, timeout=5))
    asyncio.run(connect())
    assert model_server.requests == []
