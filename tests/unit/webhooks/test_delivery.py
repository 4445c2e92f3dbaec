"""Deliveries to a real receiver on this machine, and to none where the address may not be called."""

import asyncio
import json
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from app.outbound import Resolve
from app.settings import Settings
from app.webhooks import Delivery, Outcome, deliver
from tests.faults import behaviours as do
from tests.faults.server import Exchange, ModelServer
from tests.unit.webhooks.test_events import EVENT, NEW, OLD


@pytest.fixture
def receiver() -> Iterator[ModelServer]:
    """A server that says 200 to whatever arrives."""
    with ModelServer(default=do.raw(b"")) as server:
        yield server


def settings_for(*hosts: str, loopback: bool = True) -> Settings:
    return Settings(
        webhook_hosts=hosts,
        webhook_secret=SecretStr(NEW),
        webhook_previous_secret=SecretStr(OLD),
        webhook_loopback=loopback,
    )


def send(receiver: ModelServer, **options) -> Delivery:
    host = f"127.0.0.1:{receiver.port}"
    return asyncio.run(deliver(EVENT, f"http://{host}/hook?a=b", settings=settings_for(host), **options))


def resolver(*answers: list[str]) -> tuple[Resolve, list[str]]:
    """Return a look-up of names that gives these answers in turn, and the names that were looked up."""
    asked: list[str] = []

    async def resolve(host: str, _: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


def test_a_receiver_gets_the_event_and_can_verify_it(receiver: ModelServer, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    delivery = send(receiver)
    assert (delivery.outcome, delivery.status) == (Outcome.DELIVERED, 200)
    [request] = receiver.requests
    assert (request.method, request.path) == ("POST", "/hook?a=b")
    for secret in (NEW, OLD):
        assert Webhook(secret).verify(request.body, request.headers) == json.loads(EVENT.render())
    assert request.headers["webhook-id"] == EVENT.id
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert "authorization" not in request.headers
    assert EVENT.id in caplog.text
    for secret in ("hook?a=b", NEW, OLD, "assessed", request.headers["webhook-signature"]):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("behaviour", "outcome", "status", "wish"),
    [
        (do.raw(b"", status=204), Outcome.DELIVERED, 204, None),
        (do.raw(b"", status=410), Outcome.GONE, 410, None),
        (do.raw(b"", status=404), Outcome.REJECTED, 404, None),
        (do.raw(b"", status=500), Outcome.REJECTED, 500, None),
        (do.raw(b"", status=503, headers={"retry-after": "30"}), Outcome.REJECTED, 503, 30.0),
        (do.raw(b"", status=429, headers={"retry-after": "9" * 50}), Outcome.REJECTED, 429, 86_400.0),
        (do.raw(b"", status=429, headers={"retry-after": "soon"}), Outcome.REJECTED, 429, None),
        (do.raw(b"", status=500, headers={"retry-after": "30"}), Outcome.REJECTED, 500, None),
        (do.reset_before_headers, Outcome.UNREACHABLE, None, None),
        (do.raw(b"x" * 100_000), Outcome.DELIVERED, 200, None),
        (do.gzip_bomb(50), Outcome.DELIVERED, 200, None),
    ],
    ids=["204", "410", "404", "500", "503-wait", "429-for-ever", "429-soon", "500-wait", "reset", "long", "bomb"],
)
def test_what_a_receiver_answers_decides(receiver: ModelServer, behaviour, outcome, status, wish):
    receiver.script(behaviour)
    delivery = send(receiver)
    assert (delivery.outcome, delivery.status, delivery.retry_after_s) == (outcome, status, wish)


def test_a_redirect_is_not_followed(receiver: ModelServer):
    with ModelServer() as elsewhere:
        for code in (301, 302, 303, 307, 308):
            receiver.script(do.redirect(code, elsewhere.url))
            assert send(receiver)[:2] == (Outcome.REJECTED, code)
        assert elsewhere.connections == 0


def test_a_receiver_that_says_nothing_or_drips_is_left(receiver: ModelServer):
    async def drip_for_ever(exchange: Exchange) -> None:
        await exchange.send(exchange.head(200, {"content-length": "99999"}))
        while not exchange.over:
            await exchange.send(b"x")
            await asyncio.sleep(0.02)

    for behaviour in (do.hang, drip_for_ever):
        receiver.script(behaviour)
        assert send(receiver, deadline_s=0.3).outcome is Outcome.TOO_SLOW
        assert receiver.requests[-1].closed.wait(10)


def test_nobody_there_is_unreachable():
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        host = f"127.0.0.1:{gone.getsockname()[1]}"
    delivery = asyncio.run(deliver(EVENT, f"http://{host}/", settings=settings_for(host)))
    assert (delivery.outcome, delivery.may_try_again) == (Outcome.UNREACHABLE, True)


def test_proxies_of_the_environment_are_not_used(receiver: ModelServer, monkeypatch: pytest.MonkeyPatch):
    with ModelServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send(receiver).outcome is Outcome.DELIVERED
        assert proxy.connections == 0


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["fe80::1%eth0"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["100.64.0.1"],
        ["0.0.0.0"],  # noqa: S104
    ],
)
def test_a_name_that_leads_inside_is_not_called(receiver: ModelServer, addresses):
    resolve, asked = resolver(addresses)
    host = f"hooks.example.com:{receiver.port}"
    url = f"https://{host}/"
    delivery = asyncio.run(deliver(EVENT, url, settings=settings_for(host), resolve=resolve))
    assert delivery.outcome is Outcome.NOT_ALLOWED
    assert not delivery.may_try_again
    assert (asked, receiver.connections) == (["hooks.example.com"], 0)


def test_a_name_for_this_machine_that_leads_out_is_not_called():
    resolve, _ = resolver(["93.184.216.34"])
    delivery = asyncio.run(deliver(EVENT, "http://localhost:9/", settings=settings_for("localhost:9"), resolve=resolve))
    assert delivery.outcome is Outcome.NOT_ALLOWED


def test_the_address_that_was_checked_is_the_one_that_is_called(receiver: ModelServer):
    """A name that says something else the second time is never asked a second time."""
    resolve, asked = resolver(["127.0.0.1"], ["169.254.169.254"])
    host = f"localhost:{receiver.port}"
    delivery = asyncio.run(deliver(EVENT, f"http://{host}/", settings=settings_for(host), resolve=resolve))
    assert delivery.outcome is Outcome.DELIVERED
    assert (asked, receiver.requests[0].headers["host"]) == (["localhost"], host)


def test_the_receivers_name_and_not_its_address_is_what_tls_checks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.webhooks.delivery.is_not_public", lambda _: False)
    named: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def greet() -> None:
            taken, _ = listener.accept()
            with closing(taken), suppress(OSError):
                context.wrap_socket(taken, server_side=True)

        thread = threading.Thread(target=greet)
        thread.start()
        resolve, _ = resolver(["127.0.0.1"])
        host = f"hooks.example.com:{listener.getsockname()[1]}"
        delivery = asyncio.run(deliver(EVENT, f"https://{host}/", settings=settings_for(host), resolve=resolve))
        thread.join()
    assert (named, delivery.outcome) == (["hooks.example.com"], Outcome.UNREACHABLE)


def test_a_url_that_is_no_longer_allowed_is_not_called(receiver: ModelServer):
    url = f"http://127.0.0.1:{receiver.port}/"
    for chosen in (settings_for("a.example"), settings_for(f"127.0.0.1:{receiver.port}", loopback=False)):
        assert asyncio.run(deliver(EVENT, url, settings=chosen)).outcome is Outcome.NOT_ALLOWED
    assert receiver.connections == 0
