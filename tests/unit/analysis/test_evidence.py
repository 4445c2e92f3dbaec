from collections.abc import Iterator
from itertools import pairwise

import pytest

from app.analysis.sections import Role
from app.domain import Evidence
from tests.unit.analysis.corpus import SETS, Read, read_set


@pytest.fixture(params=SETS)
def reads(request) -> tuple[Read, ...]:
    """All stories of one labelled set."""
    return read_set(request.param)


def quotes(read: Read) -> Iterator[Evidence]:
    for finding in (*read.settled.gaps, *read.settled.principles):
        yield from finding.evidence


def test_every_quote_is_an_exact_stretch_of_the_story(reads):
    for read in reads:
        for quote in quotes(read):
            assert read.story.text[quote.start : quote.end] == quote.quote, read.name
            assert quote.quote.strip() == quote.quote != "", read.name


def test_every_line_and_column_points_at_the_quote_in_the_file(reads):
    for read in reads:
        lines = read.file.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for quote in quotes(read):
            first = quote.quote.splitlines()[0]
            assert lines[quote.line - 1][quote.column - 1 :].startswith(first), read.name


def test_offsets_count_from_the_end_of_the_front_matter(reads):
    for read in reads:
        before = read.file[: len(read.file) - len(read.story.text)]
        assert before + read.story.text == read.file, read.name
        assert before.endswith("\n---\n"), read.name
        assert read.story.first_line == before.count("\n") + 1, read.name


def test_every_gap_has_a_place(reads):
    assert [(read.name, gap.code) for read in reads for gap in read.settled.gaps if not gap.evidence] == []


def test_the_quotes_of_a_gap_and_of_a_principle_never_overlap(reads):
    for read in reads:
        for finding in (*read.settled.gaps, *read.settled.principles):
            spans = sorted((quote.start, quote.end) for quote in finding.evidence)
            assert all(before[1] <= after[0] for before, after in pairwise(spans)), read.name


def test_the_parts_of_a_story_are_in_order_and_hold_its_sentences(reads):
    for read in reads:
        spans = read.settled.star
        assert all(0 <= span.start < span.end <= len(read.story.text) for span in spans), read.name
        assert all(before.end <= after.start for before, after in pairwise(spans)), read.name
        for reading in read.observed.readings:
            inside = any(s.start <= reading.sentence.start and reading.sentence.end <= s.end for s in spans)
            assert inside or reading.role is Role.NONE, read.name


def test_principles_are_ranked_with_the_five_best_shown(reads):
    for read in reads:
        principles = read.settled.principles
        assert [principle.rank for principle in principles] == [1, 2, 3, 4, 5], read.name
        assert len({principle.id for principle in principles}) == 5, read.name
        assert all(bool(item.evidence) is (item.level is not None) for item in principles), read.name


def test_most_stories_give_evidence_for_their_first_principle(reads):
    assert sum(read.settled.principles[0].level is not None for read in reads) / len(reads) >= 0.85
