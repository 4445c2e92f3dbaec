"""Run jobs in this process until it is told to stop: DBOS, its lease and its watchdog."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import NamedTuple

from dbos import DBOS, DBOSConfig

from app.coach.batch import own_failure
from app.coach.stories import StoryCoach
from app.errors import CoachError, StoreUnavailable
from app.jobs.lease import Watch, holding
from app.jobs.queue import APPLICATION, ASSESS, RECEIVERS, STORIES, TELL, VERSION, JobQueue
from app.jobs.telling import Teller
from app.jobs.work import Worker
from app.settings import Settings
from app.store import Job, Store
from app.store.engine import open_engine

WATCH_S = 5.0
POLL_S = 0.1
KEPT_S = 3600.0  # jobs that have ended
THREADS = 16
_CONNECTIONS = 8
_TELLERS = 8
_PRUNE_EVERY = int(3600 / WATCH_S)

logger = logging.getLogger("app.jobs")


class _Here(NamedTuple):
    worker: Worker
    teller: Teller


_here: _Here | None = None  # DBOS calls plain functions, and there is one engine in a process


@DBOS.workflow(name=ASSESS, max_recovery_attempts=None)
async def _assess_story(user_id: str, batch_id: str, number: int, round_: int) -> None:
    await privately(_present().worker.do(Job(user_id, batch_id, number, round_)))


@DBOS.workflow(name=TELL, max_recovery_attempts=None)
async def _tell_receiver(user_id: str, batch_id: str, round_: int, attempt: int) -> None:
    await privately(_present().teller.tell(user_id, batch_id, round_, attempt))


async def privately(work: Awaitable[None]) -> None:
    """Await a job; of a defect DBOS's tables and log get the place and nothing that it says."""
    try:
        await work
    except CoachError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it may hold a story
        failure = own_failure(error)
    else:
        return
    raise failure


def _present() -> _Here:
    if _here is None:
        raise RuntimeError("the engine is not running")
    return _here


@asynccontextmanager
async def running(
    settings: Settings, store: Store, coach: StoryCoach, queue: JobQueue, *, executor_id: str
) -> AsyncGenerator[Worker]:
    """Do jobs while the context lasts. At its end what is under way may end, and the rest is handed back.

    Args:
        settings: How many jobs at a time, here and everywhere, and how long to wait at the end.
        store: The database.
        coach: Assesses, without a limit of its own.
        queue: Where jobs wait.
        executor_id: Of this process alone, and the same after each restart.

    Raises:
        Misconfigured: A live process works under this id.
        StoreUnavailable: The database does not answer.
    """
    global _here  # noqa: PLW0603 - see above
    async with holding(store.executors, executor_id) as token:
        await asyncio.to_thread(queue.prepare)
        worker = Worker(store, coach, queue.line)
        _here = _Here(worker, Teller(store, queue, settings))
        engine = open_engine(settings.database_url.get_secret_value(), pool_size=_CONNECTIONS)
        _keep_to_our_log()
        DBOS(config=_configure(engine, executor_id))
        watching: asyncio.Task[None] | None = None
        try:
            DBOS.launch()  # in the loop's thread, so that jobs run in this loop
            await asyncio.to_thread(_register, settings)
            watching = asyncio.create_task(_watch_for_ever(store, queue, executor_id))
            yield worker
        finally:
            if watching is not None:
                watching.cancel()
                await asyncio.wait({watching})
            await _stop(worker, settings.longest_drain_s)
            await hand_back(store, queue, executor_id, token)
            engine.dispose()
            _here = None


def _keep_to_our_log() -> None:
    """Send DBOS's records where all others go; its own handler holds on to what stderr was when it was made."""
    log = logging.getLogger("dbos")
    if not log.handlers:
        log.addHandler(logging.NullHandler())


def _configure(engine: object, executor_id: str) -> DBOSConfig:
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_engine": engine,  # pyright: ignore[reportAssignmentType]
        "application_version": VERSION,
        "executor_id": executor_id,
        "max_executor_threads": THREADS,
        "use_listen_notify": False,
        "run_migrations": False,
        "log_level": "ERROR",
        "enable_otlp": False,
    }
    return config


def _register(settings: Settings) -> None:
    here = settings.worker_concurrency
    everywhere = settings.global_concurrency
    DBOS.register_queue(
        STORIES,
        worker_concurrency=here if everywhere is None else min(here, everywhere),
        global_concurrency=everywhere,
        polling_interval_sec=POLL_S,
        on_conflict="always_update",
    )
    DBOS.register_queue(RECEIVERS, worker_concurrency=_TELLERS, on_conflict="always_update")


async def _stop(worker: Worker, drain_s: float) -> None:
    """Begin nothing more, and let what is under way end for a while."""
    if worker.under_way:
        logger.info("waiting up to %.0f s for %d jobs to end", drain_s, worker.under_way)

    await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=max(1, round(drain_s)))
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())  # DBOS took its own threads along
    left = worker.under_way
    if left:
        logger.warning("%d jobs have not ended, and are handed back", left)


async def hand_back(store: Store, queue: JobQueue, executor_id: str, token: str) -> None:
    """Let the jobs wait again that have not ended; whoever lost its id leaves its successor's alone."""
    try:
        if any((record.id, record.token) == (executor_id, token) for record in await store.executors.list()):
            await asyncio.to_thread(queue.hand_back, executor_id)
    except Exception as error:  # noqa: BLE001 - the watchdog of another process, or the next start, does it too
        logger.warning("jobs could not be handed back: %s", type(error).__name__)


async def _watch_for_ever(store: Store, queue: JobQueue, executor_id: str) -> None:
    """Take over from executors that died, of which this one tells within `SILENCE_S` and `WATCH_S`."""
    watch, rounds = Watch(own=executor_id), 0
    while True:
        try:
            holders = await asyncio.to_thread(queue.find_holders)
            looked_at = watch.now()
            alive, dead = watch.split(await store.executors.list(), looked_at)
            recovered = await asyncio.to_thread(queue.recover, holders, alive)
            if recovered:
                logger.warning("%d jobs of executors that died wait for their turn again", recovered)
            for record in dead:
                await store.executors.remove(record.id, record.token)
            if rounds % _PRUNE_EVERY == 0:
                await asyncio.to_thread(queue.prune, KEPT_S)
            rounds += 1
        except StoreUnavailable as error:
            watch.forget()
            logger.warning("nobody could be watched: %s", error.detail)
        except Exception as error:  # noqa: BLE001 - the database's driver speaks for itself; its text may hold values
            watch.forget()
            logger.warning("watching failed: %s", type(error).__name__)
        await asyncio.sleep(WATCH_S)
