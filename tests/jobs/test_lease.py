"""A process keeps its executor's id as long as it lives, and stops when it has lost it."""

import asyncio
import signal
import threading
import time

from sqlalchemy import Engine, text
from sqlalchemy.pool import QueuePool

from app.jobs.lease import holding
from app.store import Store
from app.store.engine import open_engine

BEAT_S = 0.01
PATIENCE_S = 20.0


def count_beats(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT beats FROM executors WHERE id = 'one'")).scalar_one()


def test_an_event_loop_that_stands_still_does_not_silence_its_process(store: Store):
    async def run() -> None:
        async with holding(store.executors, "one", beat_s=BEAT_S):
            before, until = count_beats(store.engine), time.monotonic() + PATIENCE_S
            while count_beats(store.engine) < before + 3:
                assert time.monotonic() < until, "no beat came while the loop stood still"
                time.sleep(BEAT_S)  # noqa: ASYNC251 - this is what is tested

    asyncio.run(run())


def test_nothing_beats_any_more_once_the_id_is_given_back(store: Store):
    async def run() -> None:
        async with holding(store.executors, "one", beat_s=BEAT_S):
            assert "beats" in {thread.name for thread in threading.enumerate()}
        assert "beats" not in {thread.name for thread in threading.enumerate()}
        assert await store.executors.list() == ()

    asyncio.run(run())


def test_beats_go_on_while_everything_else_is_taken(store: Store, database_url: str):
    """Every connection of the store's pool, and every thread of the loop's."""

    async def run() -> None:
        over = threading.Event()
        async with holding(store.executors, "one", beat_s=BEAT_S):
            waiting = asyncio.gather(*[asyncio.to_thread(over.wait) for _ in range(64)])
            assert isinstance(store.engine.pool, QueuePool)
            taken = [store.engine.raw_connection() for _ in range(store.engine.pool.size())]
            other = open_engine(database_url, pool_size=1)
            before, until = count_beats(other), time.monotonic() + PATIENCE_S
            try:
                while count_beats(other) < before + 3:
                    assert time.monotonic() < until
                    await asyncio.sleep(BEAT_S)
            finally:
                other.dispose()
                for connection in taken:
                    connection.close()
                over.set()
                await waiting

    asyncio.run(run())


def test_a_process_whose_id_was_taken_is_told_to_stop(store: Store):
    async def run() -> None:
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        async with holding(store.executors, "one", beat_s=BEAT_S) as token:
            await store.executors.remove("one", token)
            await asyncio.wait_for(stopped.wait(), PATIENCE_S)

    asyncio.run(run())
