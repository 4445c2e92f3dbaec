"""`star-coach keys` and `star-coach db` on a real database."""

import asyncio
import re
import sqlite3
from contextlib import closing

import pytest

from app.settings import load_settings
from app.store import Store

TOKEN = re.compile(r"ssc_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\n")


@pytest.fixture
def other_database(monkeypatch, tmp_path):
    """A database that is not the user's own embedded one."""
    path = tmp_path / "other.db"
    monkeypatch.setenv("COACH_DATABASE_URL", f"sqlite:///{path}")
    return path


def authenticate(token):
    async def look():
        async with Store.open(load_settings().database_url.get_secret_value()) as store:
            return await store.keys.authenticate(token.strip())

    return asyncio.run(look())


def test_a_key_is_alone_on_stdout_and_works(cli):
    result = cli("keys", "create", "--user", "ana", "--label", "laptop", "--expires-days", "30")
    assert result.code == 0
    assert TOKEN.fullmatch(result.out)
    assert result.err.startswith("star-coach: key ")
    assert result.out.strip() not in result.err
    caller = authenticate(result.out)
    assert caller.user_name == "ana"
    assert "admin" not in caller.scopes


def test_keys_are_listed_without_their_secrets_and_can_be_revoked(cli):
    token = cli("keys", "create", "--user", "ana", "--scopes", "read").out.strip()
    cli("keys", "create", "--user", "ben", "--expires-days", "1")
    listed = cli("keys", "list").out
    assert token not in listed
    assert [line.split()[1] for line in listed.splitlines()] == ["user", "ana", "ben"]
    key_id = token.split("_")[2]
    assert key_id in listed
    assert " read " in listed
    assert cli("keys", "revoke", key_id).code == 0
    assert "revoked" in cli("keys", "list", "--user", "ana").out
    assert "ben" not in cli("keys", "list", "--user", "ana").out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["create"], "Missing option '--user'"),
        (["create", "--user", ""], "a user's name must be"),
        (["create", "--user", "a\x1b[31m"], "a user's name must be"),
        (["create", "--user", "ana", "--scopes", "everything"], "there is no scope everything"),
        (["create", "--user", "ana", "--scopes", ","], "a key needs at least one scope"),
        (["create", "--user", "ana", "--expires-days", "0"], "--expires-days"),
        (["revoke", "nope"], "there is no such key"),
    ],
)
def test_bad_requests_for_keys_are_told_in_one_line(cli, arguments, complaint):
    result = cli("keys", *arguments)
    assert (result.code, result.out) == (2, "")
    assert complaint in result.err
    assert result.err.count("\n") == 1


def test_a_database_of_ones_own_is_upgraded_on_demand_only(cli, other_database):
    refused = cli("keys", "create", "--user", "ana")
    assert refused.code == 2
    assert "star-coach db upgrade" in refused.err
    assert cli("db", "check").code == 2
    assert cli("db", "upgrade").out.startswith("the schema went from nothing to ")
    assert cli("db", "upgrade").out.startswith("the schema is up to date (")
    assert cli("db", "check").out == "the database answers and its schema is up to date\n"
    assert TOKEN.fullmatch(cli("keys", "create", "--user", "ana").out)
    assert other_database.exists()


@pytest.mark.parametrize("statement", ["CREATE TABLE users (id INTEGER)", "CREATE TABLE alembic_version (x INTEGER)"])
def test_a_database_of_another_program_is_told_and_left_as_it_is(cli, other_database, statement):
    with closing(sqlite3.connect(other_database)) as connection:
        connection.execute(statement)
        connection.commit()
        before = connection.execute("SELECT * FROM sqlite_master").fetchall()
        result = cli("db", "upgrade")
        assert (result.code, result.out) == (2, "")
        assert "another program" in result.err
        assert connection.execute("SELECT * FROM sqlite_master").fetchall() == before


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://root:hidden-word@db/coach", 2),
        ("not a url", 2),
        ("postgresql+psycopg://coach:hidden-word@127.0.0.1:1/coach", 3),
        ("sqlite:////proc/nowhere/coach.db", 3),
    ],
)
def test_a_database_that_can_not_be_used_is_told_without_its_password(cli, monkeypatch, url, code):
    monkeypatch.setenv("COACH_DATABASE_URL", url)
    for arguments in (["db", "check"], ["db", "upgrade"], ["keys", "list"]):
        result = cli(*arguments)
        assert result.code == code, (arguments, result)
        assert result.err.startswith("star-coach: error: ")
        assert result.err.count("\n") == 1
        assert "hidden-word" not in result.err


def test_a_database_is_backed_up_into_a_new_file(cli, tmp_path):
    assert cli("keys", "create", "--user", "ann").code == 0
    done = cli("db", "backup", str(tmp_path / "copy.db"))
    assert done.code == 0
    assert "and checked" in done.out
    again = cli("db", "backup", str(tmp_path / "copy.db"))
    assert again.code == 2
    assert "exists already" in again.err
