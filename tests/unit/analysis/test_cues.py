import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis import cues
from app.analysis.quotes import straighten
from tests.unit.analysis.texts import arbitrary_texts, unhurried

SETS = {name.lower(): value for name, value in vars(cues).items() if name.isupper() and isinstance(value, tuple)}
WORDS = (
    "I |i'd |I’d |we |the |my |was |asked |to |a |kind |of |of.|Kinda,|sort\n|GUESS |probably |lucky |went |very |well|"
    "everyone |happy |still |every |week |now |learned |next |time |because |chose |useless |their |fault |"
    "(|-|_|ſ|İ|K|é|no |complaint |since |before |from |Q3 2024 |last |year |when i |joined |todo |up to "
).split("|")


def found_plainly(text: str) -> set[str]:
    """Return the cues of a text by trying every pattern at every place."""
    return {
        name
        for name, patterns in SETS.items()
        if any(re.search(pattern, straighten(text), re.IGNORECASE) for pattern in patterns)
    }


@unhurried
@given(st.one_of(arbitrary_texts, st.lists(st.sampled_from(WORDS), max_size=30).map("".join)))
def test_looking_cues_up_finds_what_trying_every_pattern_finds(text: str):
    assert cues.find_cues(text) == found_plainly(text)


@unhurried
@given(st.lists(st.sampled_from(WORDS), max_size=30).map("".join))
def test_a_text_with_the_cue_of_a_hedge_has_a_hedge_to_show(text: str):
    hedges = cues.find_hedges(text)

    assert bool(hedges) is ("hedge" in cues.find_cues(text))
    assert all(hedge in text for hedge in hedges)


@pytest.mark.parametrize(
    ("cue", "text"),
    [
        ("setting", "When I joined in the spring of 2021, the shop was small."),
        ("stakes", "Two customers had threatened to cancel."),
        ("responsibility", "I was asked to bring it down."),
        ("outcome", "Calls fell by a third."),
        ("learning", "Next time I would ask first."),
        ("mechanism", "They still use the sheet every night."),
        ("platitude", "Communication is key."),
        ("vague", "Everyone was very happy with it."),
        ("hedge", "I kind of led it."),
        ("contempt", "They were incompetent."),
        ("decision", "I chose the second option, because it was cheaper."),
        ("hypothetical", "I always make sure that people are heard."),
        ("note_to_self", "TODO: find the number"),
        ("comparison", "That was a week ahead of plan."),
    ],
)
def test_each_cue_is_found_in_its_wording_in_any_case(cue, text):
    assert cue in cues.find_cues(text)
    assert cue in cues.find_cues(text.upper())
    assert cue in SETS


def test_a_plain_sentence_has_no_cue():
    assert cues.find_cues("The pump stood beside the wall.") == frozenset()


def test_every_cue_has_a_pattern():
    assert len(SETS) == 14
    assert all(SETS.values())


@pytest.mark.parametrize("text", ["I’d say it helped.", "It‘s me, I don’t know.", "I'd say it helped."])
def test_a_hedge_is_shown_as_it_is_written_whatever_its_apostrophe(text):
    assert "hedge" in cues.find_cues(text)
    assert cues.find_hedges(text)
    assert all(hedge in text for hedge in cues.find_hedges(text))


@pytest.mark.parametrize("text", ["I could have waited, but I chose to call.", "We could have rolled it back."])
def test_an_option_that_was_turned_down_is_no_hedge(text):
    assert "hedge" not in cues.find_cues(text)
    assert cues.find_hedges(text) == []


def test_what_could_have_been_the_cause_is_a_hedge():
    assert cues.find_hedges("That could have helped a little.") == ["could have"]
