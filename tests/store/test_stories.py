"""Stories and their revisions, on both databases."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.errors import Conflict, InvalidInput, NotFound
from app.store import Page, Store, StoryChanges, StoryFields

pytestmark = pytest.mark.anyio

TEXT = "  Straße \U0001f680 e\u0301\r\n\tdone.\n"


@pytest.fixture
async def ann(store: Store) -> str:
    return (await store.users.add("ann")).id


async def test_a_story_comes_back_exactly_as_it_was_given(store, ann):
    given = StoryFields(
        text=TEXT, title="A move", question="Tell me", principles=("ownership", "dive-deep"), role="sdm", level="L6"
    )
    added = await store.stories.add(ann, given)
    found = await store.stories.get(ann, added.id)
    assert found == added
    assert found.revision.text == TEXT
    assert found.revision.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert (found.title, found.question, found.principles) == ("A move", "Tell me", ("ownership", "dive-deep"))
    assert (found.role, found.level, found.version, found.revision.number) == ("sdm", "L6", 1, 1)
    assert found.created_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - found.created_at) < timedelta(minutes=1)


async def test_a_new_text_makes_a_revision_and_the_old_one_stays(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one"))
    changed = await store.stories.update(ann, story.id, StoryChanges(text="two"))
    assert (changed.version, changed.revision.number, changed.revision.text) == (2, 2, "two")
    assert await store.stories.revisions(ann, story.id) == Page((changed.revision, story.revision), None)
    assert await store.stories.revision(ann, story.id, story.revision.id) == story.revision


async def test_the_same_text_makes_no_revision(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one"))
    assert await store.stories.update(ann, story.id, StoryChanges(text="one")) == story


async def test_only_the_given_fields_change(store, ann):
    story = await store.stories.add(
        ann, StoryFields(text="one", title="first", question="why", principles=("ownership",))
    )
    changed = await store.stories.update(ann, story.id, StoryChanges(title="second", question=None))
    assert (changed.title, changed.question, changed.principles) == ("second", None, ("ownership",))
    assert (changed.version, changed.revision) == (2, story.revision)
    assert changed.updated_at >= story.updated_at


async def test_a_change_that_changes_nothing_leaves_the_version(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one", title="first", principles=("ownership",)))
    same = StoryChanges(text="one", title="first", principles=("ownership",))
    assert await store.stories.update(ann, story.id, same) == story
    assert await store.stories.update(ann, story.id, StoryChanges()) == story


async def test_an_old_version_is_a_conflict_and_changes_nothing(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one"))
    changed = await store.stories.update(ann, story.id, StoryChanges(text="two"), expected_version=1)
    with pytest.raises(Conflict):
        await store.stories.update(ann, story.id, StoryChanges(text="three"), expected_version=1)
    with pytest.raises(Conflict):
        await store.stories.update(ann, story.id, StoryChanges(title="x"), expected_version=1)
    with pytest.raises(Conflict):
        await store.stories.delete(ann, story.id, expected_version=1)
    assert await store.stories.get(ann, story.id) == changed


async def test_of_many_writers_at_once_exactly_one_has_the_version(store, ann):
    story = await store.stories.add(ann, StoryFields(text="start"))
    tries = [store.stories.update(ann, story.id, StoryChanges(text=f"text {n}"), expected_version=1) for n in range(12)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 11
    assert (await store.stories.get(ann, story.id)).version == 2


async def test_no_update_of_many_at_once_is_lost(store, ann):
    story = await store.stories.add(ann, StoryFields(text="start"))
    await asyncio.gather(*(store.stories.update(ann, story.id, StoryChanges(text=f"text {n}")) for n in range(25)))
    revisions = (await store.stories.revisions(ann, story.id)).items
    assert [revision.number for revision in revisions] == list(range(26, 0, -1))
    assert {revision.text for revision in revisions} == {"start", *(f"text {n}" for n in range(25))}
    assert (await store.stories.get(ann, story.id)).version == 26


async def test_a_deleted_story_is_gone_with_its_revisions(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one"))
    await store.stories.delete(ann, story.id)
    for call in (
        store.stories.get(ann, story.id),
        store.stories.revisions(ann, story.id),
        store.stories.revision(ann, story.id, story.revision.id),
        store.stories.delete(ann, story.id),
        store.stories.update(ann, story.id, StoryChanges(title="x")),
    ):
        with pytest.raises(NotFound, match="there is no such story"):
            await call
    assert (await store.stories.page(ann)).items == ()


async def test_pages_are_newest_first_and_no_insert_shifts_them(store, ann):
    stories = [await store.stories.add(ann, StoryFields(text=f"story {n}")) for n in range(5)]
    first = await store.stories.page(ann, limit=2)
    await store.stories.add(ann, StoryFields(text="late"))
    second = await store.stories.page(ann, cursor=first.next_cursor, limit=2)
    third = await store.stories.page(ann, cursor=second.next_cursor, limit=2)
    assert [*first.items, *second.items, *third.items] == stories[::-1]
    assert third.next_cursor is None


async def test_a_page_shows_the_newest_text(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one"))
    changed = await store.stories.update(ann, story.id, StoryChanges(text="two"))
    assert (await store.stories.page(ann)).items == (changed,)


@pytest.mark.parametrize("limit", [0, -1, 101])
async def test_a_limit_out_of_range_is_refused(store, ann, limit):
    with pytest.raises(InvalidInput, match="limit"):
        await store.stories.page(ann, limit=limit)


@pytest.mark.parametrize("bad", ["\0", "a\0b", "\ud800", "x\udfff"])
async def test_a_text_that_no_database_can_hold_is_refused_wherever_it_stands(store, ann, bad):
    story = await store.stories.add(ann, StoryFields(text="one"))
    for fields in (
        StoryFields(text=bad),
        StoryFields(text="a", title=bad),
        StoryFields(text="a", question=bad),
        StoryFields(text="a", principles=(bad,)),
        StoryFields(text="a", role=bad),
        StoryFields(text="a", level=bad),
    ):
        with pytest.raises(InvalidInput, match="can't be stored"):
            await store.stories.add(ann, fields)
    with pytest.raises(InvalidInput, match="can't be stored"):
        await store.stories.update(ann, story.id, StoryChanges(text=bad))
    assert (await store.stories.page(ann)).items == (story,)


@pytest.mark.parametrize(
    "story_id", ["", "x", "\0", "\ud800", "../etc", "5F0C3A1E-9D2B-4C7A-8E6F-0123456789AB", "0" * 5000]
)
async def test_an_id_that_can_be_none_is_not_found_like_any_other(store, ann, story_id):
    with pytest.raises(NotFound) as absent:
        await store.stories.get(ann, str(uuid4()))
    for call in (store.stories.get(ann, story_id), store.stories.delete(ann, story_id)):
        with pytest.raises(NotFound) as malformed:
            await call
        assert vars(malformed.value) == vars(absent.value)


async def test_a_story_for_a_user_who_does_not_exist_is_refused(store):
    with pytest.raises(NotFound, match="there is no such user"):
        await store.stories.add(str(uuid4()), StoryFields(text="one"))


async def test_neither_repr_nor_a_validation_error_shows_the_text(store, ann):
    story = await store.stories.add(ann, StoryFields(text="canary", title="canary", question="canary"))
    assert "canary" not in repr(story)
    assert "canary" not in repr(StoryFields(text="canary", title="canary", question="canary"))
    with pytest.raises(ValueError, match="text") as refused:
        StoryFields(text=["canary"])  # pyright: ignore[reportArgumentType]
    assert "canary" not in str(refused.value)
