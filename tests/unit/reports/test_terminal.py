import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.terminal import Style, cells, cut, cut_start, defuse, defuse_start, wrap

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=200)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – “text” 東京 👩‍👩‍👧 e\u0301", "plain – “text” 東京 👩‍👩‍👧 e\u0301"),
        ("red \x1b[31mtext\x1b[0m", "red \\x1b[31mtext\\x1b[0m"),
        ("title \x1b]0;owned\x07", "title \\x1b]0;owned\\x07"),
        ("\x9b31mC1", "\\x9b31mC1"),
        ("over\x08\x08write", "over\\x08\\x08write"),
        ("bidi \u202egpj.exe\u2066x", "bidi \\u202egpj.exe\\u2066x"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        (" two\nlines\r\nand\ta\u2028tab ", "two lines and a tab"),
        ("half \ud800", "half \\ud800"),
        ("##[error]x ##vso[task.setvariable]y", "# #[error]x # #vso[task.setvariable]y"),
        ("## a heading", "## a heading"),
    ],
)
def test_what_could_steer_a_terminal_or_a_runner_shows_as_its_escape(text, shown):
    assert defuse(text) == shown


@given(ANY_TEXT)
def test_no_text_keeps_a_character_that_a_terminal_obeys(text):
    line = defuse(text)
    assert line.isprintable() or {unicodedata.category(c) for c in line} <= {*_PRINTABLE, "Cf", "Cn", "Co", "Zs"}
    assert not set(line) & {"\x1b", "\n", "\r", "\x9b", "\u202e", "\u2066"}
    line.encode("utf-8")


_PRINTABLE = {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No"} | {
    f"{kind}{which}" for kind in "PS" for which in "cdseifopmk"
}


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("東京", 4), ("e\u0301", 1), ("👩", 2), ("", 0), ("“–…”", 4)])
def test_cells_are_what_a_terminal_takes(text, width):
    assert cells(text) == width


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("東京東京", 6, "東京…"), ("ab cd", 4, "ab…")],
)
def test_what_is_too_long_is_cut_with_an_ellipsis(text, width, shown):
    assert cut(text, width) == shown


def test_of_a_path_that_is_too_long_the_end_stays():
    assert cut_start("folder/story.md", 15) == "folder/story.md"
    assert cut_start("folder/story.md", 9) == "…story.md"
    assert cut_start("東京/物語.md", 8) == "…物語.md"


@given(ANY_TEXT.map(defuse), st.integers(10, 100))
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(text, width):
    lines = wrap(text, width)
    assert all(cells(line) <= width + 1 for line in lines)
    assert "".join("".join(lines).split()).replace(":", "") == "".join(text.split()).replace(":", "")


def test_lines_are_limited_and_the_last_shows_that_there_is_more():
    assert wrap("one two three four five six", 10, lines=2) == ["one two", "three fou…"]
    assert wrap("one two", 10, lines=2) == ["one two"]


def test_no_line_begins_like_a_runners_command():
    assert defuse_start("::error::x") == ": :error::x"
    assert defuse_start("a::b") == "a::b"
    assert wrap("aaaaaaaaa ::error::x std::move", 10) == ["aaaaaaaaa", ": :error::x", "std::move"]


def test_colours_are_used_only_where_they_are_wanted():
    assert Style(colour=True).paint("x", "bold", "red") == "\x1b[1;31mx\x1b[0m"
    assert Style(colour=False).paint("x", "bold", "red") == "x"
    assert Style(colour=True).paint("", "red") == ""
