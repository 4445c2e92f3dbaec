"""Take in a request's body within limits, and stop working for a client that has left."""

import asyncio
import logging

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.problems import RequestProblem, render_problem

BODY_TIMEOUT_S = 30.0

logger = logging.getLogger("app.http")


class Inbox:
    """ASGI middleware that reads the whole body first, then runs the application until it is done or the client leaves.

    Args:
        app: What to run.
        max_bytes: Longer bodies are refused before anything else looks at the request, announced or chunked.
        timeout_s: The time that a body may take to arrive.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, timeout_s: float = BODY_TIMEOUT_S) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(scope, receive)
        except RequestProblem as problem:
            await render_problem(problem)(scope, receive, send)
            return
        if body is not None:
            await _run_while_connected(self._app, scope, body, receive, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return the body, or None when the client left before it was complete."""
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced) > self._max_bytes:
            raise self._too_large()
        body = bytearray()
        try:
            async with asyncio.timeout(self._timeout_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    if len(body) > self._max_bytes:
                        raise self._too_large()
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise RequestProblem("slow-request", headers={"Connection": "close"}) from None

    def _too_large(self) -> RequestProblem:
        return RequestProblem("body-too-large", f"The body may have up to {self._max_bytes} bytes.")


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
