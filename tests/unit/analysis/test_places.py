import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.places import Places
from tests.unit.analysis.texts import arbitrary_texts, unhurried


def naive_place(text: str, start: int) -> tuple[int, int]:
    """Return line and column by walking over every code point, as an editor does."""
    line = column = 1
    for position in range(start):
        pair = text[position : position + 2]
        if text[position] == "\n" or (text[position] == "\r" and pair != "\r\n"):
            line, column = line + 1, 1
        else:
            column += 1
    return line, column


@unhurried
@given(arbitrary_texts.filter(bool), st.data(), st.integers(1, 50))
def test_a_place_is_where_an_editor_counts_it(text: str, data: st.DataObject, first_line: int):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    evidence = Places(text, first_line).evidence(start, end)
    line, column = naive_place(text, start)

    assert (evidence.quote, evidence.start, evidence.end) == (text[start:end], start, end)
    assert (evidence.line, evidence.column) == (first_line + line - 1, column)


@unhurried
@given(arbitrary_texts.filter(bool), st.data())
def test_a_place_points_at_its_quote(text: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(text) - 1))
    evidence = Places(text).evidence(start, start + 1)
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)

    assert lines[evidence.line - 1][evidence.column - 1] == evidence.quote


@pytest.mark.parametrize(
    ("text", "quote", "line", "column"),
    [
        ("I fixed it.", "fixed", 1, 3),
        ("One.\nTwo.", "Two", 2, 1),
        ("One.\r\nTwo.", "Two", 2, 1),
        ("One.\rTwo.", "Two", 2, 1),
        ("One.\r\r\nTwo.", "Two", 3, 1),
        ("👩‍👩‍👧 waved.\n\té I", "I", 2, 4),
        ("One\u2028Two\x0bThree\x85Four", "Four", 1, 15),
        ("שלום I", "I", 1, 6),
    ],
)
def test_a_quote_has_its_line_and_column(text, quote, line, column):
    start = text.index(quote)
    evidence = Places(text).evidence(start, start + len(quote))

    assert (evidence.quote, evidence.line, evidence.column) == (quote, line, column)


def test_front_matter_is_counted():
    assert Places("I fixed it.\nIt held.", first_line=6).evidence(12, 14).line == 7


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (-1, 2), (0, 6), (5, 6)])
def test_a_range_outside_the_text_or_empty_is_refused(start, end):
    with pytest.raises(ValueError, match="inside the story"):
        Places("Five!").evidence(start, end)
