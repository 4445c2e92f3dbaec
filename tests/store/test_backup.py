"""A copy of a database in use: complete, whole, private, and never over another file."""

import asyncio
import os
import sqlite3
import stat
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from app.errors import InvalidInput, Misconfigured, StoreUnavailable
from app.store import Store, StoryFields
from app.store.backup import back_up


def count_stories(path: Path) -> int:
    with closing(sqlite3.connect(path)) as copy:
        return copy.execute("SELECT count(*) FROM stories").fetchone()[0]


def test_a_backup_made_while_others_write_holds_all_that_was_committed_and_is_whole(sqlite_url: str, tmp_path: Path):
    done = threading.Event()
    committed: list[int] = []

    async def write() -> None:
        async with Store.open(sqlite_url) as store:
            user = (await store.users.add("ann")).id
            while not done.is_set():
                await store.stories.add(user, StoryFields(text="I mended it. " * 200))
                committed.append(1)

    writer = threading.Thread(target=lambda: asyncio.run(write()))
    writer.start()
    try:
        for number in range(5):
            while len(committed) < 3 * number + 1:
                assert writer.is_alive()
                time.sleep(0.005)
            before = len(committed)
            target = tmp_path / f"copy{number}.db"
            assert back_up(sqlite_url, target) == target.stat().st_size
            assert before <= count_stories(target) <= len(committed) + 1
            assert stat.S_IMODE(target.stat().st_mode) == 0o600
    finally:
        done.set()
        writer.join()
    assert {path.name for path in tmp_path.iterdir() if "copy" in path.name} == {f"copy{n}.db" for n in range(5)}


def test_a_restored_backup_is_served_from(sqlite_url: str, tmp_path: Path):
    async def add(url: str, user: str | None = None) -> tuple[str, int]:
        async with Store.open(url) as store:
            await store.check_schema()
            user = user or (await store.users.add("ann")).id
            await store.stories.add(user, StoryFields(text="I mended it."))
            return user, len((await store.stories.page(user, cursor=None, limit=10)).items)

    user, count = asyncio.run(add(sqlite_url))
    back_up(sqlite_url, tmp_path / "restored.db")
    assert count == 1
    assert asyncio.run(add(sqlite_url, user)) == (user, 2)
    assert asyncio.run(add(f"sqlite:///{tmp_path}/restored.db", user)) == (user, 2)


def test_a_file_that_exists_is_never_replaced(sqlite_url: str, tmp_path: Path):
    target = tmp_path / "copy.db"
    target.write_text("mine")
    with pytest.raises(InvalidInput, match="exists already"):
        back_up(sqlite_url, target)
    assert target.read_text() == "mine"


def test_what_can_not_be_copied_leaves_nothing_behind(tmp_path: Path):
    with pytest.raises(StoreUnavailable):
        back_up(f"sqlite:///{tmp_path}/none.db", tmp_path / "copy.db")
    (tmp_path / "torn.db").write_bytes(b"SQLite format 3\x00" + os.urandom(8192))
    with pytest.raises(StoreUnavailable):
        back_up(f"sqlite:///{tmp_path}/torn.db", tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["torn.db"]


def test_postgresql_has_a_tool_of_its_own(tmp_path: Path):
    with pytest.raises(Misconfigured, match="pg_dump"):
        back_up("postgresql+psycopg://coach@db/coach", tmp_path / "copy.db")
