"""What every connection is told, and that no writer loses another's update."""

import asyncio
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from app.errors import Misconfigured, StoreUnavailable
from app.store import Store
from app.store.engine import for_reading, open_engine

SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "busy_timeout": 10_000,
    "foreign_keys": 1,
    "synchronous": 2,
    "secure_delete": 1,
    "trusted_schema": 0,
    "temp_store": 2,
}
POSTGRES_SETTINGS = {
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "15s",
    "application_name": "star-coach",
}


@pytest.fixture
def engine(database_url):
    made = open_engine(database_url, pool_size=20)
    yield made
    made.dispose()


def count_up(engine: Engine, failures: list[Exception]) -> None:
    query = "SELECT value FROM counter" if is_sqlite(engine) else "SELECT value FROM counter FOR UPDATE"
    try:
        for _ in range(25):
            with engine.begin() as connection:
                value = connection.scalar(text(query))
                connection.execute(text("UPDATE counter SET value = :value"), {"value": value + 1})
    except SQLAlchemyError as error:
        failures.append(error)


def is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def test_every_pooled_connection_is_told_the_same(engine):
    connections = [engine.connect() for _ in range(20)]
    try:
        for connection in connections:
            if is_sqlite(engine):
                found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in SQLITE_PRAGMAS}
                assert found == SQLITE_PRAGMAS
            else:
                found = {name: connection.scalar(text(f"SHOW {name}")) for name in POSTGRES_SETTINGS}
                assert found == POSTGRES_SETTINGS
            connection.rollback()
    finally:
        for connection in connections:
            connection.close()


def test_eight_writers_who_read_then_write_lose_no_update(engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter (value INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    failures: list[Exception] = []
    writers = [threading.Thread(target=count_up, args=(engine, failures)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with for_reading(engine).connect() as connection:
        assert connection.scalar(text("SELECT value FROM counter")) == 200
    assert failures == []


def test_a_reader_is_not_held_up_by_a_writer(engine):
    with engine.begin() as writer:
        writer.execute(text("INSERT INTO users (id, name, created_at) VALUES ('1', 'ann', '2026-01-01')"))
        with for_reading(engine).connect() as reader:
            assert reader.scalar(text("SELECT count(*) FROM users")) == 0


def test_a_statement_that_fails_shows_no_value(engine):
    with pytest.raises(Exception, match="no_such_table") as failed, engine.begin() as connection:
        connection.execute(text("INSERT INTO no_such_table VALUES (:value)"), {"value": "canary"})
    assert "canary" not in str(failed.value)


def test_the_pool_is_bounded(engine):
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.size() == 20
    assert engine.pool._max_overflow == 0


def test_a_new_database_file_is_for_its_owner_only(tmp_path):
    path = tmp_path / "new" / "deep" / "coach.db"
    engine = open_engine(f"sqlite:///{path}", pool_size=1)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE one (value TEXT)"))
        files = sorted(path.parent.iterdir())
        assert [stat.filemode(file.stat().st_mode) for file in files] == ["-rw-------"] * 3
    assert stat.filemode(path.parent.stat().st_mode) == "drwx------"
    engine.dispose()


def test_the_mode_of_a_folder_that_was_there_is_left_alone(tmp_path):
    tmp_path.chmod(0o755)
    open_engine(f"sqlite:///{tmp_path / 'coach.db'}", pool_size=1).dispose()
    assert stat.filemode(tmp_path.stat().st_mode) == "drwxr-xr-x"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not a url",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:coach.db?uri=true",
        "sqlite:///coach.db?mode=memory",
        "sqlite://host/coach.db",
        "mysql://user:canary@host/db",
        "postgresql+asyncpg://user:canary@host/db",
        "postgresql://user:canary@host",
        "postgresql://user:canary@host:port/db",
    ],
)
def test_a_url_of_no_usable_database_is_refused_without_showing_it(url):
    with pytest.raises(Misconfigured) as refused:
        Store.open(url)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_the_same_driver(scheme):
    engine = open_engine(f"{scheme}://ann@localhost/coach", pool_size=1)
    assert (engine.dialect.name, engine.dialect.driver) == ("postgresql", "psycopg")
    engine.dispose()


def test_options_of_the_url_win_over_ours(postgres_url):
    engine = open_engine(f"{postgres_url}&options=-c%20statement_timeout%3D7s&application_name=mine", pool_size=1)
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW statement_timeout")) == "7s"
        assert connection.scalar(text("SHOW lock_timeout")) == "5s"
        assert connection.scalar(text("SHOW application_name")) == "mine"
    engine.dispose()


def test_a_folder_that_can_not_be_made_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'coach.db'}")


def test_a_relative_path_is_found_again_after_a_change_of_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = Store.open("sqlite:///coach.db")
    monkeypatch.chdir("/")
    asyncio.run(store.ping())
    asyncio.run(store.close())
    assert Path(tmp_path / "coach.db").exists()


def test_a_second_engine_in_one_process_leaves_the_first_ones_locks_in_place(sqlite_url: str):
    first = open_engine(sqlite_url, pool_size=1)
    with first.connect():
        open_engine(sqlite_url, pool_size=1).dispose()
        path = Path(first.url.database or "")
        code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM users'); c.close()"
        subprocess.run([sys.executable, "-c", code, str(path)], check=True)  # the last to close removes the log
        assert path.with_name(f"{path.name}-wal").exists()
    first.dispose()
