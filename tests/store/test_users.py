"""Users, on both databases."""

import asyncio

import pytest

from app.errors import Conflict, InvalidInput

pytestmark = pytest.mark.anyio


async def test_a_user_is_found_by_name(store):
    added = await store.users.add("Ann Example")
    assert await store.users.find("Ann Example") == added
    assert await store.users.find("ann example") is None


async def test_a_name_belongs_to_one_user(store):
    await store.users.add("ann")
    with pytest.raises(Conflict):
        await store.users.add("ann")


async def test_of_many_who_add_a_name_at_once_one_succeeds(store):
    outcomes = await asyncio.gather(*(store.users.add("ann") for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 7
    assert len(await store.users.list()) == 1


async def test_two_spellings_of_the_same_letters_are_one_name(store):
    added = await store.users.add("Jos\u00e9")
    assert await store.users.find("Jose\u0301") == added


async def test_users_are_listed_by_name(store):
    for name in ("cleo", "ann", "bob"):
        await store.users.add(name)
    assert [user.name for user in await store.users.list()] == ["ann", "bob", "cleo"]


@pytest.mark.parametrize("name", ["", " ann", "ann ", "a\nb", "a\0b", "\x1b[31m", "\ud800", "x" * 65, "\u202eann"])
async def test_a_name_that_can_not_be_shown_is_refused(store, name):
    with pytest.raises(InvalidInput):
        await store.users.add(name)
