"""Bring the database's schema to this release's, one process at a time."""

import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from app.catalog import default_dir
from app.errors import Misconfigured, StoreUnavailable
from app.store.engine import open_migration_engine, parse_database_url, sqlite_path
from app.store.failures import DRIVER_ERRORS, explain, is_lock_timeout, is_misfit, is_name_taken

WAIT_S = 60.0  # for other processes that migrate, and for sessions that hold a table
_PAUSE_S = 0.1
_ADVISORY_LOCK = 0x5354415200434F41  # one number that is this program's alone


class SchemaChange(NamedTuple):
    """The revisions of the schema before and after; `before` is None for a database that was empty."""

    before: str | None
    after: str | None


def upgrade(database_url: str, *, target: str = "head", folder: Path | None = None) -> SchemaChange:
    """Run the pending migrations; safe to start in many processes at once, and after one was killed.

    Args:
        database_url: As for `Store.open`.
        target: A revision; `head` for the newest.
        folder: The migrations; None for the shipped ones.

    Raises:
        Misconfigured: The schema is unknown to this release, or the URL can't be used.
        StoreUnavailable: The database does not answer, or others hold it for too long.
    """
    return _migrate(database_url, command.upgrade, target, folder)


def downgrade(database_url: str, *, target: str, folder: Path | None = None) -> SchemaChange:
    """Undo migrations down to a revision, `base` for all of them: data goes with the tables.

    Raises:
        Misconfigured: The schema is unknown to this release, or the URL can't be used.
        StoreUnavailable: The database does not answer, or others hold it for too long.
    """
    return _migrate(database_url, command.downgrade, target, folder)


def check_schema(engine: Engine) -> None:
    """Return when the schema is this release's.

    Raises:
        Misconfigured: It is missing, older or unknown, or the database can't hold every text.
        StoreUnavailable: The database does not answer.
    """
    release = _read_release(migrations_dir())
    try:
        with engine.connect() as connection:
            found = _read_revision(connection)
            encoding = "UTF8" if _is_sqlite(connection) else connection.scalar(text("SHOW server_encoding"))
    except DRIVER_ERRORS as error:
        failure = explain(error)
    else:
        if encoding != "UTF8":
            raise Misconfigured("the database's encoding must be UTF8", slug="bad-database-encoding")
        _require_known(release, found)
        if found != release.head:
            state = "empty" if found is None else "older than this release"
            raise Misconfigured(f"the database's schema is {state}: run `star-coach db upgrade`", slug="schema-older")
        return
    raise failure


def make_config(folder: Path | None = None) -> Config:
    """Return Alembic's configuration for a folder of migrations, the shipped one by default."""
    config = Config()
    config.set_main_option("script_location", str(folder or migrations_dir()).replace("%", "%%"))
    return config


def migrations_dir() -> Path:
    """Return the folder of the shipped migrations."""
    return default_dir("migrations")


@contextmanager
def open_locked(database_url: str) -> Generator[Connection]:
    """Give a connection to migrate on, which no other process has at the same time.

    On SQLite it is in one transaction from beginning to end, with foreign keys off, since rebuilding a table would
    otherwise delete what refers to it; they are checked before the commit.

    Raises:
        StoreUnavailable: Another process holds the lock for too long.
    """
    engine = open_migration_engine(database_url)
    path = sqlite_path(parse_database_url(database_url))
    try:
        with _lock_file(path) if path else _advisory_lock(engine), engine.connect() as connection:
            if path is None:
                yield connection
            else:
                connection.connection.cursor().execute("PRAGMA foreign_keys = OFF").close()
                with connection.begin():
                    yield connection
                    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise Misconfigured("a migration left rows that refer to nothing", slug="broken-migration")
    finally:
        engine.dispose()


def _migrate(database_url: str, run: "_Command", target: str, folder: Path | None) -> SchemaChange:
    release = _read_release(folder or migrations_dir())
    config = make_config(folder)
    until = time.monotonic() + WAIT_S
    while True:
        try:
            with open_locked(database_url) as connection:
                before = _read_revision(connection)
                _require_known(release, before)
                config.attributes["connection"] = connection
                run(config, target)
                return SchemaChange(before, _read_revision(connection))
        except DRIVER_ERRORS as error:
            if not (isinstance(error, DBAPIError) and is_lock_timeout(error) and time.monotonic() < until):
                failure = _foreign() if is_name_taken(error) else explain(error)
                break
        time.sleep(_PAUSE_S)  # whoever holds the table gets on; a queue behind our lock would stop everyone
    raise failure


class _Release(NamedTuple):
    head: str | None
    known: frozenset[str]


@cache
def _read_release(folder: Path) -> _Release:
    """Return the revisions in a folder; read once, since readiness probes ask again and again."""
    scripts = ScriptDirectory.from_config(make_config(folder))
    known = frozenset(script.revision for script in scripts.walk_revisions())
    return _Release(scripts.get_current_head(), known)


def _foreign() -> Misconfigured:
    return Misconfigured(
        "the database holds another program's tables under names that this one needs: give it a database of its own",
        slug="schema-foreign",
    )


class _Command(Protocol):
    def __call__(self, config: Config, revision: str) -> None: ...


def _read_revision(connection: Connection) -> str | None:
    was_idle = not connection.in_transaction()
    try:
        found = MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        if not is_misfit(error):  # a table of this name, made for something else
            raise
        failure = _foreign()
    else:
        if was_idle:
            connection.rollback()
        return found
    raise failure


def _require_known(release: _Release, revision: str | None) -> None:
    if revision is not None and revision not in release.known:
        raise Misconfigured("the database's schema is unknown to this release, perhaps newer", slug="schema-unknown")


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


@contextmanager
def _advisory_lock(engine: Engine) -> Generator[None]:
    """Hold a lock of a PostgreSQL session that does nothing else; it goes with the session, however that ends."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _wait_for(lambda: bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})))
        yield


@contextmanager
def _lock_file(path: Path) -> Generator[None]:
    """Hold a lock on a file beside a SQLite database; it goes with the process, however that ends."""
    if sys.platform == "win32":
        yield  # the transaction that follows takes the write lock first, which is enough there
        return
    import fcntl  # noqa: PLC0415 - not everywhere

    def try_lock() -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    with os.fdopen(os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600)) as file:
        _wait_for(try_lock)
        yield


def _wait_for(try_once: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_S
    while not try_once():
        if time.monotonic() > until:
            raise StoreUnavailable("another process has been migrating the database for too long", slug="store-locked")
        time.sleep(_PAUSE_S)
