"""Find what is measured: amounts, shares, durations, before-and-after pairs; leave dates, names and versions alone."""

import re
from enum import StrEnum
from typing import NamedTuple

from app.analysis import quantity_hints as hints
from app.analysis import quantity_patterns as patterns
from app.analysis.lazily import Pattern
from app.analysis.phrases import fold
from app.analysis.quotes import straighten
from app.analysis.takers import Taker


class Measure(StrEnum):
    """What a quantity measures."""

    __hash__ = str.__hash__  # that of an enumeration takes ten times as long

    PERCENT = "percent"
    MONEY = "money"
    COUNT = "count"
    DURATION = "duration"
    TIMEFRAME = "timeframe"
    BASELINE = "baseline"


SIZES = frozenset({Measure.PERCENT, Measure.MONEY, Measure.COUNT, Measure.DURATION, Measure.BASELINE})
"""What can size an outcome; a time frame alone can't."""


class Quantity(NamedTuple):
    """A number with its unit.

    Attributes:
        start: First code point in the text that was searched, inclusive.
        end: Last code point, exclusive.
        text: The quantity as written.
        measure: What it measures; `BASELINE` is a before-and-after pair.
    """

    start: int
    end: int
    text: str
    measure: Measure


_WITH_DIGITS = (Taker(patterns.VERSIONED, hints.has_digit), Taker(patterns.BLOCKED, bool, re.VERBOSE | re.MULTILINE))
_WITHOUT_DIGITS = (Taker(patterns.BLOCKED_WITHOUT_DIGIT, hints.may_block, re.VERBOSE),)
_FRAMES = Taker(patterns.FRAMED, re.compile(r"\b(?:an?|one)\ ", re.IGNORECASE).search, re.IGNORECASE)
_PAIRS = (
    Taker(patterns.FROM_TO, hints.has_target, re.VERBOSE),
    Taker(patterns.COMPARED, hints.has_start, re.VERBOSE),
)
_SIZES = (
    (Measure.MONEY, Taker(patterns.MONEY, hints.has_currency)),
    (Measure.PERCENT, Taker(patterns.PERCENT, hints.has_percent)),
    (Measure.COUNT, Taker(patterns.RATIO, hints.has_whole)),
    (Measure.COUNT, Taker(patterns.MULTIPLE, hints.has_times)),
    (Measure.PERCENT, Taker(patterns.PORTION, hints.has_part)),
    (Measure.DURATION, Taker(patterns.DURATION, hints.has_time)),
    (Measure.COUNT, Taker(patterns.COUNT, hints.has_numeral)),
)
_SIZES_WITHOUT_NUMERAL = tuple(_SIZES[place] for place in (3, 4, 5))
_OPENING = re.compile(r"[^\w.]*([A-Z][a-z]*)")
_OPENERS = frozenset(f"{patterns.WORDS_1_19}|{patterns.TENS}".split("|")) | frozenset(
    """
    a an half hundred hundreds thousand thousands million millions billions dozens zero none several twice halved
    halving doubled doubling tripled trebled quadrupled team crew group squad staff family board
    """.split()
)
_FRAME_BEFORE = Pattern(
    r"(?:\b(?:in|within|over|after|for|during|since|inside|past|last|next|first|previous|under|every|"
    r"by\ the\ end\ of|another|these|those|"
    r"took|takes|lasted|ahead|of)\ (?:the\ |a\ |just\ |only\ |about\ |around\ |roughly\ |nearly\ |almost\ |"
    r"under\ |less\ than\ |more\ than\ |"
    r"over\ |these\ |those\ |past\ |last\ |next\ |first\ |following\ |previous\ |like\ |i\ guess\ |maybe\ )*)$",
    re.IGNORECASE,
)
_FRAME_AFTER = Pattern(
    r"^\s*(?:later|after|before|ago|earlier|in\b|since|now|straight|running|in\ a\ row|so\ far)", re.IGNORECASE
)
_SMALL = Pattern(r"(?:one|two|three|none)[- ]?", re.IGNORECASE)
_LONG = Pattern(rf"{patterns.LONG_UNIT}$", re.IGNORECASE)


def find_quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a text in order, without overlaps."""
    if not hints.may_have(fold(text)):
        return ()
    matches, masked = _FRAMES.take(_lower_opening(straighten(text)))
    found = [_quantity(text, *match.span("a"), Measure.TIMEFRAME) for match in matches]
    for rule in _WITH_DIGITS if hints.has_digit(masked) else _WITHOUT_DIGITS:
        _, masked = rule.take(masked)
    has_numeral = hints.has_numeral(masked)
    for rule in _PAIRS if has_numeral else ():
        matches, masked = rule.take(masked)
        found += [_quantity(text, match.start("a"), match.end("b"), Measure.BASELINE) for match in matches]
    for measure, rule in _SIZES if has_numeral else _SIZES_WITHOUT_NUMERAL:
        matches, masked = rule.take(masked)
        found += [it for match in matches if (it := _measure(text, *match.span(), measure))]
    return tuple(sorted(found))


def _lower_opening(text: str) -> str:
    """Return a sentence whose first word is in lower case where it may belong to a number."""
    opening = _OPENING.match(text)
    if opening is None or opening.group(1).lower() not in _OPENERS:
        return text
    at = opening.start(1)
    return text[:at] + text[at].lower() + text[at + 1 :]


def _measure(text: str, start: int, end: int, measure: Measure) -> Quantity | None:
    """Return what stands at a match; None for a count that is too small to tell anything."""
    while start < end and text[start] in " -~":
        start += 1
    if measure is Measure.COUNT and _SMALL.fullmatch(text[start:end]):
        return None
    if measure is Measure.DURATION and _is_timeframe(text, start, end):
        measure = Measure.TIMEFRAME
    return _quantity(text, start, end, measure)


def _quantity(text: str, start: int, end: int, measure: Measure) -> Quantity:
    return Quantity(start, end, text[start:end], measure)


def _is_timeframe(text: str, start: int, end: int) -> bool:
    if not _LONG.search(text[start:end]):
        return False
    return bool(_FRAME_BEFORE.search(text[max(0, start - 40) : start]) or _FRAME_AFTER.search(text[end : end + 14]))
