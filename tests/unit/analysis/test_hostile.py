"""No text that may be sent takes much longer to read than prose of its length."""

import time
from collections.abc import Callable

import pytest

from app.analysis.agency import find_acts
from app.analysis.cues import find_cues, find_hedges
from app.analysis.features import name_tokens
from app.analysis.language import find_obstacle
from app.analysis.quantities import find_quantities
from app.analysis.sections import read_sections
from app.analysis.sentences import count_words, split_sentences
from tests.unit.analysis.hostile import HOSTILE, PROSE, fill

GENEROUS = 20
"""Times the prose; what looks at everything again for every character takes hundreds."""
READERS: tuple[Callable[[str], object], ...] = (
    split_sentences,
    find_acts,
    find_quantities,
    name_tokens,
    find_cues,
    find_hedges,
    find_obstacle,
    count_words,
)


def read(text: str) -> object:
    return read_sections(split_sentences(text))


def cost_s(reader: Callable[[str], object], text: str) -> float:
    before = time.process_time()
    reader(text)
    return time.process_time() - before


@pytest.fixture(scope="module")
def prose_s() -> float:
    """What it takes to read prose of the same length, everything compiled and loaded."""
    return max(cost_s(read, fill(PROSE)) for _ in range(2))


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_no_text_takes_much_longer_to_read_than_prose_of_its_length(piece: str, prose_s: float):
    assert cost_s(read, HOSTILE[piece]) < GENEROUS * prose_s


@pytest.mark.parametrize("reader", READERS)
def test_no_reader_needs_short_sentences_to_be_quick(reader: Callable[[str], object], prose_s: float):
    assert [piece for piece, text in HOSTILE.items() if cost_s(reader, text) > GENEROUS * prose_s] == []
