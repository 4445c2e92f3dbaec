"""The complete labelled stories of `evals`, read as a user's files are, and what the rules see in them."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from app.analysis.observe import Observations, observe
from app.analysis.places import Places
from app.catalog import Catalog, Rubric
from app.coach.reading import read_stories
from app.coach.settle import Settled, settle
from app.domain import Story, Target

SETS = ("dev", "messy", "own")
_EVALS = Path(__file__).parents[3] / "evals"


class Read(NamedTuple):
    """A story with its file's text and what was seen and settled without a model."""

    story: Story
    file: str
    observed: Observations
    settled: Settled

    @property
    def name(self) -> str:
        """The set and the story's id."""
        return str(self.story.path)


@cache
def rubric() -> Rubric:
    """Return the shipped rubric."""
    return Catalog().rubric("leadership-principles")


def codes(text: str) -> set[str]:
    """Return the codes of the gaps that the rules see in a text."""
    return {sign.code.value for sign in observe(text, rubric()).gaps}


@cache
def load_stories(name: str) -> tuple[Story, ...]:
    """Return the stories of one set, at least one."""
    stories = [item for item in read_stories(_EVALS / name / "stories", name) if isinstance(item, Story)]
    assert stories
    return tuple(stories)


@cache
def read_set(name: str) -> tuple[Read, ...]:
    """Return every story of one set with its findings."""
    return tuple(_read(story) for story in load_stories(name))


def _read(story: Story) -> Read:
    path = _EVALS / str(story.path).replace("/", "/stories/", 1)
    observed = observe(story.text, rubric())
    target = Target(role=rubric().default_role, level=rubric().default_level)
    places = Places(story.text, story.first_line)
    return Read(
        story,
        path.read_bytes().decode("utf-8"),
        observed,
        settle(observed, None, rubric=rubric(), target=target, places=places),
    )
