"""Cut a text where anything said about it begins or ends, so that overlapping stretches can be drawn."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from app.domain import Part, StarSpan


class Mark(NamedTuple):
    """A stretch of the text that a finding is about.

    Attributes:
        number: The finding's number in its story.
        place: Which of the finding's places this is, from 1.
        code: The finding's code.
        start: Where it begins, in code points.
        end: Where it ends, exclusive.
    """

    number: int
    place: int
    code: str
    start: int
    end: int


class Segment(NamedTuple):
    """A stretch in which nothing begins or ends.

    Attributes:
        text: Its characters.
        part: The part of the story that it belongs to.
        opens_part: Whether another part ends, or none was, where it begins.
        marks: What is marked here, the widest first.
        opened: The marks that begin here.
        closed: The marks that end where this does.
    """

    text: str
    part: Part | None
    opens_part: bool
    marks: tuple[Mark, ...]
    opened: tuple[Mark, ...]
    closed: tuple[Mark, ...]


def cut_segments(text: str, star: Sequence[StarSpan], marks: Sequence[Mark]) -> Iterator[Segment]:
    """Yield the segments of a text, all of it in order; stretches outside the text are cut to it."""
    size = len(text)
    marks = [mark._replace(end=min(mark.end, size)) for mark in marks if mark.start < min(mark.end, size)]
    opening, closing, parts = defaultdict[int, list[Mark]](list), defaultdict[int, list[Mark]](list), dict[int, Part]()
    for mark in marks:
        opening[mark.start].append(mark)
        closing[mark.end].append(mark)
    ends = {min(span.end, size) for span in star}
    parts.update((span.start, span.part) for span in star if span.start < min(span.end, size))
    edges = sorted({0, size, *opening, *closing, *ends, *parts})
    active: list[Mark] = []
    part = told = None
    for start, end in pairwise(edges):
        active = [mark for mark in active if mark.end > start] + opening[start]
        active.sort(key=lambda mark: (mark.start, -mark.end, mark.number))
        part = parts.get(start, None if start in ends else part)
        opens = part is not None and part is not told
        told = part or told
        yield Segment(text[start:end], part, opens, _once(active), tuple(opening[start]), tuple(sorted(closing[end])))


def _once(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Return the marks, those of one finding once."""
    return tuple({mark.number: mark for mark in reversed(marks)}.values())[::-1]
