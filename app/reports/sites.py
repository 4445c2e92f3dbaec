"""Tell where in a file something of a story stands, as tools that open files count it."""

import posixpath
import re
from typing import NamedTuple
from urllib.parse import quote

from app.domain import Assessment, Evidence, Story

_BREAK = re.compile(r"\r\n|\r|\n")
_DRIVE = re.compile(r"[A-Za-z]:/")
STDIN = "stdin"


class Region(NamedTuple):
    """A stretch of a file; lines and columns from 1 in code points, the end column right behind the last character.

    Attributes:
        char: Where it begins in the file, from 0 in code points; None where the place in the file is not known so well.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    char: int | None
    length: int


class Sites:
    """The places of one story.

    Args:
        assessment: What was made of the story.
        story: The story itself, where it is at hand.
        base: The folder that paths are told from, absolute, as the repository's root; empty leaves them as they are.
    """

    def __init__(self, assessment: Assessment, story: Story | None, base: str = "") -> None:
        self.path = relative(assessment.story.path, base)
        self._story = story

    @property
    def line(self) -> int:
        """The line on which the story begins, or its record stands."""
        if self._story is None:
            return 1
        return self._story.record_line or self._story.first_line

    def find(self, evidence: Evidence) -> Region | None:
        """Return where a quote stands; None where only its file, or its record's line, is known."""
        if self._story is not None and self._story.first_char is None:
            return None
        breaks = list(_BREAK.finditer(evidence.quote))
        if breaks:
            end_line = evidence.line + len(breaks)
            end_column = len(evidence.quote) - breaks[-1].end() + 1
        else:
            end_line, end_column = evidence.line, evidence.column + len(evidence.quote)
        first = self._story.first_char if self._story is not None else None
        char = None if first is None else first + evidence.start
        return Region(evidence.line, evidence.column, end_line, end_column, char, len(evidence.quote))

    def line_of(self, evidence: Evidence) -> int:
        """Return the line of the file to show for a quote."""
        region = self.find(evidence)
        return self.line if region is None else region.line


def relative(path: str | None, base: str = "") -> str:
    """Return a path with `/`, without `./`, and told from `base` where it lies in it."""
    if not path or path == "-":
        return STDIN
    path = posixpath.normpath(path.replace("\\", "/"))
    base = base.replace("\\", "/").rstrip("/")
    return path.removeprefix(f"{base}/") if base else path


def as_uri(path: str) -> str:
    """Return a path as a URI reference: relative as it is, absolute with `file:`."""
    quoted = quote(path.encode("utf-8", "surrogatepass"), safe="/-._~!$&'()*+,;=@")
    if path.startswith("/"):
        return f"file://{quoted}"
    return f"file:///{path[:2]}{quoted[4:]}" if _DRIVE.match(path) else quoted
