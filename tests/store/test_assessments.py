"""Assessments, on both databases."""

from uuid import uuid4

import pytest

from app.errors import Conflict, InvalidInput, NotFound
from app.store import Store, StoryFields
from app.store.assessments import _columns, _insert
from tests.store.samples import make_assessment

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ann(store: Store) -> str:
    return (await store.users.add("ann")).id


async def test_an_assessment_comes_back_as_it_was_published_with_its_story_named(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one"))
    given = make_assessment("Straße \U0001f680 e\u0301")
    added = await store.assessments.add(ann, story.id, story.revision.id, given)
    assert (added.story.id, added.story.revision) == (story.id, story.revision.id)
    assert added.model_copy(update={"story": given.story}) == given
    assert await store.assessments.get(ann, given.id) == added


async def test_an_unassessed_story_is_kept_without_a_strength(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one"))
    added = await store.assessments.add(ann, story.id, story.revision.id, make_assessment(strength=None))
    assert (await store.assessments.get(ann, added.id)).strength is None


async def test_a_story_and_its_assessment_are_stored_together(store, ann):
    added = await store.assessments.add_with_story(ann, StoryFields(text="one", title="t"), make_assessment())
    story = await store.stories.get(ann, added.story.id)
    assert (story.revision.id, story.revision.text, story.title) == (added.story.revision, "one", "t")
    assert await store.assessments.get(ann, added.id) == added


async def test_a_story_whose_assessment_can_not_be_stored_is_not_stored_either(store, ann):
    first = await store.assessments.add_with_story(ann, StoryFields(text="one"), make_assessment())
    with pytest.raises(Conflict):
        await store.assessments.add_with_story(ann, StoryFields(text="two"), first)
    assert [item.id for item in (await store.stories.page(ann)).items] == [first.story.id]


async def test_an_id_is_stored_once(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one"))
    given = make_assessment()
    await store.assessments.add(ann, story.id, story.revision.id, given)
    with pytest.raises(Conflict):
        await store.assessments.add(ann, story.id, story.revision.id, given)


async def test_an_assessment_needs_a_story_and_a_revision_of_that_story(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one"))
    other = await store.stories.add(ann, StoryFields(text="two"))
    with pytest.raises(NotFound, match="no such story"):
        await store.assessments.add(ann, str(uuid4()), story.revision.id, make_assessment())
    for revision_id in (str(uuid4()), other.revision.id, "x"):
        with pytest.raises(NotFound, match="no such revision"):
            await store.assessments.add(ann, story.id, revision_id, make_assessment())
    with pytest.raises(NotFound, match="no such user"):
        await store.assessments.add_with_story(str(uuid4()), StoryFields(text="one"), make_assessment())


async def test_what_can_not_be_stored_is_refused(store, ann):
    story = await store.stories.add(ann, StoryFields(text="one"))
    for bad in (make_assessment().model_copy(update={"id": "x"}), make_assessment("\ud800")):
        with pytest.raises(InvalidInput):
            await store.assessments.add(ann, story.id, story.revision.id, bad)
        with pytest.raises(InvalidInput):
            await store.assessments.add_with_story(ann, StoryFields(text="one"), bad)
    assert (await store.assessments.page(ann)).items == ()


async def test_pages_show_one_story_or_all_newest_first(store, ann):
    one = await store.stories.add(ann, StoryFields(text="one"))
    two = await store.stories.add(ann, StoryFields(text="two"))
    added = [
        await store.assessments.add(ann, story.id, story.revision.id, make_assessment()) for story in (one, two, one)
    ]
    first = await store.assessments.page(ann, limit=2)
    rest = await store.assessments.page(ann, cursor=first.next_cursor, limit=2)
    assert [*first.items, *rest.items] == added[::-1]
    assert (await store.assessments.page(ann, story_id=one.id)).items == (added[2], added[0])
    with pytest.raises(NotFound):
        await store.assessments.page(ann, story_id=str(uuid4()))


async def test_a_deleted_story_takes_its_assessments_along(store, ann):
    added = await store.assessments.add_with_story(ann, StoryFields(text="one"), make_assessment())
    await store.stories.delete(ann, added.story.id)
    with pytest.raises(NotFound):
        await store.assessments.get(ann, added.id)
    assert (await store.assessments.page(ann)).items == ()


async def test_a_story_deleted_while_its_assessment_is_stored_is_not_found(store, ann):
    placed = make_assessment()
    story = placed.story.model_copy(update={"id": str(uuid4()), "revision": str(uuid4())})
    columns = _columns(ann, placed.model_copy(update={"story": story}))
    with pytest.raises(NotFound, match="no such story"):
        await store._database.write(lambda session: _insert(session, columns), user_id=ann)
