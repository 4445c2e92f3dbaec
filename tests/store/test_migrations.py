"""Migrations: one at a time, all or nothing, there and back, and nobody else's tables."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import text

from app.errors import Misconfigured, StoreUnavailable
from app.store import Store, StoryFields
from app.store import migrate as migrations
from app.store.engine import open_engine, open_migration_engine
from app.store.migrate import SchemaChange, check_schema, downgrade, make_config, migrations_dir, open_locked, upgrade
from app.store.tables import metadata
from tests.databases import BOTH

HEAD = "0004"
NEXT = "next"
STEPS = 64  # more than the migrations have statements and commits
PROJECT = Path(__file__).parents[2]
_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "0004"


def upgrade():
    {up}


def downgrade():
    {down}
"""

_SCHEMA = {
    "sqlite": "SELECT type, tbl_name, name, sql FROM sqlite_master",
    "postgresql": """
        SELECT 'column', table_name::text, column_name::text,
            concat_ws(' ', data_type, character_maximum_length, is_nullable)
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT 'index', tablename::text, indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT 'policy', tablename::text, policyname::text, concat_ws(' ', cmd, qual) FROM pg_policies
        UNION ALL SELECT 'wall', relname::text, '', concat_ws(' ', relrowsecurity, relforcerowsecurity)
        FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    """,
}


def add_migration(folder: Path, up: str, down: str = "pass") -> Path:
    """Copy the shipped migrations and add one."""
    copy = folder / "migrations"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(migrations_dir(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "versions" / "next.py").write_text(_MIGRATION.format(up=up, down=down))
    return copy


def run(url: str, statement: str) -> None:
    engine = open_migration_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def schema(url: str) -> Sequence[Sequence[object]]:
    """Return all that a database says of its tables, without their order."""
    engine = open_migration_engine(url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(_SCHEMA[connection.dialect.name]).all()
    engine.dispose()
    return sorted(map(tuple, rows), key=repr)


def tables(url: str) -> set[object]:
    return {table for _, table, _, _ in schema(url)}


def run_processes(*arguments: str) -> list[int]:
    """Run `processes.py` and return the exit codes it prints."""
    program = PROJECT / "tests" / "store" / "processes.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", program, *arguments],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return [int(code) for code in done.stdout.split()]


def test_an_empty_database_becomes_this_releases_and_stays_so(empty_database_url):
    assert upgrade(empty_database_url) == SchemaChange(None, HEAD)
    assert upgrade(empty_database_url) == SchemaChange(HEAD, HEAD)
    assert tables(empty_database_url) == {*metadata.tables, "alembic_version"}


def test_what_is_migrated_is_what_the_code_declares(database_url):
    with open_locked(database_url) as connection:
        config = make_config()
        config.attributes["connection"] = connection
        command.check(config)


def test_a_column_that_no_migration_made_is_noticed(database_url):
    run(database_url, "ALTER TABLE stories DROP COLUMN role")
    with open_locked(database_url) as connection:
        config = make_config()
        config.attributes["connection"] = connection
        with pytest.raises(CommandError, match="add_column"):
            command.check(config)


def test_tables_of_other_programs_are_left_alone(database_url):
    run(database_url, "CREATE TABLE workflow_status (workflow_uuid TEXT PRIMARY KEY, status TEXT)")
    run(database_url, "CREATE INDEX workflow_status_index ON workflow_status (status)")
    with open_locked(database_url) as connection:
        config = make_config()
        config.attributes["connection"] = connection
        command.check(config)


def test_there_and_back_and_there_again_is_the_same(empty_database_url):
    upgrade(empty_database_url)
    first = schema(empty_database_url)
    assert downgrade(empty_database_url, target="base") == SchemaChange(HEAD, None)
    assert tables(empty_database_url) == {"alembic_version"}
    upgrade(empty_database_url)
    assert schema(empty_database_url) == first


def test_eight_processes_that_upgrade_at_once_all_succeed(empty_database_url):
    assert run_processes("race", "8", empty_database_url) == [0] * 8
    assert upgrade(empty_database_url) == SchemaChange(HEAD, HEAD)


@pytest.fixture(params=BOTH)
def fresh_urls(request, tmp_path):
    """URLs of databases without a table."""
    if request.param == "sqlite":
        yield [f"sqlite:///{tmp_path / str(number) / 'coach.db'}" for number in range(STEPS)]
        return
    server = request.getfixturevalue("postgres")
    names = [server.create_database() for _ in range(STEPS)]
    yield [server.url(name) for name in names]
    for name in names:
        server.drop_database(name)


@pytest.mark.slow
def test_a_kill_at_any_step_leaves_a_database_that_upgrades(fresh_urls):
    codes = run_processes("crash", *fresh_urls)
    assert codes == [-9] * (len(codes) - 1) + [0]  # the last had fewer steps than its number: all steps were tried
    begun = fresh_urls[: len(codes)]
    whole = schema(begun[-1])
    for url in begun:
        upgrade(url)
        assert schema(url) == whole


def test_a_migration_that_fails_half_way_leaves_nothing(database_url, tmp_path):
    before = schema(database_url)
    broken = add_migration(tmp_path, "op.create_table('half', sa.Column('id', sa.Integer())); op.execute('SELEC 1')")
    with pytest.raises(RuntimeError, match="refused a statement"):
        upgrade(database_url, folder=broken)
    assert schema(database_url) == before
    assert upgrade(database_url) == SchemaChange(HEAD, HEAD)
    fixed = add_migration(tmp_path, "op.create_table('half', sa.Column('id', sa.Integer()))", "op.drop_table('half')")
    assert upgrade(database_url, folder=fixed) == SchemaChange(HEAD, NEXT)
    assert downgrade(database_url, target=HEAD, folder=fixed) == SchemaChange(NEXT, HEAD)
    assert schema(database_url) == before


@pytest.mark.anyio
async def test_a_rebuilt_table_keeps_what_refers_to_it(database_url, tmp_path):
    async with Store.open(database_url) as store:
        user = await store.users.add("ann")
        story = await store.stories.add(user.id, StoryFields(text="one"))
        rebuild = (
            "with op.batch_alter_table('stories', recreate='always') as t: t.add_column(sa.Column('x', sa.Text()))"
        )
        if database_url.startswith("postgres"):
            rebuild = rebuild.replace(", recreate='always'", "")
        upgrade(database_url, folder=add_migration(tmp_path, rebuild))
        assert await store.stories.get(user.id, story.id) == story


def test_a_migration_that_breaks_a_reference_is_undone(sqlite_url, tmp_path):
    orphan = (
        "op.execute(\"INSERT INTO api_keys VALUES ('k', 'nobody', '', 'read', '', '2026-01-01', NULL, NULL, NULL)\")"
    )
    with pytest.raises(Misconfigured, match="refer to nothing"):
        upgrade(sqlite_url, folder=add_migration(tmp_path, orphan))
    assert upgrade(sqlite_url) == SchemaChange(HEAD, HEAD)


@pytest.mark.anyio
async def test_the_service_refuses_a_schema_that_is_not_its_own(empty_database_url, tmp_path):
    newer = add_migration(tmp_path, "pass")
    async with Store.open(empty_database_url) as store:
        with pytest.raises(Misconfigured, match="db upgrade"):
            await store.check_schema()
        upgrade(empty_database_url)
        await store.check_schema()
        upgrade(empty_database_url, folder=newer)
        with pytest.raises(Misconfigured, match="unknown to this release"):
            await store.check_schema()
    for refused in (lambda: upgrade(empty_database_url), lambda: downgrade(empty_database_url, target="base")):
        with pytest.raises(Misconfigured, match="unknown to this release"):
            refused()


@pytest.mark.anyio
async def test_an_older_schema_is_refused_too(database_url, tmp_path, monkeypatch):
    monkeypatch.setattr(migrations, "migrations_dir", lambda: newer)
    newer = add_migration(tmp_path, "pass")
    async with Store.open(database_url) as store:
        with pytest.raises(Misconfigured, match="older than this release"):
            await store.check_schema()


def test_a_migration_waits_for_a_reader_without_making_others_wait(postgres_url, tmp_path):
    engine = open_engine(postgres_url, pool_size=2)
    folder = add_migration(tmp_path, "op.add_column('stories', sa.Column('x', sa.Text()))")
    outcome: list[SchemaChange] = []
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM stories"))
        upgrading = threading.Thread(target=lambda: outcome.append(upgrade(postgres_url, folder=folder)))
        upgrading.start()
        with engine.connect() as other:
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'stories'::regclass")
            while other.scalar(waiting) == 0:
                other.rollback()
            other.execute(text("SELECT count(*) FROM stories"))  # answers although the reader goes on
            assert upgrading.is_alive()
    upgrading.join()
    engine.dispose()
    assert outcome == [SchemaChange(HEAD, NEXT)]


def test_a_lock_that_is_never_given_back_ends_the_wait(empty_database_url, monkeypatch):
    monkeypatch.setattr(migrations, "WAIT_S", 0.2)
    with open_locked(empty_database_url), pytest.raises(StoreUnavailable, match="another process"):
        upgrade(empty_database_url)


def test_a_database_that_can_not_hold_every_text_is_refused(postgres):
    name = postgres.create_database()
    postgres.drop_database(name)
    postgres.run(f"CREATE DATABASE {name} OWNER coach ENCODING 'SQL_ASCII' TEMPLATE template0")
    engine = open_migration_engine(postgres.url(name))
    with pytest.raises(Misconfigured, match="UTF8"):
        check_schema(engine)
    engine.dispose()
    postgres.drop_database(name)


def test_alembics_own_command_line_works_on_the_configured_database(sqlite_url, monkeypatch):
    monkeypatch.setenv("COACH_DATABASE_URL", sqlite_url)
    command.check(make_config())
    with pytest.raises(Misconfigured, match="offline"):
        command.upgrade(make_config(), "head", sql=True)


def test_a_new_migration_is_written_in_plain_types(database_url, tmp_path, monkeypatch):
    monkeypatch.setenv("COACH_DATABASE_URL", database_url)
    run(database_url, "ALTER TABLE api_keys DROP COLUMN expires_at")
    run(database_url, "ALTER TABLE api_keys DROP COLUMN secret_sha256")
    config = make_config(add_migration(tmp_path, "pass"))
    command.stamp(config, NEXT)
    command.revision(config, message="more", autogenerate=True, rev_id="9999")
    written = (tmp_path / "migrations" / "versions" / "9999_more.py").read_text()
    assert "sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True)" in written
    assert "sa.Column('secret_sha256', sa.String(64), nullable=False)" in written
    assert "sqlmodel" not in written
