"""Many jobs in one go: the same rows as DBOS writes one by one, and as little work for the database."""

import asyncio
import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from dbos import DBOSClient, EnqueueOptions
from sqlalchemy import Engine, text

from app.jobs.queue import APPLICATION, ASSESS, STORIES, VERSION, JobQueue
from app.store import BatchOptions, Job, Store, StoryFields, StoryRecord
from tests.jobs.stand import hand_in
from tests.postgresql import PostgresServer

OF_THE_MOMENT = {"created_at", "updated_at", "retention_timestamp"}
NAMES_ITS_INSERT = "creator_xid"  # tells DBOS's own retries from another's row; its own bulk inserts leave it out, too


def read_rows(engine: Engine, table: str) -> dict[str, Mapping[str, Any]]:
    """Return a table's rows, by their job; JSON's null, which DBOS writes for no attributes, is none here."""
    schema = "dbos." if engine.dialect.name == "postgresql" else ""
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT * FROM {schema}{table}")).mappings()  # noqa: S608 - our own names
        return {
            row["workflow_uuid"]: {name: None if value == "null" else value for name, value in row.items()}
            for row in found
        }


@pytest.mark.parametrize("table", ["workflow_status", "workflow_input"])
def test_our_rows_are_those_that_dbos_writes_itself(store: Store, table: str):
    queue = JobQueue(store.engine)
    queue.prepare()
    ours, theirs = Job("ann", "ours", 7, 1), Job("ann", "ours", 7, 1)
    client = DBOSClient(system_database_engine=store.engine, application_name=APPLICATION, lazy=True)
    options: EnqueueOptions = {
        "workflow_name": ASSESS,
        "queue_name": STORIES,
        "workflow_id": "theirs:7:1",
        "authenticated_user": theirs.user_id,
        "app_version": VERSION,
    }
    with store.engine.begin() as connection:
        options["priority"] = queue.line.join(connection, [ours], 0, False)  # noqa: FBT003 - a callable has no names
        client.enqueue_in_transaction(connection, options, *theirs)
    rows = read_rows(store.engine, table)
    written, expected = rows["ours:7:1"], rows["theirs:7:1"]
    assert written.keys() == expected.keys()
    assert all(type(written[name]) is type(expected[name]) for name in OF_THE_MOMENT & written.keys())
    apart = {"workflow_uuid", NAMES_ITS_INSERT, *OF_THE_MOMENT}
    assert {name: written[name] for name in written.keys() - apart} == {
        name: expected[name] for name in expected.keys() - apart
    }


def test_a_batchs_stories_are_kept_exactly_and_in_their_order(store: Store):
    texts = ['I cut it by 40 %.\r\n\tÄ \U0001f680 \\u0041 "quoted" $1 :name %s', " ", "x" * 9000]
    given = [
        StoryFields(
            text=text, title=title, question="Why?", principles=("ownership", "dive-deep"), role=None, level="L6"
        )
        for text, title in zip(texts, ("null", None, "{}"), strict=True)
    ]

    async def run() -> None:
        queue, user = JobQueue(store.engine), await store.users.add("ann")
        queue.prepare()
        await store.batches.add(user.id, given, BatchOptions(), queue.line)
        kept = (await store.stories.page(user.id)).items[::-1]
        assert [fields_of(record) for record in kept] == given
        hashed = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        assert [record.revision.sha256 for record in kept] == hashed
        assert all(record.created_at == record.revision.created_at for record in kept)

    asyncio.run(run())


def fields_of(record: StoryRecord) -> StoryFields:
    """Return what was given of a stored story."""
    named = record.model_dump(include={"title", "question", "principles", "role", "level"})
    return StoryFields(text=record.revision.text, **named)


def test_dbos_is_held_to_releases_whose_tables_we_know():
    needs = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert "dbos>=3.4,<3.5" in needs, "a new minor release may change its tables: look at them, then raise the bound"


@pytest.mark.postgres
def test_a_foreign_key_is_not_checked_by_a_plan_of_an_empty_table(postgres: PostgresServer, postgres_url: str):
    many = 1500
    store = Store.open(postgres_url)

    async def run() -> None:
        for _ in range(4):  # the plans are made
            await hand_in(store, "ann", 10)
        for _ in range(2):
            await hand_in(store, "ann", many)
        await store.close()

    asyncio.run(run())  # a connection that is closed tells what it has read
    name = postgres_url.split("/")[3].partition("?")[0]
    with psycopg.connect(host=str(postgres.folder), user="postgres", dbname=name) as connection:
        row = connection.execute(
            "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'ix_stories_user_id_created_at_id'"
        ).fetchone()
    assert row is not None
    assert row[0] < many
