"""What is told of a run while it goes."""

import pytest

from app.catalog import Catalog
from app.cli.progress import Bar, Lines, Progress, Surroundings, choose_progress, spell_out
from app.coach.assess import Assessor
from app.coach.batch import Outcome
from app.domain import Engine, Story
from app.errors import ModelUnavailable, UnreadableStory

STORY = Story(text="I did it.", path="canary\x1b[31m.md")
PLAIN = Assessor(Catalog(), judge=None, max_story_chars=1000).assess_by_rules(STORY)
BROKEN = UnreadableStory("canary.md", "is empty")
FAILED = Outcome(STORY, PLAIN, ModelUnavailable("canary"))


def done(cost_usd: float | None = None, *, engine: Engine = Engine.RULES) -> Outcome:
    made = PLAIN.provenance.model_copy(
        update={"engine": engine, "model": None if engine is Engine.RULES else "m", "cost_usd": cost_usd}
    )
    return Outcome(STORY, PLAIN.model_copy(update={"provenance": made}), None)


class Told:
    """Lines that are written while a clock is turned by hand."""

    def __init__(self, total: int | None) -> None:
        self.now = 0.0
        self.lines: list[str] = []
        self._progress = Lines(self.lines.append, lambda: self.now)
        self._progress.begin(total)

    def add(self, *items: Outcome | UnreadableStory, each_s: float) -> None:
        for item in items:
            self.now += each_s
            self._progress.add(item)


def test_each_tenth_is_told_with_the_time_that_is_left():
    told = Told(100)
    told.add(*[done()] * 100, each_s=0.5)
    assert told.lines[:2] == ["10 of 100 stories, about 45 s left", "20 of 100 stories, about 40 s left"]
    assert len(told.lines) == 9


def test_a_run_that_is_over_soon_tells_nothing():
    told = Told(100)
    told.add(*[done()] * 100, each_s=0.01)
    assert told.lines == []


def test_slow_stories_are_told_every_quarter_of_a_minute():
    told = Told(10_000)
    told.add(*[done()] * 12, each_s=5)
    assert told.lines[0] == "3 of 10000 stories, about 13 h 53 min left"
    assert len(told.lines) == 4


def test_failures_and_cost_are_told_and_nothing_of_a_story():
    told = Told(3)
    told.add(BROKEN, FAILED, each_s=20)
    assert told.lines[-1] == "2 of 3 stories, about 20 s left, 2 failed"
    told = Told(None)
    told.add(done(0.25, engine=Engine.LLM), done(0.5, engine=Engine.LLM), each_s=20)
    assert told.lines == ["1 story done, 0.2500 USD", "2 stories done, 0.7500 USD"]
    told.add(done(None, engine=Engine.LLM), each_s=20)
    assert told.lines[-1] == "3 stories done, cost unknown"
    assert "canary" not in "".join(told.lines)


@pytest.mark.parametrize(
    ("choice", "is_terminal", "environment", "chosen"),
    [
        ("auto", True, {"TERM": "xterm"}, Bar),
        ("auto", True, {"TERM": "dumb"}, Lines),
        ("auto", True, {}, Lines),
        ("auto", True, {"TERM": "xterm", "CI": "true"}, Lines),
        ("auto", False, {"CI": "1"}, Lines),
        ("auto", False, {"TERM": "xterm", "CI": "false"}, Progress),
        ("auto", False, {"TERM": "xterm"}, Progress),
        ("bar", True, {"TERM": "xterm", "CI": "true"}, Bar),
        ("bar", False, {"TERM": "xterm"}, Lines),
        ("lines", True, {"TERM": "xterm"}, Lines),
        ("none", True, {"TERM": "xterm"}, Progress),
    ],
)
def test_who_looks_at_stderr_decides_what_is_shown(choice, is_terminal, environment, chosen):
    assert type(choose_progress(choice, Surroundings(is_terminal, environment))) is chosen


def test_times_are_spelt_as_roughly_as_they_are_known():
    assert [spell_out(s) for s in (0.2, 59, 90, 3599, 7300)] == ["1 s", "59 s", "2 min", "60 min", "2 h 01 min"]
