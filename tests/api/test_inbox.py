"""The middleware that takes in bodies and lets go of clients that have left, by itself."""

import asyncio
import json
from collections.abc import Callable, Iterable

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Unauthenticated
from app.http.inbox import Inbox

pytestmark = pytest.mark.anyio

SCOPE: Scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
OK: Message = {"type": "http.response.start", "status": 200, "headers": []}
END: Message = {"type": "http.response.body", "body": b"done", "more_body": False}


class Client:
    """Sends the given messages, then stays silent until it leaves; keeps what it gets."""

    def __init__(self, *messages: Message) -> None:
        self._messages = list(messages)
        self._has_left = asyncio.Event()
        self.received: list[Message] = []

    def leave(self) -> None:
        self._has_left.set()

    async def receive(self) -> Message:
        if self._messages:
            return self._messages.pop(0)
        await self._has_left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.received.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.leave()  # as uvicorn reports it once the answer is complete

    @property
    def status(self) -> int | None:
        return self.received[0]["status"] if self.received else None

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.received[1:])


def chunks(parts: Iterable[bytes], *, has_end: bool = True) -> list[Message]:
    messages: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if has_end:
        messages.append({"type": "http.request", "body": b"", "more_body": False})
    return messages


async def answer(_: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    await send(OK)
    await send({**END, "body": message["body"]})


async def never(*_: object) -> None:
    pytest.fail("the application was run")


def inbox(app: ASGIApp, **options: float) -> Callable[..., asyncio.Future[None]]:
    wrapped = Inbox(app, max_bytes=10, **options)  # pyright: ignore[reportArgumentType]
    return lambda client: asyncio.ensure_future(wrapped(SCOPE, client.receive, client.send))


async def test_a_body_in_pieces_arrives_as_one():
    client = Client(*chunks([b"01234", b"56789"]))
    await inbox(answer)(client)
    assert (client.status, client.body) == (200, b"0123456789")


async def test_a_body_over_the_limit_never_reaches_the_application():
    client = Client(*chunks([b"01234", b"56789", b"x"]))
    await inbox(never)(client)
    assert client.status == 413
    assert json.loads(client.body)["type"] == "/problems/body-too-large"


async def test_the_refusal_of_a_body_does_not_wait_for_its_end():
    client = Client(*chunks([b"x" * 11], has_end=False))
    serving = inbox(never)(client)
    await asyncio.sleep(0.05)
    assert (client.status, serving.done()) == (413, False)
    client.leave()
    await serving


async def test_an_announced_body_over_the_limit_is_not_asked_for_when_the_client_waits():
    client = Client()
    scope = {**SCOPE, "headers": [(b"content-length", b"11"), (b"expect", b"100-continue")]}
    await Inbox(never, max_bytes=10)(scope, client.receive, client.send)
    assert client.status == 413


@pytest.mark.parametrize("length", [b"-1", b"x", b"", "²".encode(), b"1" * 5000])
async def test_an_odd_content_length_does_no_harm(length: bytes):
    client = Client(*chunks([b"01234"]))
    await Inbox(answer, max_bytes=10)({**SCOPE, "headers": [(b"content-length", length)]}, client.receive, client.send)
    assert client.status in (200, 413)


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"11")]])
async def test_a_larger_body_is_for_those_who_may_send_it(headers: list[tuple[bytes, bytes]]):
    asked: list[Scope] = []

    async def admit(scope: Scope) -> None:
        asked.append(scope)
        if len(asked) > 1:
            raise Unauthenticated("nobody")

    wrapped = Inbox(answer, max_bytes=10, larger={"/": 12}, admit=admit)
    scope = {**SCOPE, "headers": headers}
    welcome, stranger, small, huge = (
        Client(*chunks(parts)) for parts in ([b"12345"] * 2 + [b"6"],) * 2 + ([b"1"], [b"1" * 13])
    )
    await wrapped(scope, welcome.receive, welcome.send)
    assert (welcome.status, welcome.body) == (200, b"12345123456")
    await wrapped(scope, stranger.receive, stranger.send)
    assert stranger.status == 401
    await wrapped(SCOPE, small.receive, small.send)
    await wrapped(SCOPE, huge.receive, huge.send)
    assert (small.status, huge.status, len(asked)) == (200, 413, 2)


async def test_a_body_that_does_not_come_is_given_up():
    client = Client(*chunks([b"0"], has_end=False))
    await inbox(never, timeout_s=0.05)(client)
    assert client.status == 408
    assert json.loads(client.body)["retryable"] is True


async def test_a_client_that_leaves_before_its_body_is_complete_starts_nothing():
    client = Client(*chunks([b"0"], has_end=False))
    client.leave()
    await inbox(never)(client)
    assert client.received == []


async def test_work_for_a_client_that_leaves_is_cancelled_and_cleans_up():
    events: list[str] = []

    async def work(*_: object) -> None:
        events.append("began")
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            events.append("cleaned up")

    client = Client(*chunks([]))
    serving = inbox(work)(client)
    await asyncio.sleep(0.05)
    client.leave()
    await serving
    assert events == ["began", "cleaned up"]
    assert client.received == []


async def test_a_stream_to_a_client_that_leaves_is_cancelled():
    async def stream(_: Scope, __: Receive, send: Send) -> None:
        await send(OK)
        while True:
            await send({"type": "http.response.body", "body": b"tick", "more_body": True})
            await asyncio.sleep(0.001)

    client = Client(*chunks([]))
    serving = inbox(stream)(client)
    await asyncio.sleep(0.05)
    client.leave()
    await asyncio.wait_for(serving, 5)
    assert client.status == 200


async def test_what_follows_a_complete_answer_is_not_cancelled():
    events: list[str] = []

    async def work(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, receive, send)
        await asyncio.sleep(0.05)
        events.append("finished")

    client = Client(*chunks([b"x"]))
    await inbox(work)(client)
    assert events == ["finished"]


async def test_an_error_of_the_application_comes_out_as_it_is():
    async def fail(*_: object) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await inbox(fail)(Client(*chunks([])))


async def test_a_server_that_stops_takes_the_work_along():
    cancelled = asyncio.Event()

    async def work(*_: object) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    serving = inbox(work)(Client(*chunks([])))
    await asyncio.sleep(0.05)
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert cancelled.is_set()


async def test_the_application_may_wait_for_the_client_to_leave():
    async def wait(_: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "http.request"
        await send(OK)
        await send(END)
        assert (await receive())["type"] == "http.disconnect"

    await inbox(wait)(Client(*chunks([])))
