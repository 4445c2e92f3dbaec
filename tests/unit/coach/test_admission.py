"""Places for those who wait: how many, whose, for how long, and that none gets lost."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coach.admission import Admission
from app.errors import LimitExceeded, ModelUnavailable

pytestmark = pytest.mark.anyio


def admission(places: int, *, wait_s: float = 0.0, longest_s: float = 60.0, **options) -> Admission:
    return Admission(places, wait_s=wait_s, longest_s=longest_s, **options)


async def hold(door: Admission, user: str, until: Callable[[], Awaitable[object]]) -> None:
    async with door.place(user):
        await until()


async def nothing() -> None:
    pass


async def _run(make: Callable[[], Awaitable[None]]) -> None:
    await make()


async def start(make: Callable[[], Awaitable[None]], count: int = 1) -> list[asyncio.Task[None]]:
    """Start so many, and let each get as far as it can."""
    tasks = [asyncio.create_task(_run(make)) for _ in range(count)]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_one_more_than_there_are_places_is_refused_with_a_wait():
    door, end = admission(4), asyncio.Event()
    held = await start(lambda: hold(door, "ann", end.wait), 3) + await start(lambda: hold(door, "ben", end.wait))
    with pytest.raises(LimitExceeded) as caught:
        await hold(door, "cem", end.wait)
    assert (caught.value.slug, caught.value.retry_after_s) == ("overloaded", 1.0)
    end.set()
    await asyncio.gather(*held)
    await hold(door, "cem", nothing)
    assert door.traffic == (0, 0, 5, 1, 0)


@pytest.mark.parametrize(("places", "share"), [(1, 1), (2, 1), (3, 2), (4, 3), (8, 6), (64, 48)])
async def test_one_user_never_has_all_the_places(places: int, share: int):
    door, end = admission(places), asyncio.Event()
    tasks = await start(lambda: hold(door, "ann", end.wait), places)
    assert door.traffic.under_way == share
    if places > 1:
        tasks += await start(lambda: hold(door, "ben", end.wait))
        assert door.traffic.under_way == share + 1
    end.set()
    refused = [result for result in await asyncio.gather(*tasks, return_exceptions=True) if result is not None]
    assert len(refused) == places - share


async def test_who_waits_gets_the_next_free_place_in_order():
    door = admission(2, wait_s=30)
    ends = {user: asyncio.Event() for user in ("ann", "ben", "cem", "dan")}
    tasks = {
        user: (await start(lambda user=user: hold(door, user, ends[user].wait)))[0] for user in ends if user != "dan"
    }
    tasks.update({"dan": (await start(lambda: hold(door, "dan", ends["dan"].wait)))[0]})
    assert door.traffic[:2] == (2, 2)
    ends["ann"].set()
    await tasks["ann"]
    ends["cem"].set()
    await tasks["cem"]
    assert door.traffic[:2] == (2, 0)
    ends["ben"].set()
    ends["dan"].set()
    await asyncio.gather(tasks["ben"], tasks["dan"])


async def test_one_users_line_does_not_shut_the_door_on_another():
    door, end = admission(4, wait_s=30), asyncio.Event()
    tasks = await start(lambda: hold(door, "ann", end.wait), 50)
    tasks += await start(lambda: hold(door, "ben", end.wait), 2)
    assert door.traffic[:2] == (4, 4)
    assert sum(task.done() for task in tasks) == 50 + 2 - 8
    end.set()
    assert sum(result is None for result in await asyncio.gather(*tasks, return_exceptions=True)) == 8


async def test_what_takes_too_long_is_stopped_and_gives_its_place_back():
    door = admission(1, longest_s=0.02)
    with pytest.raises(ModelUnavailable) as caught:
        await hold(door, "ann", asyncio.Event().wait)
    assert caught.value.slug == "too-slow"
    await hold(door, "ann", nothing)
    assert door.traffic == (0, 0, 2, 0, 1)


async def test_a_time_out_of_the_work_itself_is_not_taken_for_ours():
    async def time_out() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await hold(admission(1), "ann", time_out)


async def test_the_wait_that_is_asked_for_follows_how_long_one_takes():
    clock = chain([0.0, 0.0], repeat(7.0))
    door, end = admission(1, now=lambda: next(clock)), asyncio.Event()
    await hold(door, "ann", nothing)
    held = await start(lambda: hold(door, "ann", end.wait))
    with pytest.raises(LimitExceeded) as caught:
        await hold(door, "ben", end.wait)
    assert caught.value.retry_after_s == 7.0
    end.set()
    await asyncio.gather(*held)


@given(places=st.integers(1, 6), seed=st.integers(0, 2**32))
def test_no_place_is_lost_or_made_whoever_comes_leaves_or_waits(places: int, seed: int):
    asyncio.run(_crowd(places, random.Random(seed)))  # noqa: S311 - chooses what happens


async def _crowd(places: int, chance: random.Random) -> None:
    door = admission(places, wait_s=0.002)
    share = max(1, places - max(1, places // 4))
    inside: Counter[str] = Counter()

    async def visit(user: str) -> None:
        async with door.place(user):
            inside[user] += 1
            try:
                assert inside.total() <= places
                assert inside[user] <= share
                await asyncio.sleep(chance.choice([0, 0, 0.001]))
            finally:
                inside[user] -= 1

    tasks = [asyncio.ensure_future(visit(chance.choice("abc"))) for _ in range(30)]
    for task in tasks:
        if chance.random() < 0.3:
            task.cancel()
        if chance.random() < 0.2:
            await asyncio.sleep(0)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert not [result for result in results if isinstance(result, AssertionError)]
    assert door.traffic[:2] == (0, 0)
    for user in "abc":
        await visit(user)
