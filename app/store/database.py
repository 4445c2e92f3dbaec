"""Run units of work on the database, each in one transaction, off the event loop."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from sqlalchemy import Engine, text
from sqlmodel import Session

from app.errors import StoreUnavailable
from app.store.engine import (
    BEGIN_OPTION,
    BUSY_TIMEOUT_S,
    POOL_TIMEOUT_S,
    for_reading,
    open_engine,
    parse_database_url,
    sqlite_path,
)
from app.store.failures import DRIVER_ERRORS, busy, explain

T = TypeVar("T")
Work = Callable[[Session], T]

SQLITE_READERS = 2  # more of them only wait for the interpreter's one lock
POSTGRESQL_CONNECTIONS = 8
SCRUB_WAIT_S = 1

_log = logging.getLogger(__name__)


class _Lane(NamedTuple):
    """Threads with the engine they use; a thread holds at most one connection, so the pool never runs dry."""

    threads: Executor
    engine: Engine


class Database:
    """One database: an engine and the threads that use it.

    SQLite has one writer thread, since several only fight for the one lock, and readers, which WAL lets run beside it.
    PostgreSQL has as many threads as connections.
    """

    def __init__(self, database_url: str) -> None:
        self._is_sqlite = sqlite_path(parse_database_url(database_url)) is not None
        threads = SQLITE_READERS if self._is_sqlite else POSTGRESQL_CONNECTIONS
        self.engine = open_engine(database_url, pool_size=threads + 1 if self._is_sqlite else threads)
        readers = ThreadPoolExecutor(threads, thread_name_prefix="store-read")
        writers = ThreadPoolExecutor(1, thread_name_prefix="store-write") if self._is_sqlite else readers
        self._reading = _Lane(readers, for_reading(self.engine))
        self._writing = _Lane(writers, self.engine)
        self._beside = open_engine(database_url, pool_size=1)
        self._scrub_owed = self._is_sqlite  # a process that was killed may have left one to us

    async def read(self, work: Work[T], *, user_id: str | None = None) -> T:
        """Run a unit of work that changes nothing.

        Args:
            work: Called with a session in another thread; what it returns must not need the session.
            user_id: The one user whose rows PostgreSQL shows; None where the work touches no user's own rows.

        Raises:
            StoreUnavailable: The database does not answer.
        """
        return await self._run(self._reading, lambda: self._transact(self._reading.engine, work, user_id))

    async def write(self, work: Work[T], *, user_id: str | None = None, scrub: bool = False) -> T:
        """Run a unit of work that changes something; see `read`.

        Args:
            work: As for `read`; its changes are committed when it returns and undone when it raises.
            user_id: As for `read`.
            scrub: Leave no copy of what was deleted in SQLite's files.

        Raises:
            StoreUnavailable: The database does not answer, is locked, full or read-only.
        """

        def transact() -> T:
            result = self._transact(self._writing.engine, work, user_id)
            if self._is_sqlite and (scrub or self._scrub_owed):
                self._scrub(wait_s=SCRUB_WAIT_S if scrub else 0)
            return result

        return await self._run(self._writing, transact)

    def write_later(self, work: Work[object]) -> None:
        """Queue a change that nobody waits for; when it fails, a line in the log is all that tells."""

        def transact() -> None:
            try:
                self._transact(self._writing.engine, work, None)
            except Exception as error:  # noqa: BLE001 - nobody is there to catch it
                _log.warning("a deferred write failed: %s", error)

        try:
            self._writing.threads.submit(transact)
        except RuntimeError:
            _log.warning("a deferred write came after the store was closed")

    def write_here(self, work: Work[T]) -> T:
        """Run a unit of work in the calling thread, on a connection beside all others, however many pieces wait.

        Raises:
            StoreUnavailable: As for `write`.
        """
        return self._transact(self._beside, work, None)

    async def check_schema(self) -> None:
        """Return when the schema is the one that this release was made for.

        Raises:
            Misconfigured: It is missing, older or unknown.
            StoreUnavailable: The database does not answer.
        """
        from app.store.migrate import check_schema  # noqa: PLC0415 - Alembic is loaded only where it is asked

        await self._run(self._reading, lambda: check_schema(self._reading.engine))

    async def close(self) -> None:
        """Finish what is queued and close every connection."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._reading.threads.shutdown()
        self._writing.threads.shutdown()
        self.engine.dispose()
        self._beside.dispose()

    async def _run(self, lane: _Lane, job: Callable[[], T]) -> T:
        """Run a job in a lane's thread; return or raise only after it has ended, even when cancelled."""
        queued = time.monotonic()

        def guarded() -> T:
            if time.monotonic() - queued > POOL_TIMEOUT_S:
                raise busy()
            return job()

        try:
            future = lane.threads.submit(guarded)
        except RuntimeError:
            raise StoreUnavailable("the store is closed") from None
        waiting = asyncio.wrap_future(future)
        try:
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            await _settle(future, waiting)
            raise

    def _transact(self, engine: Engine, work: Work[T], user_id: str | None) -> T:
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                if user_id is not None and not self._is_sqlite:
                    session.connection().execute(_NAME_USER, {"user_id": user_id})
                return work(session)
        except DRIVER_ERRORS as error:
            failure = explain(error)
        raise failure  # here, so that the driver's error, which may quote a value, is not its context

    def _scrub(self, *, wait_s: int) -> None:
        """Empty the write-ahead log, where old pages live on; while readers stand in the way, each next write tries."""
        self._scrub_owed = True
        try:
            with self.engine.connect().execution_options(**{BEGIN_OPTION: None}) as connection:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait_s * 1000}")
                is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
            self._scrub_owed = bool(is_busy)
        except DRIVER_ERRORS as error:
            _log.warning("the write-ahead log could not be emptied: %s", explain(error))


_NAME_USER = text("SELECT set_config('app.user_id', :user_id, true)")


async def _settle(future: Future[T], waiting: asyncio.Future[T]) -> None:
    """Drop a job that has not begun; wait for one that has, however often we are cancelled: its time is bounded."""
    if future.cancel():
        return
    while not waiting.done():
        try:
            await asyncio.wait([waiting])
        except asyncio.CancelledError:
            continue
    waiting.exception()  # looked at, so that it is not reported as forgotten
