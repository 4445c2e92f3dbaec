"""Cut a story into paragraphs, list items, headings and quotes."""

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple


class Kind(StrEnum):
    """How a sentence stands on the page."""

    __hash__ = str.__hash__  # that of an enumeration takes ten times as long

    PROSE = "prose"
    BULLET = "bullet"
    HEADING = "heading"
    QUOTE = "quote"


class Block(NamedTuple):
    """A stretch of the text that no sentence crosses the ends of; its marker is outside."""

    start: int
    end: int
    kind: Kind


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BULLET = re.compile(r"[ \t>]*(?:[-*•‣◦–—·+]|->|=>|→|\(?\d{1,2}[.)]|\(?[a-hA-H][.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+")
_RULE = re.compile(r"[ \t]*(?:[-=_*~`][ \t]*){3,}$")
_QUOTE = re.compile(r"[ \t]*>[ \t]?")
_LABEL_WORD = (
    r"situation|background|context|setting|setup|task|goal|objective|problem|challenge|role|my role|"
    r"assignment|action|actions|"
    r"approach|what i did|what happened|steps|result|results|outcome|outcomes|impact|end|numbers|learning|"
    r"learnings|lesson|"
    r"lessons|lesson learned|lessons learned|reflection|takeaway|takeaways|star|[star]"
)
LABEL = re.compile(
    rf"(?:\*\*|__)?(?:{_LABEL_WORD})(?:/(?:{_LABEL_WORD}))?(?:\*\*|__)?[ \t]*(?::|-(?= )|–|—)(?:\*\*|__)?[ \t]*",
    re.IGNORECASE,
)
_EMPHASIS_LINE = re.compile(r"[ \t]*(?:\*\*|__)[^*_]{1,60}(?:\*\*|__):?[ \t]*$")
_TERMINAL = re.compile(r"[.!?…:;][\"')\]*_]*\s*$")
_SOFT_WRAP_MIN = 50
_HEADING_MAX_WORDS = 8


def find_blocks(text: str) -> Iterator[Block]:
    """Yield paragraphs, list items, headings and quotes; soft-wrapped lines stay together."""
    current: Block | None = None
    line = 0  # where the line before begins
    fenced = False
    lines = [(match.start(), match.group().rstrip("\r\n")) for match in _LINE.finditer(text)]
    for (start, raw), (_, following) in pairwise([*lines, (len(text), "")]):
        fence = raw.lstrip().startswith(("```", "~~~"))
        fenced ^= fence
        block = None if fence or not raw.strip() or _RULE.match(raw) else _classify(raw, start, following)
        before = text[max(line, current.start) : current.end] if current else ""
        line = start
        if current and block and not fenced and _belongs(before, current, block, raw):
            current = Block(current.start, block.end, current.kind)
            continue
        if current:
            yield current
        current = block
    if current:
        yield current


def _belongs(before: str, current: Block, block: Block, line: str) -> bool:
    """Tell whether a line goes on with the block whose last line is `before`."""
    if block.kind is Kind.QUOTE:
        return current.kind is Kind.QUOTE and _continues(before, line.lstrip(" \t>"))
    return block.kind is Kind.PROSE and current.kind in (Kind.PROSE, Kind.BULLET) and _continues(before, line)


def _classify(raw: str, start: int, following: str) -> Block | None:
    end = start + len(raw.rstrip())
    if heading := _HEADING.match(raw):
        return Block(start + heading.end(), end, Kind.HEADING) if start + heading.end() < end else None
    if bullet := _BULLET.match(raw):
        kind = Kind.HEADING if _heads_list(raw, following) else Kind.BULLET
        return Block(start + bullet.end(), end, kind) if start + bullet.end() < end else None
    if quote := _QUOTE.match(raw):
        return Block(start + quote.end(), end, Kind.QUOTE) if start + quote.end() < end else None
    indent = len(raw) - len(raw.lstrip())
    stripped = raw.strip()
    if _EMPHASIS_LINE.match(raw) or (
        stripped.endswith(":") and len(stripped.split()) <= _HEADING_MAX_WORDS and not stripped.startswith("-")
    ):
        return Block(start + indent, end, Kind.HEADING)
    return Block(start + indent, end, Kind.PROSE)


def _heads_list(line: str, following: str) -> bool:
    """Tell whether a list item is the title of the deeper list that follows it."""
    deeper = len(following) - len(following.lstrip()) > len(line) - len(line.lstrip())
    short = len(line.split()) <= _HEADING_MAX_WORDS
    return deeper and short and bool(_BULLET.match(following)) and line.rstrip()[-1:] not in ".!?;,"


def _continues(before: str, line: str) -> bool:
    """Tell whether a line goes on with the paragraph before it rather than beginning a note of its own."""
    last = before.splitlines()[-1]
    if LABEL.match(line.lstrip()):
        return False
    if len(last) >= _SOFT_WRAP_MIN:
        return True
    return not _TERMINAL.search(last) and line.lstrip()[:1].islower() and len(last) > _SOFT_WRAP_MIN // 2
