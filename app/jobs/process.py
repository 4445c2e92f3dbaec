"""Processes that do nothing but work on batches, or look after who does."""

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from app.coach.opening import opened
from app.coach.stories import StoryCoach
from app.jobs.aside import for_worker
from app.jobs.desk import Desk
from app.jobs.lease import BEAT_S, SILENCE_S, Watch
from app.jobs.queue import JobQueue
from app.jobs.working import working
from app.settings import Settings
from app.store import Store
from app.store.executors import ExecutorRecord

logger = logging.getLogger("app.jobs")


class Found(NamedTuple):
    """Who works, how many jobs each has, and how many wait."""

    executors: tuple[ExecutorRecord, ...]
    held: Mapping[str, int]
    waiting: int


async def work(settings: Settings) -> None:
    """Work on batches until SIGINT or SIGTERM.

    Raises:
        Misconfigured: A live process works under the same id, or something is not set up.
        StoreUnavailable: The database does not answer.
    """
    chosen = for_worker(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    beginning = asyncio.current_task()

    def leave() -> None:
        stop.set()
        if beginning is not None:
            beginning.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, leave)
    try:
        async with AsyncExitStack() as stack:
            store, catalog, assessor, _ = await stack.enter_async_context(opened(chosen))
            desk = Desk(chosen, store, catalog, StoryCoach(store, assessor, engine=chosen.engine))
            await stack.enter_async_context(working(chosen, store, desk, assessor, role="worker"))
            beginning = None  # from here on it is not interrupted
            logger.info("working on up to %d stories at a time", settings.worker_concurrency)
            await stop.wait()
            logger.info("stopping")
    except asyncio.CancelledError:
        if not stop.is_set():
            raise


async def look(settings: Settings) -> Found:
    """Return who works now."""
    async with _queue_of(settings) as (store, queue):
        held, waiting = await asyncio.to_thread(queue.count)
        return Found(await store.executors.list(), held, waiting)


async def recover(settings: Settings) -> int:
    """Take over from executors that do not live, and return how many jobs wait again."""
    async with _queue_of(settings) as (store, queue):
        watch = Watch()
        loop = asyncio.get_running_loop()
        until = loop.time() + SILENCE_S + BEAT_S
        holders = await asyncio.to_thread(queue.find_holders)
        alive, dead = watch.split(await store.executors.list(), watch.now())
        while loop.time() < until and alive:
            await asyncio.sleep(1)
            holders = await asyncio.to_thread(queue.find_holders)
            looked_at = watch.now()
            alive, dead = watch.split(await store.executors.list(), looked_at)
        count = await asyncio.to_thread(queue.recover, holders, alive)
        for record in dead:
            await store.executors.remove(record.id, record.token)
        return count


@asynccontextmanager
async def _queue_of(settings: Settings) -> AsyncGenerator[tuple[Store, JobQueue]]:
    async with Store.open(settings.database_url.get_secret_value()) as store:
        await store.check_schema()
        queue = JobQueue(store.engine)
        await asyncio.to_thread(queue.prepare)
        yield store, queue
