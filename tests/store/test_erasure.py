"""What is deleted is gone from the files, not only from the answers."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from app.store import Claim, Receipt, Reply, Store, StoryChanges, StoryFields
from app.store.tables import metadata
from tests.store.samples import make_assessment

pytestmark = pytest.mark.anyio


def files_with(sqlite_url: str, word: str) -> set[str]:
    """Return the suffixes of the database's files that hold a word anywhere."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    files = [file for file in path.parent.iterdir() if file.name.startswith(path.name)]
    return {file.name.removeprefix(path.name) for file in files if word.encode() in file.read_bytes()}


async def fill(store: Store, user_id: str, word: str, count: int) -> list[str]:
    stories = []
    for n in range(count):
        claim = await store.replies.claim(user_id, "create_assessment", f"{word} key {n}", "0" * 64, lease_s=60)
        assert isinstance(claim, Claim)
        stories.append(
            await store.assessments.add_with_story(
                user_id,
                StoryFields(text=f"{word} text {n} " * 40, title=f"{word} title", question=f"{word} question"),
                make_assessment(f"{word} quote"),
                receipt=Receipt(claim, lambda made: Reply(status=201, headers={}, body=made.model_dump_json())),
            )
        )
    ids = [str(item.story.id) for item in stories]
    for story_id in ids:
        await store.stories.update(user_id, story_id, StoryChanges(text=f"{word} again", title=f"{word} title two"))
    return ids


async def test_no_word_of_a_deleted_story_stays_in_sqlites_files(sqlite_url):
    async with Store.open(sqlite_url) as store:
        user = await store.users.add("ann")
        doomed = await fill(store, user.id, "canary-doomed", 30)
        await fill(store, user.id, "canary-kept", 5)
        assert files_with(sqlite_url, "canary-doomed")  # the search does find what is there
        for story_id in doomed:
            await store.stories.delete(user.id, story_id)
        assert files_with(sqlite_url, "canary-doomed") == set()
        assert files_with(sqlite_url, "canary-kept") == {""}
        assert len((await store.stories.page(user.id)).items) == 5


async def test_an_old_reader_delays_the_erasure_and_the_next_write_completes_it(sqlite_url):
    reading, gate = threading.Event(), threading.Event()

    def read_slowly(session):
        session.connection().execute(text("SELECT count(*) FROM stories")).one()
        reading.set()
        gate.wait()

    async with Store.open(sqlite_url) as store:
        user = await store.users.add("ann")
        (story_id,) = await fill(store, user.id, "canary-doomed", 1)
        old = asyncio.ensure_future(store._database.read(read_slowly))
        await asyncio.to_thread(reading.wait)
        await store.stories.delete(user.id, story_id)
        assert files_with(sqlite_url, "canary-doomed")
        gate.set()
        await old
        await store.users.add("bob")
        assert files_with(sqlite_url, "canary-doomed") == set()


async def test_no_row_of_a_deleted_story_stays_in_any_table(store):
    user = await store.users.add("ann")
    (story_id,) = await fill(store, user.id, "canary-doomed", 1)
    await store.stories.delete(user.id, story_id)

    def count(session):
        return {
            table.name: session.connection().execute(text(f"SELECT count(*) FROM {table.name}")).scalar_one()  # noqa: S608 - a fixed list
            for table in metadata.sorted_tables
        }

    rows = await store._database.read(count, user_id=user.id)
    assert rows == {
        "users": 1,
        "api_keys": 0,
        "stories": 0,
        "revisions": 0,
        "assessments": 0,
        "replies": 0,
        "spending": 0,
        "user_spending": 0,
        "batches": 0,
        "batch_items": 0,
        "executors": 0,
        "paces": 0,
    }


async def test_every_table_that_names_a_user_goes_with_the_user(store):
    """A table added later without this would survive the erasure of a user."""
    assert all(
        any(key.ondelete == "CASCADE" and "user_id" in key.column_keys for key in table.foreign_key_constraints)
        for table in metadata.sorted_tables
        if "user_id" in table.columns
    )
    inspector = inspect(store._database.engine)
    for table in metadata.sorted_tables:
        for key in inspector.get_foreign_keys(table.name):
            assert key["options"]["ondelete"] == "CASCADE"
