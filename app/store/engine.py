"""Make engines: what every connection is told before it is used."""

import logging
import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError

from app.errors import Misconfigured, StoreUnavailable

BUSY_TIMEOUT_S = 10
POOL_TIMEOUT_S = 10
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 15
LOCK_TIMEOUT_S = 5
MIGRATION_LOCK_TIMEOUT_S = 1

# The execution option that tells how SQLite's transactions begin. A reader may begin deferred. Everyone else takes the
# write lock at once: a lock taken later fails without waiting, or loses another writer's update.
BEGIN_OPTION = "sqlite_begin"
_BEGIN_WRITE = "BEGIN IMMEDIATE"
_BEGIN_READ = "BEGIN"

_PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT_S * 1000}",
    "foreign_keys = ON",
    "synchronous = FULL",  # a commit that was answered survives a power cut
    "secure_delete = ON",  # deleted text is overwritten
    "trusted_schema = OFF",
    "temp_store = MEMORY",  # a sort leaves no text in a temporary file
)


def parse_database_url(database_url: str) -> URL:
    """Return the URL of a database that the store can use; `postgres://` and `postgresql://` are understood.

    Raises:
        Misconfigured: It is none; the detail doesn't hold the URL, which may hold a password.
    """
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        raise Misconfigured("the database URL can't be read", slug="bad-database-url") from None
    if url.drivername in {"postgres", "postgresql", "postgresql+psycopg"} and url.database:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in {"sqlite", "sqlite+pysqlite"} and _is_plain_file(url):
        return url
    raise Misconfigured(
        "the database URL must be sqlite:///PATH to a file or postgresql+psycopg://HOST/NAME", slug="bad-database-url"
    )


def _is_plain_file(url: URL) -> bool:
    database = url.database or ""
    return bool(database) and not database.startswith((":", "file:")) and not url.query and not url.host


def sqlite_path(url: URL) -> Path | None:
    """Return the file of a SQLite URL, or None for another database."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def open_engine(database_url: str, *, pool_size: int) -> Engine:
    """Make an engine with a pool; nothing is connected yet. A missing SQLite file is made, for its owner only.

    Its transactions on SQLite are writers' (see `for_reading`).

    Raises:
        Misconfigured: The URL names no database that can be used.
        StoreUnavailable: The SQLite file can't be made.
    """
    url = parse_database_url(database_url)
    pool = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": POOL_TIMEOUT_S}
    if sqlite_path(url):
        return _open_sqlite(url, **pool)
    return _open_postgresql(
        url, lock_timeout_s=LOCK_TIMEOUT_S, statement_timeout_s=STATEMENT_TIMEOUT_S, pool_pre_ping=True, **pool
    )


def open_migration_engine(database_url: str) -> Engine:
    """Make an engine without a pool for migrations: statements may take long, locks are given up soon.

    Raises:
        Misconfigured: The URL names no database that can be used.
        StoreUnavailable: The SQLite file can't be made.
    """
    url = parse_database_url(database_url)
    if sqlite_path(url):
        return _open_sqlite(url, poolclass=NullPool)
    return _open_postgresql(url, lock_timeout_s=MIGRATION_LOCK_TIMEOUT_S, statement_timeout_s=0, poolclass=NullPool)


def for_reading(engine: Engine) -> Engine:
    """Return the same engine and pool, with transactions that begin as readers' on SQLite."""
    return engine.execution_options(**{BEGIN_OPTION: _BEGIN_READ})


def _keep_rows_out_of_logs() -> None:
    """Refuse the debug lines of SQLAlchemy, which hold whole rows; `hide_parameters` covers statements only."""
    logging.getLogger("sqlalchemy.engine.Engine").addFilter(_is_above_debug)


def _is_above_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def _open_sqlite(url: URL, **pool: Any) -> Engine:
    _keep_rows_out_of_logs()
    path = Path(url.database or "").absolute()
    _make_file(path)
    engine = create_engine(
        url.set(database=str(path)),
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT_S},
        execution_options={BEGIN_OPTION: _BEGIN_WRITE},
        **pool,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` below does
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        statement = connection.get_execution_options().get(BEGIN_OPTION)
        if statement:
            connection.exec_driver_sql(statement)

    return engine


def _make_file(path: Path) -> None:
    """Make a missing file as 0600, in a folder made as 0700 where that is missing; SQLite's other files follow it.

    A file that is there is never opened: closing it would take the locks away that this process's connections hold.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o600))
    except FileExistsError:
        if not os.access(path, os.R_OK):
            raise StoreUnavailable("the database file can't be made or read (Permission denied)") from None
    except OSError as error:
        raise StoreUnavailable(f"the database file can't be made or read ({error.strerror})") from None


def _open_postgresql(url: URL, *, lock_timeout_s: int, statement_timeout_s: int, **pool: Any) -> Engine:
    _keep_rows_out_of_logs()
    options = (
        f"-c lock_timeout={lock_timeout_s * 1000} -c statement_timeout={statement_timeout_s * 1000} "
        f"-c idle_in_transaction_session_timeout={STATEMENT_TIMEOUT_S * 1000} {url.query.get('options', '')}"
    )
    defaults = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": STATEMENT_TIMEOUT_S * 1000,
        "application_name": "star-coach",
        "client_encoding": "utf8",
    }
    given = {name: value for name, value in defaults.items() if name not in url.query}
    return create_engine(url, hide_parameters=True, connect_args={**given, "options": options.strip()}, **pool)
