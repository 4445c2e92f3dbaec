"""Take in a request's body within limits, and stop working for a client that has left."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import CoachError
from app.http.problems import RequestProblem, render_problem

BODY_TIMEOUT_S = 30.0
_DIGITS = re.compile("[0-9]+")
_MANY = 18  # digits; a number that has more is over any limit with these alone
_LINGER_S = 2.0
_LINGER_BYTES = 64 * 1024 * 1024


class _Refused(Exception):  # noqa: N818 - it never leaves this module
    """A request that goes no further.

    Args:
        problem: What the client is told.
        has_more: The client may still be sending its body.
    """

    def __init__(self, problem: CoachError, *, has_more: bool) -> None:
        super().__init__()
        self.problem = problem
        self.has_more = has_more


class Inbox:
    """ASGI middleware that reads the whole body first, then runs the application until it is done or the client leaves.

    Args:
        app: What to run.
        max_bytes: Longer bodies are refused before anything else looks at the request, announced or chunked.
        larger: Limits of addresses that take more, by their paths.
        admit: Raises the failure that a client is told who may not send more than `max_bytes` even there; asked before
            more than that is kept.
        timeout_s: The time that a body may take to arrive.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_bytes: int,
        larger: Mapping[str, int] | None = None,
        admit: Callable[[Scope], Awaitable[None]] | None = None,
        timeout_s: float = BODY_TIMEOUT_S,
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = dict(larger or {})
        self._admit = admit
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(scope, receive)
        except _Refused as refused:
            await _refuse(refused, scope, receive, send)
            return
        if body is not None:
            await _run_while_connected(self._app, scope, body, receive, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return the body, or None when the client left before it was complete."""
        most = self._max_bytes
        announced = Headers(scope=scope).get("content-length", "")
        if _DIGITS.fullmatch(announced) and int(announced[:_MANY]) > most:
            most = await self._widen(scope, int(announced[:_MANY]), has_more=True)
        body = bytearray()
        try:
            async with asyncio.timeout(self._timeout_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    has_more = message.get("more_body", False)
                    if len(body) > most:
                        most = await self._widen(scope, len(body), has_more=has_more)
                    if not has_more:
                        return bytes(body)
        except TimeoutError:
            raise _Refused(RequestProblem("slow-request", headers={"Connection": "close"}), has_more=False) from None

    async def _widen(self, scope: Scope, size: int, *, has_more: bool) -> int:
        """Return the larger limit of an address, for a client that may use it and a body of this size."""
        most = self._larger.get(scope["path"], self._max_bytes)
        if size > most:
            raise _too_large(most, has_more=has_more)
        if self._admit is not None:
            try:
                await self._admit(scope)
            except CoachError as failure:
                raise _Refused(failure, has_more=has_more) from None
        return most


def _too_large(most: int, *, has_more: bool) -> _Refused:
    return _Refused(RequestProblem("body-too-large", f"The body may have up to {most} bytes"), has_more=has_more)


async def _refuse(refused: _Refused, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once, and read on for a while: a connection closed on unread bytes would take the answer with it."""
    response = render_problem(refused.problem)
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    if refused.has_more and "expect" not in Headers(scope=scope):
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_S):
                await _discard(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _discard(receive: Receive) -> None:
    left = _LINGER_BYTES
    while left > 0:
        message = await receive()
        if not message.get("more_body", False):
            return
        left -= len(message["body"])


async def _run_while_connected(app: ASGIApp, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    gone = asyncio.ensure_future(_wait_for_disconnect(receive))
    is_answered = False

    async def replay() -> Message:
        if waiting:
            return waiting.pop()
        await asyncio.wait({gone})
        return {"type": "http.disconnect"}

    async def send_noting_the_end(message: Message) -> None:
        nonlocal is_answered
        await send(message)
        is_answered = message["type"] == "http.response.body" and not message.get("more_body", False)

    work = asyncio.ensure_future(app(scope, replay, send_noting_the_end))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            # The server reports a disconnect too when the answer is complete; what follows it may still finish then.
            if not is_answered:
                work.cancel()
            await asyncio.wait({work})
        if not work.cancelled():
            work.result()
    finally:
        work.cancel()
        gone.cancel()
        await asyncio.wait({work, gone})


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
