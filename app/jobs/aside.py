"""Work on batches beside a service: in a thread with an event loop of its own.

In the service's loop each request would wait for its turn behind all jobs that have something to do. Beside it, the two
share the interpreter, which switches between them every other moment.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from app.catalog import Catalog
from app.coach.opening import assessing
from app.jobs.desk import Desk
from app.jobs.working import working
from app.settings import Settings
from app.store import Store

_SWITCH_S = 0.001  # a request takes the interpreter some twenty times, and waits so long for it each time


class _Aside(NamedTuple):
    """What runs in the thread, and how it is told to stop."""

    loop: asyncio.AbstractEventLoop
    task: "asyncio.Task[None]"
    leaving: asyncio.Event

    def stop(self, *, is_ready: bool) -> None:
        """Let it leave; one that is not ready yet is interrupted."""
        with suppress(RuntimeError):  # it has left
            self.loop.call_soon_threadsafe(self.leaving.set if is_ready else self.task.cancel)


@asynccontextmanager
async def working_aside(
    settings: Settings, store: Store, catalog: Catalog, desk: Desk, stopping: asyncio.Event | None = None
) -> AsyncGenerator[None]:
    """Work while the context lasts, as a worker of its own would that shares the database's threads with the service.

    Args:
        settings: As for a worker.
        store: The service's.
        catalog: The service's.
        desk: The service's.
        stopping: Set once nothing more is to begin, though the context lasts on.

    Raises:
        Misconfigured: A live process works under the same id.
        StoreUnavailable: The database does not answer.
    """
    sys.setswitchinterval(_SWITCH_S)
    await desk.queue()  # opened here, so that the other thread finds it open
    begun: Future[_Aside] = Future()
    ready: Future[None] = Future()

    async def work() -> None:
        task, leaving = asyncio.current_task(), asyncio.Event()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        begun.set_result(_Aside(asyncio.get_running_loop(), task, leaving))
        async with (
            assessing(for_worker(settings), catalog, store) as (assessor, _),
            working(settings, store, desk, assessor, role="serve"),
        ):
            ready.set_result(None)
            await leaving.wait()

    async def heed(stopping: asyncio.Event) -> None:
        await stopping.wait()
        begun.result().stop(is_ready=True)

    with ThreadPoolExecutor(1, thread_name_prefix="jobs") as thread:
        ended = asyncio.wrap_future(thread.submit(lambda: asyncio.run(work())))
        heeding = None
        try:
            await asyncio.wait({ended, asyncio.wrap_future(ready)}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                ended.result()
            heeding = asyncio.create_task(heed(stopping)) if stopping else None
            yield
        finally:
            if heeding is not None:
                heeding.cancel()
            if not ended.done():
                begun.result().stop(is_ready=ready.done())
            await _outlast(ended)


async def _outlast(ended: "asyncio.Future[None]") -> None:
    """Wait for the thread, whoever is impatient: the drain has a bound, and what it needs is closed after it."""
    impatience: asyncio.CancelledError | None = None
    while not ended.done():
        try:
            await asyncio.wait({ended})
        except asyncio.CancelledError as error:
            impatience = error
    if not ended.cancelled():
        ended.exception()  # looked at: what was raised before it was ready was raised above
    if impatience is not None:
        raise impatience


def for_worker(settings: Settings) -> Settings:
    """Return the settings of what assesses for the queue, which limits the calls by itself."""
    most_calls = max(settings.max_model_calls, settings.worker_concurrency)
    return settings.model_copy(update={"max_model_calls": most_calls})
