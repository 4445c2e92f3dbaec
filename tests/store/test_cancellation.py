"""A cancelled call leaves no connection, no transaction and no half-done change behind."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.pool import QueuePool

from app.errors import NotFound
from app.store import Store, StoryChanges, StoryFields
from tests.store.samples import make_assessment

pytestmark = pytest.mark.anyio


def checked_out(store: Store) -> int:
    pool = store._database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


async def cancel_after(steps: int, call: Callable[[], Awaitable[object]]) -> bool:
    """Start a call, cancel it after some turns of the loop, and tell whether it was cut."""
    task = asyncio.ensure_future(call())
    for step in range(steps):
        await asyncio.sleep(0 if step % 2 else 0.0002)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


async def test_a_cancel_at_any_moment_leaves_nothing_checked_out(store):
    user = await store.users.add("ann")
    story = await store.stories.add(user.id, StoryFields(text="start"))
    calls = (
        lambda: store.stories.add(user.id, StoryFields(text="more")),
        lambda: store.stories.update(user.id, story.id, StoryChanges(text="changed")),
        lambda: store.assessments.add_with_story(user.id, StoryFields(text="both"), make_assessment()),
        lambda: store.stories.page(user.id),
        lambda: store.keys.add("ann"),
    )
    cut = 0
    for steps in range(50):
        cut += await cancel_after(steps, calls[steps % len(calls)])
        assert checked_out(store) == 0
        assert (await store.stories.get(user.id, story.id)).id == story.id
    assert cut > 0
    for item in (await store.stories.page(user.id, limit=100)).items:
        assert item.revision.text in {"start", "more", "changed", "both"}
    for assessment in (await store.assessments.page(user.id, limit=100)).items:
        assert (await store.stories.get(user.id, str(assessment.story.id))).revision.text == "both"


async def test_many_cancelled_at_once_leave_nothing_checked_out(store):
    user = await store.users.add("ann")
    tasks = [asyncio.ensure_future(store.stories.add(user.id, StoryFields(text=f"{n}"))) for n in range(60)]
    await asyncio.sleep(0.005)
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert checked_out(store) == 0
    kept = {outcome.id for outcome in outcomes if not isinstance(outcome, BaseException)}
    assert kept <= {item.id for item in (await store.stories.page(user.id, limit=100)).items}


async def test_work_that_has_not_begun_never_runs_once_cancelled(sqlite_url):
    started, gate = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        started.set()
        gate.wait()

    async with Store.open(sqlite_url) as store:
        holding = asyncio.ensure_future(store._database.write(hold))
        await asyncio.to_thread(started.wait)
        waiting = asyncio.ensure_future(store.users.add("ann"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()
        gate.set()
        await holding
        assert await store.users.list() == ()


async def test_work_that_has_begun_is_waited_for_however_often_it_is_cancelled(store):
    started, gate = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        started.set()
        gate.wait()
        raise NotFound("nobody hears this")

    holding = asyncio.ensure_future(store._database.write(hold))
    await asyncio.to_thread(started.wait)
    for _ in range(3):
        holding.cancel()
        await asyncio.sleep(0)
        assert not holding.done()
    gate.set()
    await asyncio.wait([holding])
    assert holding.cancelled()
    assert checked_out(store) == 0


async def test_a_timeout_around_a_call_is_a_timeout(store):
    started, gate = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        started.set()
        gate.wait()

    async def run() -> None:
        async with asyncio.timeout(0.05):
            await store._database.read(hold)

    running = asyncio.ensure_future(run())
    await asyncio.to_thread(started.wait)
    await asyncio.sleep(0.1)
    gate.set()
    with pytest.raises(TimeoutError):
        await running
