"""Turn places in a text into quotes with line and column."""

import re
from bisect import bisect_right

from app.domain import Evidence

_BREAK = re.compile(r"\r\n|\r|\n")


class Places:
    """The lines of one text.

    Args:
        text: The story exactly as given.
        first_line: The 1-based line of the file on which the text begins.
    """

    def __init__(self, text: str, first_line: int = 1) -> None:
        self._text = text
        self._first_line = first_line
        self._starts = [0, *(match.end() for match in _BREAK.finditer(text))]

    def evidence(self, start: int, end: int) -> Evidence:
        """Return the quote at `[start, end)`, in code points.

        Raises:
            ValueError: The range is empty or outside the text.
        """
        if not 0 <= start < end <= len(self._text):
            raise ValueError("a quote must be a range inside the story")
        row = bisect_right(self._starts, start) - 1
        return Evidence(
            quote=self._text[start:end],
            start=start,
            end=end,
            line=self._first_line + row,
            column=start - self._starts[row] + 1,
        )
