"""API keys, on both databases."""

import asyncio
import re
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.errors import InvalidInput, NotFound, Unauthenticated
from app.store import ALL_SCOPES, USER_SCOPES, Scope, Store
from app.store.tables import KeyRow
from app.store.tokens import make_token, read_token

pytestmark = pytest.mark.anyio

# What a secret scanner would be told to look for.
KEY_FORM = re.compile(r"\bssc_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\b")


async def expire(store: Store, key_id: str) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    change = update(KeyRow).where(col(KeyRow.id) == key_id).values(expires_at=past)
    await store._database.write(lambda session: session.exec(change) and None)


async def test_a_key_speaks_for_its_user(store):
    key = await store.keys.add("ann", label="laptop")
    caller = await store.keys.authenticate(key.token)
    user = await store.users.find("ann")
    assert (caller.user_id, caller.user_name, caller.key_id) == (user.id, "ann", key.record.id)
    assert caller.scopes == USER_SCOPES == ALL_SCOPES - {Scope.ADMIN}


async def test_a_key_has_the_scopes_it_was_given(store):
    key = await store.keys.add("ann", scopes={Scope.READ, Scope.ADMIN})
    assert (await store.keys.authenticate(key.token)).scopes == {Scope.READ, Scope.ADMIN}


async def test_two_processes_that_make_a_users_first_key_make_one_user(store):
    await asyncio.gather(*(store.keys.add("ann") for _ in range(8)))
    assert len(await store.users.list()) == 1
    assert len(await store.keys.list("ann")) == 8


async def test_a_key_for_nobody_is_refused_when_no_user_is_to_be_made(store):
    with pytest.raises(NotFound):
        await store.keys.add("ann", create_user=False)
    assert await store.users.list() == ()


async def test_keys_are_listed_for_one_user_or_for_all(store):
    ann, bob = await store.keys.add("ann", label="a"), await store.keys.add("bob", label="b")
    assert await store.keys.list("ann") == (ann.record,)
    assert await store.keys.list() == (ann.record, bob.record)


async def test_every_useless_key_is_refused_with_the_same_words(store):
    good = await store.keys.add("ann")
    revoked, expired = await store.keys.add("ann"), await store.keys.add("ann")
    await store.keys.revoke(revoked.record.id)
    await expire(store, expired.record.id)
    other_secret = make_token()._replace(id=good.record.id)
    tokens = {
        "missing": None,
        "empty": "",
        "malformed": "ssc_live_x",
        "mistyped": good.token[:-1] + ("a" if good.token[-1] != "a" else "b"),
        "surrogate": good.token[:-1] + "\ud800",
        "other alphabet": good.token.replace("ssc", "ss\u0441"),
        "with a line break": good.token + "\n",
        "huge": "ssc_live_" + "a" * 1_000_000,
        "unknown": make_token().text,
        "someone's id with another secret": other_secret.text,
        "revoked": revoked.token,
        "expired": expired.token,
    }
    refusals: set[tuple[str, str]] = set()
    for token in tokens.values():
        with pytest.raises(Unauthenticated) as refusal:
            await store.keys.authenticate(token)
        refusals.add((refusal.value.detail, refusal.value.slug))
    assert len(refusals) == 1
    assert (await store.keys.authenticate(good.token)).key_id == good.record.id


async def test_a_revoked_key_ends_at_once_in_every_process(store, database_url):
    key = await store.keys.add("ann")
    async with Store.open(database_url) as other:
        await other.keys.authenticate(key.token)
        first = await store.keys.revoke(key.record.id)
        with pytest.raises(Unauthenticated):
            await other.keys.authenticate(key.token)
        assert await other.keys.revoke(key.record.id) == first.model_copy(
            update={"last_used_at": (await other.keys.list())[0].last_used_at}
        )


@pytest.mark.parametrize("key_id", ["", "x", "0" * 12, "0" * 5000])
async def test_revoking_an_unknown_key_says_so(store, key_id):
    with pytest.raises(NotFound):
        await store.keys.revoke(key_id)


async def test_the_last_use_is_written_down_once_a_minute_and_after_the_answer(database_url):
    async with Store.open(database_url) as store:
        key = await store.keys.add("ann")
        await store.keys.authenticate(key.token)
    async with Store.open(database_url) as store:  # closing finished what was queued
        (used,) = await store.keys.list()
        assert used.last_used_at is not None
        assert abs(datetime.now(UTC) - used.last_used_at) < timedelta(minutes=1)
        for _ in range(3):
            await store.keys.authenticate(key.token)
    async with Store.open(database_url) as store:
        assert await store.keys.list() == (used,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": "x" * 101},
        {"label": "a\nb"},
        {"label": "\0"},
        {"scopes": ()},
        {"expires_at": datetime(2000, 1, 1, tzinfo=UTC)},
        {"expires_at": datetime(2100, 1, 1)},  # noqa: DTZ001 - without a time zone is the point
    ],
)
async def test_a_key_that_makes_no_sense_is_refused(store, wrong):
    with pytest.raises(InvalidInput):
        await store.keys.add("ann", **wrong)
    assert await store.users.list() == ()


async def test_the_database_holds_no_key(sqlite_url):
    async with Store.open(sqlite_url) as store:
        key = await store.keys.add("ann")
    parts = read_token(key.token)
    assert parts is not None
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        dump = "\n".join(connection.iterdump())
    connection.close()
    assert key.record.id in dump
    assert parts.secret not in dump
    assert key.token not in dump
    assert key.token not in repr(key)


async def test_a_secret_scanner_finds_every_key_and_nothing_else():
    tokens = [make_token().text for _ in range(1000)]
    assert all(KEY_FORM.fullmatch(token) and read_token(token) for token in tokens)
    assert len(set(tokens)) == 1000
    assert not any(read_token(token[:-1] + ("0" if token[-1] != "0" else "1")) for token in tokens)
    assert not any(read_token(token[:20] + ("0" if token[20] != "0" else "1") + token[21:]) for token in tokens)
