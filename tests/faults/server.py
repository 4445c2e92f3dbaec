"""A real HTTP server on loopback that speaks chat completions and misbehaves on request.

It runs in a thread of its own, so that it serves threads, subprocesses and event loops alike:

    with ModelServer() as server:
        server.script(status(429, headers={"retry-after-ms": "20"}))   # one behaviour a request, then the default
        ...
        assert len(server.requests) == 2
"""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

_REASONS = {200: "OK", 307: "Temporary Redirect", 308: "Permanent Redirect", 404: "Not Found"}


@dataclass
class Request:
    """One request as it arrived; `closed` is set once the client hung up before the reply was over."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    closed: threading.Event = field(default_factory=threading.Event)

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def prompt(self) -> str:
        """All messages in one text."""
        return "\n\n".join(message["content"] for message in self.json["messages"])


class Exchange:
    """One request and the wire to answer it on."""

    def __init__(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.request = request
        self._reader = reader
        self._writer = writer
        self.over = False
        self.always: dict[str, str] = {}  # headers that go with the reply, whatever it is

    async def send(self, data: bytes) -> None:
        """Put bytes on the wire; notices when nobody reads them."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except ConnectionError:
            self.over = True
        if self.over or self._reader.at_eof():
            self.over = True
            self.request.closed.set()

    async def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Send a complete reply."""
        await self.send(self.head(status, {"content-length": str(len(body)), **self.always, **(headers or {})}) + body)

    @staticmethod
    def head(status: int, headers: dict[str, str]) -> bytes:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in {"content-type": "application/json", **headers}.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    async def wait_for_hang_up(self, longest_s: float = 30.0) -> None:
        """Say nothing more until the client goes."""
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(longest_s):
                await self._reader.read(1)
                self.request.closed.set()
        self.over = True

    def hang_up(self) -> None:
        """Close in the orderly way after this reply."""
        self.over = True

    def reset(self) -> None:
        """Cut the connection so that the client gets a reset."""
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        self.over = True


Behaviour = Callable[[Exchange], Awaitable[None]]


class ModelServer:
    """A chat-completions endpoint under a test's control.

    Args:
        default: What happens to each request that no script is left for.
    """

    def __init__(self, default: Behaviour | None = None) -> None:
        from tests.faults.behaviours import answer_sensibly  # noqa: PLC0415 - behaviours are written against this module

        self._default = default or answer_sensibly
        self._script: list[Behaviour] = []
        self.requests: list[Request] = []
        self.connections = 0
        self.bytes_received = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._arrival = threading.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """What goes into COACH_BASE_URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def script(self, *behaviours: Behaviour, then: Behaviour | None = None) -> None:
        """Set what happens to the next requests, one behaviour each, and to all after them."""
        self._script = list(behaviours)
        if then is not None:
            self._default = then

    def wait_for_requests(self, count: int, longest_s: float = 10.0) -> None:
        """Wait until that many requests have arrived.

        Raises:
            TimeoutError: They have not.
        """
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self.requests) >= count, longest_s):
                raise TimeoutError(f"{len(self.requests)} of {count} requests have arrived")

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the model server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._serve_connection(reader, writer)
        except asyncio.CancelledError:
            pass  # the server stops; an error here would only be noise
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await self._read(reader)
            if request is None:
                writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
            with self._arrival:
                self.requests.append(request)
                self._arrival.notify_all()
            behaviour = self._script.pop(0) if self._script else self._default
            exchange = Exchange(request, reader, writer)
            await behaviour(exchange)
            if exchange.over:
                return

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        first = await reader.readexactly(1)
        self.bytes_received += 1
        if not first.isalpha():
            return None  # not HTTP, such as a TLS greeting
        head = first + await reader.readuntil(b"\r\n\r\n")
        opening, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, path, _ = opening.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.bytes_received += len(head) + len(body) - 1
        return Request(method, path, headers, body)
