"""Translate what a database driver raises: nothing of a statement or a value leaves the store."""

import sqlite3
from typing import NamedTuple

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import StoreUnavailable

DRIVER_ERRORS = (DBAPIError, PoolTimeout)


class _Reading(NamedTuple):
    reason: str
    slug: str


_SQLITE = {
    sqlite3.SQLITE_BUSY: _Reading("the database is locked", "store-locked"),
    sqlite3.SQLITE_LOCKED: _Reading("the database is locked", "store-locked"),
    sqlite3.SQLITE_FULL: _Reading("the disk of the database is full", "store-full"),
    sqlite3.SQLITE_READONLY: _Reading("the database is read-only", "store-read-only"),
    sqlite3.SQLITE_CANTOPEN: _Reading("the database file can't be opened", "store-unavailable"),
    sqlite3.SQLITE_IOERR: _Reading("the disk of the database fails", "store-unavailable"),
    sqlite3.SQLITE_CORRUPT: _Reading("the database file is damaged", "store-damaged"),
    sqlite3.SQLITE_NOTADB: _Reading("the file is no database", "store-damaged"),
}
# By SQLSTATE, the longest prefix first.
_POSTGRESQL = {
    "55P03": _Reading("the database is locked", "store-locked"),
    "53100": _Reading("the disk of the database is full", "store-full"),
    "25006": _Reading("the database is read-only", "store-read-only"),
    "57014": _Reading("the database took too long", "store-timeout"),
    "28": _Reading("the database refuses the sign-in", "store-unavailable"),
    "53": _Reading("the database has no room for more", "store-busy"),
}
_LOST = _Reading("the database does not answer", "store-unavailable")
_BUSY = _Reading("too much is waiting for the database", "store-busy")


def explain(error: DBAPIError | PoolTimeout) -> Exception:
    """Return the failure to raise in place of a driver's: `StoreUnavailable`, or `RuntimeError` for a bug of ours."""
    if isinstance(error, PoolTimeout):
        return busy()
    cause = error.orig
    if isinstance(error, IntegrityError | DataError | ProgrammingError) or _is_wrong_sql(cause):
        return RuntimeError(f"the database refused a statement ({_code(cause)})")
    reading = _read_sqlite(cause) if isinstance(cause, sqlite3.Error) else _read_postgresql(cause)
    return StoreUnavailable(f"{reading.reason} ({_code(cause)})", slug=reading.slug)


def busy() -> StoreUnavailable:
    """Return the failure of a piece of work that waited too long for its turn."""
    return StoreUnavailable(_BUSY.reason, slug=_BUSY.slug, retry_after_s=1.0)


def is_name_taken(error: DBAPIError | PoolTimeout) -> bool:
    """Tell whether a table or an index was to be made whose name is taken; SQLite tells it in words only."""
    cause = getattr(error, "orig", None)
    return sqlstate(cause) == "42P07" or (_is_wrong_sql(cause) and str(cause).endswith(" already exists"))


def is_misfit(error: DBAPIError) -> bool:
    """Tell whether a table is not as a statement expects it."""
    return isinstance(error, ProgrammingError) or _is_wrong_sql(error.orig)


def is_lock_timeout(error: DBAPIError) -> bool:
    """Tell whether PostgreSQL gave up waiting for a lock."""
    return sqlstate(error.orig) == "55P03"


def is_duplicate(error: IntegrityError) -> bool:
    """Tell whether a key was there already, as opposed to a reference to nothing."""
    return _code(error.orig) in {"23505", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"}


def sqlstate(cause: BaseException | None) -> str | None:
    """Return the five-letter code of a PostgreSQL error, or None."""
    code = getattr(cause, "sqlstate", None)
    return code if isinstance(code, str) else None


def _is_wrong_sql(cause: BaseException | None) -> bool:
    return _sqlite_code(cause) == sqlite3.SQLITE_ERROR


def _code(cause: BaseException | None) -> str:
    name = getattr(cause, "sqlite_errorname", None) or sqlstate(cause)
    return str(name or type(cause).__name__)


def _sqlite_code(cause: BaseException | None) -> int | None:
    code = getattr(cause, "sqlite_errorcode", None)  # what the driver itself raises has none
    return code if isinstance(code, int) else None


def _read_sqlite(cause: sqlite3.Error) -> _Reading:
    return _SQLITE.get((_sqlite_code(cause) or 0) & 0xFF, _LOST)


def _read_postgresql(cause: BaseException | None) -> _Reading:
    state = sqlstate(cause) or ""
    return next((reading for prefix, reading in _POSTGRESQL.items() if state.startswith(prefix)), _LOST)
