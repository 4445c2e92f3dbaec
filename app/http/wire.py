"""Speak HTTP/1.1 with limits that uvicorn leaves open: how large headers may be, and how long they may take."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.http.envelope import SECURITY_HEADERS
from app.http.problems import RequestProblem, render_problem

MAX_HEADER_BYTES = 32 * 1024
HEADER_TIMEOUT_S = 15.0
_AROUND_A_HEADER = len(": \r\n")


class LimitedProtocol(HttpToolsProtocol):
    """A connection that is closed when a request's line and headers are too large, too slow or not HTTP."""

    _header_bytes = 0  # of the headers that are complete
    _waiting_bytes = 0  # received while headers are waited for
    _header_timer: asyncio.TimerHandle | None = None
    _has_begun = False  # a request's first byte has come, and not yet all its headers
    _is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Start to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the connection is being closed."""
        if self._is_refused:
            return
        if self._header_timer is not None:
            self._waiting_bytes += len(data)
        super().data_received(data)
        if self._waiting_bytes > MAX_HEADER_BYTES:
            self._refuse("headers-too-large")

    def on_message_begin(self) -> None:
        """Begin to count a request's headers."""
        super().on_message_begin()
        self._has_begun = True
        self._header_bytes = 0
        if self._header_timer is None:
            self._wait_for_headers()

    def on_url(self, url: bytes) -> None:
        """Take in a piece of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header."""
        self._count(len(name) + len(value) + _AROUND_A_HEADER)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request on."""
        self._stop_waiting()
        self._has_begun = False
        self._waiting_bytes = 0
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no HTTP, or too much of it, with a problem, and close the connection."""
        del msg
        slug = "headers-too-large" if self._header_bytes > MAX_HEADER_BYTES else "malformed-request"
        self._refuse(slug)

    def _count(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > MAX_HEADER_BYTES:
            raise ValueError("too large")  # the parser stops and reports a callback error, which is answered above

    def _wait_for_headers(self) -> None:
        self._header_timer = self.loop.call_later(HEADER_TIMEOUT_S, self._give_up)

    def _give_up(self) -> None:
        """Stop waiting for headers: with a problem for what has begun, silently where nothing has."""
        if self._has_begun:
            self._refuse("slow-request")
        else:
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _refuse(self, slug: str) -> None:
        self._is_refused = True
        self._stop_waiting()
        if self.transport.is_closing():
            return
        response = render_problem(RequestProblem(slug))
        headers: list[tuple[Any, Any]] = [
            *response.headers.items(),
            *SECURITY_HEADERS.items(),
            ("connection", "close"),
        ]
        lines = [f"{name}: {value}\r\n".encode("latin-1") for name, value in headers]
        self.transport.write(b"".join([STATUS_LINE[response.status_code], *lines, b"\r\n", bytes(response.body)]))
        self.transport.close()
