"""Requests that are carried out once, on both databases."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlmodel import col

from app.errors import Conflict, InvalidInput
from app.store import Claim, Receipt, Reply, Store, StoryFields
from app.store.tables import ReplyRow
from tests.store.once import keep_story
from tests.store.samples import make_assessment

pytestmark = pytest.mark.anyio

PROJECT = Path(__file__).parents[2]
ROUTE, KEY, SAME, OTHER = "create_story", "key one", "a" * 64, "b" * 64
STEPS = 24  # more than a claimed request has statements and commits


@pytest.fixture
async def ann(store: Store) -> str:
    return (await store.users.add("ann")).id


async def take(store: Store, user_id: str, *, key: str = KEY, fingerprint: str = SAME, lease_s: float = 60.0):
    return await store.replies.claim(user_id, ROUTE, key, fingerprint, lease_s=lease_s)


def receipt_for(claim: object) -> Receipt[Any]:
    assert isinstance(claim, Claim)
    return Receipt(claim, lambda made: Reply(status=201, headers={"Location": made.id}, body=f"made {made.id}"))


async def move_back(store: Store, user_id: str, **times: timedelta) -> None:
    """Let time pass for a user's replies."""
    now = datetime.now(UTC)
    values = {name: now - ago for name, ago in times.items()}
    query = update(ReplyRow).where(col(ReplyRow.user_id) == user_id).values(values)
    await store._database.write(lambda session: session.connection().execute(query), user_id=user_id)


async def count_replies(store: Store, user_id: str) -> int:
    query = text("SELECT count(*) FROM replies WHERE user_id = :user_id")
    return await store._database.read(
        lambda session: session.connection().scalar(query, {"user_id": user_id}), user_id=user_id
    )


async def test_a_reply_is_stored_with_the_story_and_given_again(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one"), receipt=receipt_for(await take(store, ann)))
    expected = Reply(status=201, headers={"Location": story.id}, body=f"made {story.id}")
    assert await take(store, ann) == expected
    assert await take(store, ann) == expected


async def test_a_key_stands_for_one_request(store, ann):
    claim = await take(store, ann)
    with pytest.raises(InvalidInput) as under_way:
        await take(store, ann, fingerprint=OTHER)
    await store.stories.add(ann, StoryFields(text="one"), receipt=receipt_for(claim))
    with pytest.raises(InvalidInput) as done:
        await take(store, ann, fingerprint=OTHER)
    assert under_way.value.slug == done.value.slug == "key-reused"


async def test_a_request_under_way_is_not_begun_again(store, ann):
    await take(store, ann)
    with pytest.raises(Conflict) as caught:
        await take(store, ann)
    assert (caught.value.slug, caught.value.retry_after_s) == ("in-progress", 1.0)


async def test_users_and_routes_have_keys_of_their_own(store, ann):
    bob = (await store.users.add("bob")).id
    assert isinstance(await take(store, ann), Claim)
    assert isinstance(await take(store, bob), Claim)
    assert isinstance(await store.replies.claim(ann, "create_assessment", KEY, OTHER, lease_s=60), Claim)


async def test_a_key_given_back_is_free_and_a_stored_reply_is_not_given_back(store, ann):
    claim = await take(store, ann)
    await store.replies.release(ann, claim)
    again = await take(store, ann, fingerprint=OTHER)
    await store.replies.release(ann, claim)  # an old claim gives nothing back
    with pytest.raises(Conflict):
        await take(store, ann, fingerprint=OTHER)
    await store.stories.add(ann, StoryFields(text="one"), receipt=receipt_for(again))
    await store.replies.release(ann, again)
    assert isinstance(await take(store, ann, fingerprint=OTHER), Reply)


async def test_after_its_lease_a_key_is_taken_over_and_its_first_holder_stores_nothing(store, ann):
    late = await take(store, ann, lease_s=0)
    taken = await take(store, ann)
    with pytest.raises(Conflict):
        await store.stories.add(ann, StoryFields(text="late"), receipt=receipt_for(late))
    assert (await store.stories.page(ann)).items == ()
    added = await store.assessments.add_with_story(
        ann, StoryFields(text="one"), make_assessment(), receipt=receipt_for(taken)
    )
    with pytest.raises(Conflict):
        await store.assessments.add(
            ann, str(added.story.id), str(added.story.revision), make_assessment(), receipt=receipt_for(late)
        )
    assert len((await store.assessments.page(ann)).items) == 1


async def test_a_reply_is_kept_for_a_day_and_then_goes(store, ann):
    await store.stories.add(ann, StoryFields(text="one"), receipt=receipt_for(await take(store, ann)))
    await move_back(store, ann, created_at=timedelta(hours=23, minutes=59))
    await store.replies.prune()
    assert isinstance(await take(store, ann), Reply)
    await move_back(store, ann, created_at=timedelta(hours=24, seconds=1))
    assert isinstance(await take(store, ann, fingerprint=OTHER), Claim)


async def test_pruning_reaches_users_who_do_not_come_back_and_leaves_what_is_under_way(store, ann):
    bob = (await store.users.add("bob")).id
    await store.stories.add(bob, StoryFields(text="one"), receipt=receipt_for(await take(store, bob)))
    await take(store, ann)
    await take(store, ann, key="dead", lease_s=0)
    for user_id in (ann, bob):
        await move_back(store, user_id, created_at=timedelta(days=2))
    await store.replies.prune()
    assert (await count_replies(store, ann), await count_replies(store, bob)) == (1, 0)


async def test_one_of_many_gets_the_claim(store, ann):
    found = await asyncio.gather(*(take(store, ann) for _ in range(50)), return_exceptions=True)
    assert Counter(type(item) for item in found) == {Claim: 1, Conflict: 49}


async def test_a_deleted_story_takes_its_reply_along(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one"), receipt=receipt_for(await take(store, ann)))
    await store.stories.delete(ann, story.id)
    assert await count_replies(store, ann) == 0


@pytest.mark.slow
async def test_a_process_killed_at_any_step_leaves_all_or_nothing_and_the_key_can_be_used(store, database_url, ann):
    program = PROJECT / "tests" / "store" / "once.py"
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, program, database_url, ann, str(STEPS)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
    )
    codes = [int(code) for code in done.stdout.split()]
    assert set(codes) == {-signal.SIGKILL, 0}
    assert codes[-1] == 0  # STEPS are enough
    await move_back(store, ann, leased_until=timedelta(seconds=1))
    for step in range(1, STEPS + 1):
        found = await store.replies.claim(ann, "create_assessment", f"key {step}", "f" * 64, lease_s=3600)
        if isinstance(found, Claim):
            await store.replies.release(ann, found)
            await keep_story(database_url, ann, f"key {step}")
    stories = (await store.stories.page(ann, limit=100)).items
    assert Counter(story.title for story in stories) == {f"key {step}": 1 for step in range(1, STEPS + 1)}
