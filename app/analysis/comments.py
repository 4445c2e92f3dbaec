"""Find the comments in a text that speak to this program and not to a listener."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.domain import GapCode, Span

_OPENING = re.compile(r"<!--\s*coach:")
_MOST_OF_A_REASON = 300
_NOT_A_BREAK = re.compile(r"[^\r\n]")
_CODES = frozenset(GapCode)


class Comment(NamedTuple):
    """A comment `<!-- coach: ignore CODE, …: reason -->`.

    Attributes:
        span: All of it.
        codes: The gaps that it asks to ignore; empty where there is a problem.
        reason: Why, on one line.
        problem: What is wrong with it, in one clause without a word of the text; None where nothing is.
    """

    span: Span
    codes: tuple[GapCode, ...] = ()
    reason: str = ""
    problem: str | None = None


def find_comments(text: str) -> tuple[Comment, ...]:
    """Return the comments of a text that begin with `<!-- coach:`, in order."""
    return tuple(_find(text)) if "<!--" in text else ()


def blank_comments(text: str, comments: tuple[Comment, ...]) -> str:
    """Return the text with spaces where the comments stand: every place and every line stays what it is."""
    for comment in comments:
        start, end = comment.span
        text = text[:start] + _NOT_A_BREAK.sub(" ", text[start:end]) + text[end:]
    return text


def _find(text: str) -> Iterator[Comment]:
    start = 0
    while opening := _OPENING.search(text, start):
        end = text.find("-->", opening.end())
        if end < 0:
            yield Comment(Span(*opening.span()), problem="the comment is not closed by -->")
            return
        start = end + len("-->")
        yield _read(text[opening.end() : end].strip(), Span(opening.start(), start))


def _read(said: str, span: Span) -> Comment:
    asked, _, because = said.partition(":")
    verb, *rest = asked.split(maxsplit=1) or [""]
    if verb != "ignore" or not rest:
        return Comment(span, problem="the comment must read ignore CODE: reason")
    names = [name.strip() for name in rest[0].split(",")]
    if not set(names) <= _CODES:
        return Comment(span, problem=f"the comment ignores an unknown code; known are {', '.join(GapCode)}")
    reason = " ".join(because.split())
    if not reason:
        shown = ", ".join(names)
        return Comment(span, problem=f"the comment must say why: ignore {shown}: reason")
    if len(reason) > _MOST_OF_A_REASON:
        return Comment(span, problem=f"the reason is longer than {_MOST_OF_A_REASON} characters")
    return Comment(span, tuple(dict.fromkeys(map(GapCode, names))), reason)
