"""A database that can't serve says so; nothing of a statement or a value gets out."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import CoachError, StoreUnavailable
from app.store import Store, StoryFields
from app.store.engine import open_engine
from app.store.failures import explain

pytestmark = pytest.mark.anyio

CANARY = "canary-c0ffee"


def on_connect(store: Store, *statements: str) -> None:
    """Run statements on each of a store's connections, after the store's own."""

    def run(connection, _):
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    event.listen(store._database.engine, "connect", run)


def chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def files_hold(sqlite_url: str, word: str) -> bool:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    return any(word.encode() in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


async def fail_to_add(store: Store, user_id: str, slug: str) -> None:
    with pytest.raises(StoreUnavailable) as failed:
        await store.stories.add(user_id, StoryFields(text=CANARY))
    assert failed.value.slug == slug
    assert failed.value.retryable
    assert not any(CANARY in str(error) or CANARY in repr(error) for error in chain(failed.value))


async def test_a_locked_database_is_unavailable_and_soon_well_again(database_url, monkeypatch):
    monkeypatch.setattr("app.store.database.BUSY_TIMEOUT_S", 0)
    async with Store.open(database_url) as store:
        sqlite = database_url.startswith("sqlite")
        on_connect(store, "PRAGMA busy_timeout = 50" if sqlite else "SET lock_timeout = '50ms'")
        user = await store.users.add("ann")
        other = open_engine(database_url, pool_size=1)
        with other.begin() as connection:  # on SQLite, this alone takes the lock
            if not sqlite:
                connection.execute(text("LOCK TABLE stories"))
            await fail_to_add(store, user.id, "store-locked")
        other.dispose()
        await store.stories.add(user.id, StoryFields(text="after"))


async def test_a_read_only_database_is_unavailable_for_writing_only(database_url):
    async with Store.open(database_url) as store:
        user = await store.users.add("ann")
    async with Store.open(database_url) as store:
        sqlite = database_url.startswith("sqlite")
        on_connect(store, "PRAGMA query_only = ON" if sqlite else "SET default_transaction_read_only = on")
        await fail_to_add(store, user.id, "store-read-only")
        assert (await store.stories.page(user.id)).items == ()


async def test_a_full_disk_is_unavailable_and_harms_nothing(sqlite_url):
    async with Store.open(sqlite_url) as store:
        user = await store.users.add("ann")
    async with Store.open(sqlite_url) as store:
        on_connect(store, "PRAGMA max_page_count = 1")  # SQLite takes it as: no page more than there are
        story = StoryFields(text="x" * 100_000)
        with pytest.raises(StoreUnavailable) as failed:
            await store.stories.add(user.id, story)
        assert failed.value.slug == "store-full"
        assert (await store.stories.page(user.id)).items == ()
    async with Store.open(sqlite_url) as store:
        await store.stories.add(user.id, story)


@pytest.mark.parametrize("damage", [b"not a database at all" * 1000, b""])
async def test_a_file_that_is_no_database_of_ours_is_reported(tmp_path: Path, damage: bytes):
    path = tmp_path / "coach.db"
    path.write_bytes(damage)
    async with Store.open(f"sqlite:///{path}") as store:
        with pytest.raises(CoachError):
            await store.check_schema()


async def test_a_server_that_is_not_there_is_unavailable():
    async with Store.open("postgresql+psycopg://ann@127.0.0.1:1/coach") as store:
        for call in (store.ping, store.check_schema):
            with pytest.raises(StoreUnavailable):
                await call()


async def test_a_restart_of_postgresql_is_survived_without_our_own(postgres, postgres_url):
    async with Store.open(postgres_url) as store:
        user = await store.users.add("ann")
        await asyncio.gather(*(store.stories.page(user.id) for _ in range(20)))  # every connection is in use once
        postgres.stop()
        with pytest.raises(StoreUnavailable):
            await store.ping()
        postgres.start()
        await asyncio.gather(*(store.stories.page(user.id) for _ in range(20)))


async def test_a_statement_that_takes_too_long_is_unavailable(postgres_url):
    async with Store.open(postgres_url) as store:
        on_connect(store, "SET statement_timeout = '50ms'")
        with pytest.raises(StoreUnavailable) as failed:
            await store._database.read(lambda session: session.connection().execute(text("SELECT pg_sleep(60)")))
        assert failed.value.slug == "store-timeout"
        await store.ping()


async def test_a_value_that_the_database_quotes_does_not_get_out(store):
    refused = "INSERT INTO users (id, name, created_at) VALUES (:id, :id, NULL)"
    with pytest.raises(RuntimeError, match="refused a statement") as failed:
        await store._database.write(lambda session: session.connection().execute(text(refused), {"id": CANARY}))
    assert not any(CANARY in str(error) for error in chain(failed.value))


async def test_a_write_that_nobody_waits_for_fails_with_a_line_in_the_log_and_no_value_in_it(database_url, caplog):
    insert = text("INSERT INTO users (id, name, created_at) VALUES (:canary, :canary, NULL)")
    async with Store.open(database_url) as store:
        store._database.write_later(lambda session: session.connection().execute(insert, {"canary": CANARY}))
    assert "a deferred write failed" in caplog.text
    assert CANARY not in caplog.text


async def test_an_erasure_that_can_not_be_completed_is_a_line_in_the_log(sqlite_url, caplog):
    async with Store.open(sqlite_url) as store:
        user = await store.users.add("ann")
        story = await store.stories.add(user.id, StoryFields(text=CANARY))

        def fail(_connection, _cursor, statement, *_):
            if "wal_checkpoint" in statement:
                raise sqlite3.OperationalError("disk I/O error")

        event.listen(store._database.engine, "before_cursor_execute", fail)
        await store.stories.delete(user.id, story.id)
        assert "could not be emptied" in caplog.text
        event.remove(store._database.engine, "before_cursor_execute", fail)
        assert files_hold(sqlite_url, CANARY)
        await store.users.add("bob")
        assert not files_hold(sqlite_url, CANARY)


async def test_a_closed_store_is_unavailable(store):
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.ping()
    store._database.write_later(lambda _: None)


async def test_work_that_waits_too_long_for_its_turn_is_turned_away(sqlite_url, monkeypatch):
    started, gate = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        started.set()
        gate.wait()

    async with Store.open(sqlite_url) as store:
        holding = asyncio.ensure_future(store._database.write(hold))
        await asyncio.to_thread(started.wait)
        monkeypatch.setattr("app.store.database.POOL_TIMEOUT_S", 0.0)
        waiting = asyncio.ensure_future(store.users.add("ann"))
        await asyncio.sleep(0)
        gate.set()
        await holding
        with pytest.raises(StoreUnavailable) as failed:
            await waiting
        assert failed.value.slug == "store-busy"


@pytest.mark.parametrize(
    ("cause", "slug"),
    [
        (psycopg.errors.DiskFull(), "store-full"),
        (psycopg.errors.TooManyConnections(), "store-busy"),
        (psycopg.errors.InvalidPassword(), "store-unavailable"),
        (psycopg.errors.AdminShutdown(), "store-unavailable"),
        (psycopg.errors.IdleInTransactionSessionTimeout(), "store-unavailable"),
        (psycopg.errors.LockNotAvailable(), "store-locked"),
        (psycopg.OperationalError("no code at all"), "store-unavailable"),
        (sqlite3.OperationalError("made by the driver itself"), "store-unavailable"),
    ],
)
async def test_each_kind_of_failure_has_its_slug(cause: Exception, slug: str):
    kind = OperationalError if isinstance(cause, psycopg.OperationalError | sqlite3.Error) else InternalError
    failure = explain(kind("SELECT 1", {}, cause))
    assert isinstance(failure, StoreUnavailable)
    assert failure.slug == slug


async def test_an_empty_pool_is_a_busy_store():
    failure = explain(PoolTimeout())
    assert isinstance(failure, StoreUnavailable)
    assert (failure.slug, failure.retry_after_s) == ("store-busy", 1.0)
    assert issubclass(OperationalError, DBAPIError)
