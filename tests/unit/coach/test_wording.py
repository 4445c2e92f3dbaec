import re
from itertools import chain
from typing import NamedTuple

import pytest

from app.analysis.facts import gather_facts
from app.analysis.gaps import Formula, GapSign, find_gaps
from app.analysis.sections import read_sections
from app.analysis.sentences import split_sentences
from app.coach.wording import Words, general_advice, word_gap
from app.domain import GapCode
from tests.unit.analysis.corpus import SETS, Read, read_set
from tests.unit.analysis.tales import WEAKER

QUOTED = re.compile(r"“(.*?)”", re.DOTALL)
NUMBER = re.compile(r"\d[\d.,]*\d|\d")
SURE = Formula((), 5.0, 0.5)
SAID_OF_ALL = {"I"}


class Told(NamedTuple):
    """A gap of a story in words."""

    read: Read
    sign: GapSign
    words: Words

    @property
    def both(self) -> str:
        """Message and advice."""
        return f"{self.words.message} {self.words.advice}"


@pytest.fixture(scope="module", params=SETS)
def told(request) -> list[Told]:
    """The gaps of a labelled set's stories and, beside them, every other gap that could be found in each."""
    found: list[Told] = []
    for read in read_set(request.param):
        forced = (find_gaps(read.observed.facts, {code: SURE}) for code in GapCode)
        for sign in (*read.observed.gaps, *chain.from_iterable(forced)):
            found.append(Told(read, sign, word_gap(sign, read.observed.facts)))  # noqa: PERF401 - two loops
    return found


def counted_in(sign: GapSign, read: Read) -> set[str]:
    """Return the numbers that a message counts in the story rather than quotes from it."""
    facts = read.observed.facts
    counts: dict[GapCode, tuple[int, ...]] = {
        GapCode.WEAK_OWNERSHIP: (
            facts.own_acts,
            facts.group_acts,
            facts.unowned_acts,
            facts.own_acts + facts.group_acts + facts.unowned_acts,
        ),
        GapCode.BLOATED_SETUP: (
            sum(reading.words for reading in facts.setup),
            facts.words,
            round(100 * facts.setup_share),
        ),
        GapCode.HEDGING: (len(facts.hedges),),
    }
    return {str(count) for count in counts.get(sign.code, ())}


def test_every_quoted_snippet_is_the_story_s_own(told):
    for item in told:
        story = plain(item.read.story.text)
        strange = [quoted for quoted in {*QUOTED.findall(item.both)} - SAID_OF_ALL if plain(quoted) not in story]
        assert strange == [], (item.read.name, item.sign.code)


def plain(text: str) -> str:
    """Return a text as verbs are quoted: in lower case, with one kind of apostrophe."""
    return text.lower().replace("’", "'")


def test_every_number_is_the_story_s_own_or_a_count_of_its_words(told):
    for item in told:
        known = counted_in(item.sign, item.read)
        strange = [n for n in NUMBER.findall(item.both) if n not in item.read.story.text and n not in known]
        assert strange == [], (item.read.name, item.sign.code)


def test_every_gap_is_told_in_a_line_and_asks_something(told):
    for item in told:
        assert len(item.both) < 700, item.read.name
        assert not re.search(r"[\r\n]|\bNone\b|“”|\(\)", item.both), (item.read.name, item.sign.code)
        assert item.words.advice.endswith("?"), item.read.name
        assert item.words.advice.count("?") == 1 + sum(
            quoted.count("?") for quoted in QUOTED.findall(item.words.advice)
        )
        assert len(item.words.advice.split()) <= 30, item.words.advice


def test_gaps_of_the_assessment_are_worded_so():
    for read in read_set("dev"):
        words = {sign.code: word_gap(sign, read.observed.facts) for sign in read.observed.gaps}
        assert {gap.code: (gap.message, gap.advice) for gap in read.settled.gaps} == words, read.name


@pytest.mark.parametrize("code", GapCode)
def test_general_advice_asks_and_makes_no_number_up(code):
    advice = general_advice(code)

    assert "?" in advice
    assert not re.search(r"\d|“", advice)


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        ("no-baseline", "60 %” measures the outcome", "“60 %”: from how much to how much"),
        ("vague-result", "“Things got significantly better", "could somebody else have seen or counted"),
        ("thin-action", "“I talked to everybody” tells what was done", "“I talked to everybody”: with whom exactly"),
        ("weak-ownership", "your own part can't be told", "”: by whom, and which part of it did you decide"),
        ("hedging", "“I guess”", "said without “I guess”?"),
        ("blames-others", "“The surgeons were useless", "your own share"),
        ("missing-result", "The story stops at “I removed three fields”", "how did it end"),
        ("missing-situation", "“As the charge nurse I was asked", "Where was this"),
    ],
)
def test_a_gap_is_told_with_the_story_s_own_words(code, message, advice):
    facts = gather_facts(read_sections(split_sentences(WEAKER[GapCode(code)]["ward"].text)))
    (sign,) = (sign for sign in find_gaps(facts) if sign.code == code)
    words = word_gap(sign, facts)

    assert message in words.message
    assert advice in words.advice


def test_a_gap_that_the_text_leaves_open_is_told_as_such():
    facts = gather_facts(read_sections(split_sentences(WEAKER[GapCode.NO_LEARNING]["ward"].text)))
    sure, doubtful = (word_gap(GapSign(GapCode.NO_LEARNING, facts.told[-1:], sure), facts) for sure in (True, False))

    assert doubtful.message == f"{sure.message} The text leaves it open."
    assert doubtful.advice == sure.advice


def test_an_outcome_with_a_percentage_is_not_told_to_have_no_number():
    facts = gather_facts(read_sections(split_sentences("I rewrote the form. It improved conversion by 12%.")))
    words = word_gap(GapSign(GapCode.MISSING_METRIC, facts.told[-1:], sure=True), facts)

    assert words.message == (
        "“It improved conversion by 12%” is told as the outcome, "
        "and nothing tells what “12%” started from or how it was measured."
    )
