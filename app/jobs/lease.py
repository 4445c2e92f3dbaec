"""Hold an executor's id: one process at a time, told by its beats and by no clock."""

import asyncio
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

from app.errors import Misconfigured, StoreUnavailable
from app.store.executors import ExecutorRecord, Executors

BEAT_S = 3.0
SILENCE_S = 15.0  # without a beat for this long, a process counts as dead

logger = logging.getLogger("app.jobs")


def default_executor_id(role: str) -> str:
    """Return the id of a process that was given none: the same after each restart on the same machine."""
    return f"{socket.gethostname()}-{role}"


@asynccontextmanager
async def holding(executors: Executors, executor_id: str, *, beat_s: float = BEAT_S) -> AsyncGenerator[str]:
    """Hold an id while the context lasts; yield its token.

    An id whose holder was killed is taken over: at once where it ran beside this process, else after `SILENCE_S`.
    Whoever loses its id all the same is told to stop, by SIGTERM.

    Raises:
        Misconfigured: A live process holds it.
        StoreUnavailable: The database does not answer.
    """
    token = await _claim(executors, executor_id)
    beats = _Beats(executors, executor_id, token, beat_s)
    beats.start()
    try:
        yield token
    finally:
        beats.end()
        await asyncio.to_thread(beats.join)
        with suppress(StoreUnavailable):  # then its silence tells
            await executors.remove(executor_id, token)


class Watch:
    """Tells which executors live, from how their beats go on while it looks.

    Args:
        now: Monotonic seconds.
        own: The id of the process that looks: whoever looks lives, however late its own beats are.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic, *, own: str | None = None) -> None:
        self.now = now
        self._own = own
        self._seen: dict[str, tuple[str, int, float]] = {}

    def forget(self) -> None:
        """Begin anew: for a while nobody could be seen."""
        self._seen.clear()

    def split(self, records: tuple[ExecutorRecord, ...], looked_at: float) -> tuple[set[str], list[ExecutorRecord]]:
        """Return the ids of those that live, and those that are dead.

        Args:
            records: All executors, with their beats.
            looked_at: By `now`, before the records were read: what comes between is nobody's silence.
        """
        now, seen = looked_at, {}
        alive: set[str] = set()
        dead: list[ExecutorRecord] = []
        for record in records:
            token, beats, since = self._seen.get(record.id, ("", -1, now))
            since = since if (token, beats) == (record.token, record.beats) else now
            seen[record.id] = (record.token, record.beats, since)
            if record.id != self._own and (record.is_gone or now - since >= SILENCE_S):
                dead.append(record)
            else:
                alive.add(record.id)
        self._seen = seen
        return alive, dead


async def _claim(executors: Executors, executor_id: str) -> str:
    first: ExecutorRecord | None = None
    until = time.monotonic() + SILENCE_S
    while True:
        found = {record.id: record for record in await executors.list()}.get(executor_id)
        first = first or found
        changed = found and first and (found.token, found.beats) != (first.token, first.beats)
        if changed:
            raise Misconfigured(
                f"a live process works under the id {executor_id}: give this one another with "
                "COACH_EXECUTOR_ID (worker: --id), one for each process and the same after each restart",
                slug="executor-taken",
            )
        if found is None or found.is_gone or time.monotonic() >= until:
            token = await executors.claim(executor_id, instead_of=found)
            if token is not None:
                return token
        await asyncio.sleep(min(1.0, BEAT_S / 2))


class _Beats(threading.Thread):
    """Shows that this process lives, from a thread of its own: an event loop that stands still is not dead."""

    def __init__(self, executors: Executors, executor_id: str, token: str, beat_s: float) -> None:
        super().__init__(name="beats", daemon=True)
        self._executors = executors
        self._held = (executor_id, token)
        self._beat_s = beat_s
        self._over = threading.Event()

    def end(self) -> None:
        """Begin no further beat."""
        self._over.set()

    def run(self) -> None:
        while not self._over.wait(self._beat_s):
            try:
                is_ours = self._executors.beat(*self._held)
            except StoreUnavailable as error:  # nobody can see it either
                logger.warning("a beat failed: %s", error.detail)
            except Exception as error:  # noqa: BLE001 - without its beats the process would be taken for dead
                logger.warning("a beat failed: %s", type(error).__name__)
            else:
                if not is_ours:
                    self._stop_process()
                    return

    def _stop_process(self) -> None:
        logger.error("this process was silent for too long and counts as dead; it stops, and may be started again")
        os.kill(os.getpid(), signal.SIGTERM)
