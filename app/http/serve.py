"""Run the service on uvicorn until it is told to stop."""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn

from app.errors import Misconfigured
from app.http.application import create_app
from app.http.wire import LimitedProtocol
from app.settings import Settings

KEEP_ALIVE_S = 20
GRACE_S = 30
_BACKLOG = 512

logger = logging.getLogger("app.http")


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is under way, for up to `GRACE_S` seconds.

    Raises:
        Misconfigured: The address can't be listened on, or something that the service needs is not set up.
        StoreUnavailable: The database does not answer.
    """
    set_up_logging(settings.log_level)
    asyncio.run(serve(settings, announce))


async def serve(settings: Settings, on_listening: Callable[[uvicorn.Server, str, int], None]) -> None:
    """Serve until the server is told to stop.

    Args:
        settings: What to serve with; a port of 0 takes any free one.
        on_listening: Told the server, and the host and port it listens on, as soon as it takes requests and signals.

    Raises:
        Misconfigured: As in `run`.
        StoreUnavailable: As in `run`.
    """
    app = create_app(settings)
    # The lifespan runs here, not in uvicorn, so that a failure to start reaches the caller as what it is.
    # The address is taken first: who can't have it must not wait for a lease, or take one.
    with listen(settings.host, settings.port) as listener:
        async with app.router.lifespan_context(app):
            server = Server(configure(app), on_listening, app.state.services.stopping.set)
            await server.serve(sockets=[listener])


def announce(_: uvicorn.Server, host: str, port: int) -> None:
    """Log where the service listens."""
    logger.info("listening on http://%s:%d, the docs are at /docs", f"[{host}]" if ":" in host else host, port)


def configure(app: object) -> uvicorn.Config:
    """Return how uvicorn runs an application: no banner, no log of addresses and queries, limits on headers."""
    return uvicorn.Config(
        app,  # pyright: ignore[reportArgumentType] - an ASGI application, typed differently by either side
        http=LimitedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )


class Server(uvicorn.Server):
    """A server that ends by returning: a signal stops it and is not raised again, so that what is open gets closed."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_listening: Callable[[uvicorn.Server, str, int], None],
        on_stopping: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._on_listening = on_listening
        self._on_stopping = on_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Take requests from now on, and tell so."""
        await super().startup(sockets)
        for listener in sockets or ():
            self._on_listening(self, *listener.getsockname()[:2])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more requests and finish what is under way; whatever goes on by itself is told first."""
        self._on_stopping()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop on SIGINT and SIGTERM for as long as the context lasts; only a process's first thread gets them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):  # the loop's end removes them
                loop.add_signal_handler(number, logger.warning, "stopping already: what is under way comes to its end")


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        Misconfigured: The address is taken, not allowed or not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, so that asyncio turns off Nagle's delay for its connections: it costs 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        raise Misconfigured(f"can't listen on {host} port {port}: {reason}", slug="bad-address") from None
    return listener


def set_up_logging(level: str) -> None:
    """Write this service's own lines to stderr, and of other libraries nothing below a warning.

    A library's debug lines may hold a request, so the level that an operator sets does not reach them.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("app").setLevel(level)
