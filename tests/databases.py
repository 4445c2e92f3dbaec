"""Fixtures: a database per test, on SQLite and on PostgreSQL.

One PostgreSQL server runs for a pytest process (so one for each of xdist's workers) and ends with it.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import Store
from app.store.migrate import upgrade
from tests.postgresql import PostgresServer
from tests.provide import NotProvided, provide_postgresql

BOTH = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Install PostgreSQL, if need be, before any test's time begins to run."""
    wanted = any(item.get_closest_marker("postgres") for item in session.items)
    if wanted and not session.config.option.collectonly:
        try:
            provide_postgresql()
        except NotProvided as error:
            pytest.exit(f"the tests on PostgreSQL can't run: {error}", returncode=pytest.ExitCode.USAGE_ERROR)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL server."""
    server = PostgresServer(provide_postgresql())
    try:
        server.make()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def _postgres_template(postgres: PostgresServer) -> str:
    name = postgres.create_database()
    upgrade(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "coach.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """The URL of a migrated SQLite database of the test's own."""
    path = tmp_path / "coach.db"
    shutil.copy(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: PostgresServer, _postgres_template: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of the test's own; its role is no superuser."""
    name = postgres.create_database(template=_postgres_template)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database of the test's own; the test runs once on SQLite and once on PostgreSQL."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a table, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty' / 'coach.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store of the test's own; the test runs once on SQLite and once on PostgreSQL."""
    opened = Store.open(database_url)
    yield opened
    asyncio.run(opened.close())
