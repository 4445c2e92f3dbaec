"""What must not change a finding, and what must."""

from functools import cache

import pytest

from app.analysis.facts import gather_facts
from app.analysis.gaps import find_gaps
from app.analysis.sections import read_sections
from app.analysis.sentences import split_sentences
from tests.unit.analysis import rewrites
from tests.unit.analysis.corpus import SETS, Read, read_set
from tests.unit.analysis.rewrites import Readings, Rewrite
from tests.unit.analysis.tales import TALES, WEAKER, Tale

SMALL = [*TALES.values(), *(tale for tales in WEAKER.values() for tale in tales.values())]
LAYOUT = (rewrites.trail_spaces, rewrites.end_lines_with_crlf, rewrites.end_lines_with_cr)
WORDING = (
    rewrites.change_digits,
    rewrites.change_currency,
    rewrites.change_names,
    rewrites.spell_american,
    rewrites.spell_british,
    rewrites.curl_quotes,
    rewrites.straighten_quotes,
)
UNMEASURED = {"missing-metric", "missing-result"}


@pytest.fixture(scope="module")
def reads() -> tuple[Read, ...]:
    """Every third story of all labelled sets, so that the whole takes seconds."""
    return tuple(read for name in SETS for read in read_set(name)[::3])


def codes_in(readings: Readings) -> set[str]:
    return {sign.code.value for sign in find_gaps(gather_facts(readings))}


@cache
def codes(text: str) -> set[str]:
    return codes_in(rewrites.read(text))


def found_in(read: Read) -> set[str]:
    return {sign.code.value for sign in read.observed.gaps}


def share(values: list[bool]) -> float:
    return sum(values) / len(values)


def plain(sentence: str) -> str:
    return " ".join(sentence.split())


@pytest.mark.parametrize("rewrite", LAYOUT)
def test_line_endings_and_trailing_space_change_no_sentence_and_no_gap(reads, rewrite):
    for read in reads:
        readings = rewrites.read(rewrite(read.story.text))
        before = [(plain(r.text), r.role, r.signs) for r in read.observed.readings]
        assert [(plain(r.text), r.role, r.signs) for r in readings] == before, read.name
        assert codes_in(readings) == found_in(read), read.name


@pytest.mark.parametrize("rewrite", [*LAYOUT, *WORDING])
def test_no_form_changes_a_gap_of_a_small_story(rewrite):
    for tale in SMALL:
        text = rewrite(tale.text)
        assert text == tale.text or codes(text) == codes(tale.text)


@pytest.mark.parametrize("rewrite", WORDING)
def test_names_currencies_digits_spelling_and_quotes_change_hardly_a_story(reads, rewrite: Rewrite):
    texts = [(read, rewrite(read.story.text)) for read in reads]
    kept = [text == read.story.text or codes(text) == found_in(read) for read, text in texts]

    assert share(kept) >= 0.95


@pytest.mark.parametrize(
    ("rewrite", "stories"),
    [
        ("change_digits", 100),
        ("curl_quotes", 100),
        ("spell_american", 20),
        ("change_names", 10),
        ("change_currency", 10),
    ],
)
def test_the_rewrites_find_something_to_rewrite(rewrite, stories):
    texts = [read.story.text for name in SETS for read in read_set(name)]

    assert sum(getattr(rewrites, rewrite)(text) != text for text in texts) >= stories


def test_a_neutral_sentence_changes_few_stories(reads):
    texts = [(read, rewrites.add_neutral_sentence(read.story.text, read.observed.readings)) for read in reads]

    assert share([codes(text) == found_in(read) for read, text in texts]) >= 0.8


@pytest.mark.parametrize("tale", TALES.values())
def test_a_neutral_sentence_changes_no_whole_story(tale: Tale):
    assert codes(rewrites.add_neutral_sentence(tale.text, rewrites.read(tale.text))) == set()


@pytest.mark.parametrize("tale", TALES.values())
def test_actions_told_with_we_hide_the_candidate_and_told_with_i_show_them(tale: Tale):
    hidden = rewrites.say_we(tale.text, rewrites.read(tale.text))

    assert codes(hidden) == {"weak-ownership"}
    assert codes(rewrites.say_i(hidden, rewrites.read(hidden))) == set()


def test_actions_told_with_we_hide_most_candidates(reads):
    owned = [read for read in reads if "weak-ownership" not in found_in(read)]
    texts = [rewrites.say_we(read.story.text, read.observed.readings) for read in owned]

    assert len(owned) >= 35
    assert share(["weak-ownership" in codes(text) for text in texts]) >= 0.7


def test_actions_told_with_i_never_hide_a_candidate(reads):
    for read in reads:
        text = rewrites.say_i(read.story.text, read.observed.readings)
        assert "weak-ownership" in found_in(read) or "weak-ownership" not in codes(text), read.name


@pytest.mark.parametrize("tale", TALES.values())
def test_a_result_without_its_numbers_is_unmeasured(tale: Tale):
    assert codes(rewrites.drop_numbers(tale.text, rewrites.read(tale.text))) & UNMEASURED


def test_most_results_without_their_numbers_are_unmeasured(reads):
    measured = [read for read in reads if not found_in(read) & UNMEASURED]
    texts = [rewrites.drop_numbers(read.story.text, read.observed.readings) for read in measured]

    assert len(measured) >= 20
    assert share([bool(codes(text) & UNMEASURED) for text in texts]) >= 0.75


@pytest.mark.parametrize("tale", TALES.values())
@pytest.mark.parametrize(("part", "code"), [("task", "missing-task"), ("learning", "no-learning")])
def test_a_part_that_is_taken_away_is_missed(tale: Tale, part: str, code: str):
    assert codes(tale._replace(**{part: ""}).text) == {code}


def shape(readings: Readings) -> list[tuple[object, ...]]:
    """Return everything that was read in a story but the words themselves."""
    return [
        (
            r.sentence[:2],
            r.acts,
            [(q.start, q.end, q.measure) for q in r.quantities],
            r.cues,
            r.tokens,
            r.roles,
            r.signs,
        )
        for r in readings
    ]


def test_curly_and_straight_quotes_read_the_same_in_everything(reads):
    for read in reads:
        straight = rewrites.straighten_quotes(read.story.text)
        curly = rewrites.curl_quotes(straight)
        assert shape(rewrites.read(curly)) == shape(rewrites.read(straight)), read.name


def test_curly_quotes_move_no_sentence():
    text = TALES["invoices"].text.replace("the fault", 'what he called "the fault we don\'t see"')
    straight, curly = split_sentences(text), split_sentences(rewrites.curl_quotes(text))

    assert [sentence[:2] for sentence in curly] == [sentence[:2] for sentence in straight]
    assert [r.role for r in read_sections(curly)] == [r.role for r in read_sections(straight)]
