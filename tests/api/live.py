"""The service on a real socket, in a thread of the test's own process."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from app.http.serve import serve
from app.settings import Settings

_START_TIMEOUT_S = 60


@contextmanager
def serving(settings: Settings) -> Generator[int]:
    """Serve while the context lasts; yield the port."""
    started = threading.Event()
    running: list[tuple[uvicorn.Server, int]] = []
    failures: list[BaseException] = []

    def note(server: uvicorn.Server, _: str, port: int) -> None:
        running.append((server, port))
        started.set()

    def work() -> None:
        try:
            asyncio.run(serve(settings, note))
        except BaseException as error:  # noqa: BLE001 - handed to the test's thread below
            failures.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert started.wait(_START_TIMEOUT_S)
        if failures:
            raise failures[0]
        yield running[0][1]
    finally:
        for server, _ in running:
            server.should_exit = True
        thread.join(_START_TIMEOUT_S)
        assert not thread.is_alive()
