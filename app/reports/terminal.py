"""Lay text out for a terminal: defused, coloured when wanted, wrapped by the cells that characters take."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

Tone = Literal["bold", "dim", "red", "yellow", "cyan", "green", "blue", "magenta"]

_CODES: dict[Tone, str] = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
_SPACE = re.compile(r"[\s\u0085]+")
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: escape sequences begin here
    "\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # bidi overrides, invisible marks
    "\U000e0000-\U000e0fff"  # tags and variation supplements: text that nobody sees
    "\ud800-\udfff]"
)
_CI_COMMAND = re.compile(r"##(?=\[|\w+\[)")


def defuse(text: str) -> str:
    """Return a text as one line that can't steer a terminal or a CI runner; what is unsafe shows as its escape."""
    line = _SPACE.sub(" ", text).strip()
    line = _UNSAFE.sub(lambda match: match.group().encode("unicode-escape").decode("ascii"), line)
    return _CI_COMMAND.sub("# #", line)


def defuse_start(line: str) -> str:
    """Return a line that does not begin like a CI runner's command (`::error::`)."""
    return f": :{line[2:]}" if line.startswith("::") else line


def cells(text: str) -> int:
    """Return how many terminal cells a text takes."""
    return len(text) if text.isascii() else sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """Return a text of at most `width` cells; a cut end shows as an ellipsis."""
    if cells(text) <= width:
        return text
    taken = 0
    for index, character in enumerate(text):
        taken += _cells(character)
        if taken > width - 1:
            return text[:index].rstrip() + "…"
    return text


def cut_start(text: str, width: int) -> str:
    """Return a text of at most `width` cells; a cut beginning shows as an ellipsis, as suits a path."""
    if cells(text) <= width:
        return text
    return "…" + cut(text[::-1], width)[:-1][::-1]


def wrap(text: str, width: int, *, lines: int | None = None) -> list[str]:
    """Break a text into lines of at most `width` cells, at spaces where that is possible.

    Args:
        text: One line of text.
        width: Cells a line may take.
        lines: At most so many lines; the last one ends with an ellipsis when more would follow.
    """
    wrapped: list[str] = []
    line = ""
    for word in _pieces(text, width):
        longer = f"{line} {word}" if line else word
        if cells(longer) <= width:
            line = longer
        else:
            wrapped.append(line)
            line = word
    wrapped.append(line)
    if lines is not None and len(wrapped) > lines:
        wrapped = [*wrapped[: lines - 1], cut(f"{wrapped[lines - 1]} {'…' * width}", width).rstrip("…") + "…"]
    return [defuse_start(line) for line in wrapped]


def _pieces(text: str, width: int) -> Iterator[str]:
    for word in text.split():
        piece, taken = "", 0
        for character in word:
            taken += _cells(character)
            if taken > width:
                yield piece
                piece, taken = "", _cells(character)
            piece += character
        yield piece


class Style(NamedTuple):
    """How a terminal is written to.

    Attributes:
        colour: Whether ANSI colours may be used.
        width: Cells of a line.
    """

    colour: bool = False
    width: int = 80

    def paint(self, text: str, *tones: Tone) -> str:
        """Return a text in colour, or as it is where colours are off."""
        if not self.colour or not text or not tones:
            return text
        return f"\x1b[{';'.join(_CODES[tone] for tone in tones)}m{text}\x1b[0m"


def side_by_side(left: str, left_cells: int, right: str, right_cells: int, style: Style) -> str:
    """Return a line with one text at its beginning and one at its end; colours take no cells."""
    return f"{left}{' ' * max(style.width - left_cells - right_cells, 1)}{right}".rstrip()


def quote(text: str, lead: str, lead_cells: int, style: Style, *, lines: int = 3) -> Iterator[str]:
    """Yield the lines of a quote from the story, each behind a lead that takes so many cells."""
    for line in wrap(f"“{defuse(text)}”", style.width - lead_cells, lines=lines):
        yield f"{lead}{line}"
