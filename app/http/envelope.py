"""Wrap every answer: a request id, security headers, one access line, and a problem for what nobody caught."""

import logging
import secrets
import time
from pathlib import PurePath
from traceback import extract_tb

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.problems import RequestProblem, render_problem

REQUEST_ID = "X-Request-Id"
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HSTS = "max-age=31536000"
_CLIENT_LEFT = 499  # the customary number in access logs for a client that did not wait

logger = logging.getLogger("app.http")
access_logger = logging.getLogger("app.http.access")


class Envelope:
    """ASGI middleware around everything else.

    It logs what is on its own list and nothing more: method, route template, status, milliseconds, request id, and of
    an uncaught exception its type and place. Never an address, a query, a header, a body or an exception's text.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope["request_id"] = request_id
        started_s = time.perf_counter()
        status = 0

        async def send_wrapped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, request_id, is_tls=scope.get("scheme") == "https")
            await send(message)

        try:
            await self._app(scope, receive, send_wrapped)
        except Exception as error:  # noqa: BLE001 - the last resort; the text of an unknown error may hold a story
            logger.error("%s request=%s", _describe(error), request_id)  # noqa: TRY400 - a traceback may show a story
            if not status:
                await render_problem(RequestProblem("internal"))(scope, receive, send_wrapped)
        finally:
            spent_ms = (time.perf_counter() - started_s) * 1000
            access_logger.info(
                "%s %s %d %.1fms request=%s",
                scope["method"],
                _route_template(scope),
                status or _CLIENT_LEFT,
                spent_ms,
                request_id,
            )


def _add_headers(message: Message, request_id: str, *, is_tls: bool) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    if is_tls:
        headers.setdefault("Strict-Transport-Security", _HSTS)
    headers[REQUEST_ID] = request_id


def _describe(error: Exception) -> str:
    frames = extract_tb(error.__traceback__)
    place = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"uncaught {type(error).__name__} at {place}"


def _route_template(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", None) or "(no route)"
