import asyncio

import pytest

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.batch import Batch
from app.domain import Story
from app.errors import Misconfigured, ModelUnavailable, UnreadableStory

CATALOG = Catalog()


class Scripted(Assessor):
    """An assessor that a story's title tells to wait, to fail or to break."""

    def __init__(self) -> None:
        super().__init__(CATALOG, judge=None, max_story_chars=1000)
        self.at_once = self.most_at_once = 0
        self.started = asyncio.Event()

    async def assess(self, story, **options):
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            match story.title.split():
                case ["waits", turns]:
                    for _ in range(int(turns)):
                        await asyncio.sleep(0)
                case ["hangs"]:
                    self.started.set()
                    await asyncio.Event().wait()
                case ["unavailable"]:
                    raise ModelUnavailable("the model did not answer", slug="timeout")
                case ["misconfigured"]:
                    raise Misconfigured("the key is refused")
                case ["breaks"]:
                    raise KeyError(story.text)
                case _:
                    pass
            return await super().assess(story, **options)
        finally:
            self.at_once -= 1


def stories(*titles):
    return [Story(text="A canary text that is not long.", title=title) for title in titles]


def run(items, *, jobs=2):
    assessor, taken = Scripted(), []
    is_whole = asyncio.run(Batch(assessor, engine="rules", jobs=jobs).run(items, taken.append))
    return is_whole, taken, assessor


def titles(taken):
    return [
        item.reason if isinstance(item, UnreadableStory) else item.assessment.story.title.split()[0] for item in taken
    ]


def test_outcomes_come_in_the_order_of_the_stories_whoever_is_done_first():
    items = [*stories("waits 50", "a"), UnreadableStory("x.md", "is empty"), *stories("waits 9", "b", "c")]
    is_whole, taken, _ = run(items, jobs=4)
    assert is_whole
    assert titles(taken) == ["waits", "a", "is empty", "waits", "b", "c"]


@pytest.mark.parametrize("jobs", [1, 3])
def test_no_more_stories_than_asked_for_are_assessed_at_once(jobs):
    _, taken, assessor = run(stories(*["waits 5"] * 20), jobs=jobs)
    assert (len(taken), assessor.most_at_once) == (20, jobs)


def test_stories_are_read_as_they_are_needed():
    read = []

    def items():
        for number in range(100):
            read.append(number)
            yield from stories(f"s{number}")

    ahead = []
    asyncio.run(Batch(Scripted(), engine="rules", jobs=2).run(items(), lambda _: ahead.append(len(read) - len(ahead))))
    assert len(ahead) == 100
    assert max(ahead) <= 8


def test_a_failure_stays_with_its_story():
    is_whole, taken, _ = run(stories("a", "unavailable", "b"))
    assert is_whole
    failed = taken[1]
    assert failed.assessment.status == "not_assessed"
    assert failed.assessment.strength is None
    assert failed.assessment.reason == "timeout: the model did not answer"
    assert isinstance(failed.failure, ModelUnavailable)
    assert [item.failure for item in (taken[0], taken[2])] == [None, None]


def test_a_defect_stays_with_its_story_and_quotes_nothing_of_it():
    _, taken, _ = run(stories("breaks", "a"))
    assert taken[0].assessment.reason.startswith("internal-error: a defect of this program (KeyError at test_batch.py:")
    assert "canary" not in taken[0].assessment.model_dump_json()


def test_what_no_story_would_escape_ends_the_batch():
    with pytest.raises(Misconfigured, match="the key is refused"):
        run(stories("a", "misconfigured", "hangs"))


def test_a_cancelled_batch_hands_over_what_is_done():
    async def go():
        assessor, taken = Scripted(), []
        items = [*stories("a", "hangs", "b"), UnreadableStory("x.md", "is empty")]
        task = asyncio.ensure_future(Batch(assessor, engine="rules", jobs=3).run(items, taken.append))
        await assessor.started.wait()
        await asyncio.sleep(0.01)
        task.cancel()
        return await task, titles(taken), assessor.at_once

    assert asyncio.run(go()) == (False, ["a", "b", "is empty"], 0)
