"""Take out of a text what is no story, and keep where it stood."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from app.analysis.screen.encoded import find_codes, is_coded_plea
from app.analysis.screen.hidden import Plain, read_plain
from app.analysis.screen.pleas import find_plea_start, is_narrated, is_plea
from app.analysis.screen.structure import find_mocks
from app.analysis.sentences import Sentence, split_sentences
from app.domain import Span

_BEFORE = 60
_FEW_WORDS = 5
_COPIED_WORDS = 8
_COPIED_BARE = 5
_STRETCHED = 5
_SPARE = re.compile(r"(?<=\S[ \t])[ \t]+(?=\S)")
_TAIL = re.compile(r"(?<=[.!?])\s+(?=(?:[^A-Za-z]|(?<=\d)[A-Za-z]{1,2}\b|\b[A-Z](?=\d))*$)(?=(?:\D*\d+){3})")
_JOINT = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"\w+")


Measure = Callable[[str, str], int]
"""What tells how much of a sentence is honest, given what stands before it."""


class Screened(NamedTuple):
    """A text without what is no story.

    Attributes:
        text: What is left to read, without hidden characters.
        sentences: Its sentences; their places are those of the text as given.
        suspicious: Stretches of the text as given that speak to whoever grades or pose as structure.
        hidden: Stretches of it where characters hide something; what stands around them counts.
        company: Numbers of the sentences that stand beside a plea in its paragraph and tell of nothing that happened.
    """

    text: str
    sentences: tuple[Sentence, ...]
    suspicious: tuple[Span, ...]
    hidden: tuple[Span, ...]
    company: frozenset[int] = frozenset()

    @property
    def left(self) -> str:
        """The text that is left; the text itself where nothing was taken out."""
        return "\n".join(sentence.text for sentence in self.sentences) if self.suspicious else self.text


def screen(text: str, measure: Measure | None = None) -> Screened:
    """Return the sentences of a text that may count as a story, and what is suspicious in it.

    Args:
        text: The text as given.
        measure: What does as `measure_honest` does, for who has seen some of the sentences before.
    """
    measure = measure or measure_honest
    plain = _narrow(read_plain(text))
    mocks = find_mocks(plain.text)
    coded = find_codes(plain.text)
    suspicious = [plain.span(*mock.span) for mock in mocks if mock.is_suspicious]
    suspicious += [plain.span(*span) for span in coded]
    cut = _cut(plain, [*(mock.span for mock in mocks), *coded])
    cut = _cut(cut, _find_copies(cut.text))
    kept: list[Sentence] = []
    pleas: list[tuple[int, int]] = []
    for sentence in _split(cut.text):
        before = cut.text[max(0, sentence.start - _BEFORE) : sentence.start]
        length = measure(sentence.text, before)
        if length < len(sentence.text):
            suspicious.append(cut.span(sentence.start + length, sentence.end))
            pleas.append((len(kept) + (length > 0), sentence.block))
        if length:
            kept.append(_place(sentence, length, cut))
    return Screened(cut.text, tuple(kept), _merge(suspicious), plain.odd, _find_company(kept, pleas))


def screen_line(text: str) -> bool:
    """Tell whether a short text, such as a title, is suspicious."""
    screened = screen(text)
    return bool(screened.suspicious or screened.hidden)


def measure_honest(text: str, before: str) -> int:
    """Return how much of a sentence tells the story: all of it, nothing, or what stands before a plea.

    Args:
        text: The sentence.
        before: What stands right before it.
    """
    start = 0
    for match in _JOINT.finditer(text):
        if _piece_length(text[start : match.start()], before) < match.start() - start:
            break
        start = match.end()
    else:
        if not start:
            return _piece_length(text, before)
        return start + _piece_length(text[start:], text[:start])
    return len(text[:start].rstrip())


def _piece_length(text: str, before: str) -> int:
    if is_coded_plea(text):
        return 0
    if not is_plea(text, before=before):
        return len(text)
    start = find_plea_start(text)
    head = text[:start].rstrip(" ,;:(-–—")
    return len(head) if len(_WORD.findall(head)) >= _FEW_WORDS and not is_plea(head, before=before) else 0


def _split(text: str) -> Iterator[Sentence]:
    """Yield the sentences; numbers alone that hang on one stand by themselves."""
    for sentence in split_sentences(text):
        tail = _TAIL.search(sentence.text) if any(map(str.isdigit, sentence.text[-6:])) else None
        if tail is None:
            yield sentence
            continue
        yield sentence._replace(end=sentence.start + tail.start(), text=sentence.text[: tail.start()])
        yield sentence._replace(start=sentence.start + tail.end(), text=sentence.text[tail.end() :])


def _find_company(kept: list[Sentence], pleas: list[tuple[int, int]]) -> frozenset[int]:
    """Return the sentences around pleas, up to one that tells a deed.

    Args:
        kept: The sentences that are no plea.
        pleas: For each plea, the number of the sentence after it and its block.
    """
    company: set[int] = set()
    for after, block in pleas:
        for numbers in (range(after, len(kept)), range(after - 1, -1, -1)):
            for number in numbers:
                if kept[number].block != block or is_narrated(kept[number].text.lower()):
                    break
                company.add(number)
    return frozenset(company)


def _place(sentence: Sentence, length: int, plain: Plain) -> Sentence:
    if plain.places is None and length == len(sentence.text):
        return sentence
    start, end = plain.span(sentence.start, sentence.start + length)
    return sentence._replace(start=start, end=end, text=sentence.text[:length])


def _narrow(plain: Plain) -> Plain:
    """Return a text with single spaces where it was stretched by many."""
    if plain.text.count("  ") * _STRETCHED <= plain.text.count(" "):
        return plain
    return _cut(plain, [Span(*match.span()) for match in _SPARE.finditer(plain.text)])


def _cut(plain: Plain, spans: Iterable[Span]) -> Plain:
    """Return a text without some stretches of it."""
    merged = _merge(spans)
    if not merged:
        return plain
    edges = [0, *(edge for span in merged for edge in span), len(plain.text)]
    pieces = list(zip(edges[::2], edges[1::2], strict=True))
    places = plain.places or range(len(plain.text))
    return Plain(
        "".join(plain.text[start:end] for start, end in pieces),
        tuple(place for start, end in pieces for place in places[start:end]),
        plain.odd,
    )


def _find_copies(text: str) -> tuple[Span, ...]:
    """Return the stretches of at least so many words that stand in the text before, word for word."""
    bare = text.lower().split()
    if len(set(zip(*(bare[shift:] for shift in range(_COPIED_BARE)), strict=False))) > len(bare) - _COPIED_BARE:
        return ()
    matches = list(_WORD.finditer(text))
    words = [match.group().lower() for match in matches]
    runs = list(zip(*(words[shift:] for shift in range(_COPIED_WORDS)), strict=False))
    if len(set(runs)) == len(runs):
        return ()
    spans: list[Span] = []
    seen: set[tuple[str, ...]] = set()
    for number, run in enumerate(runs):
        if run in seen:
            spans.append(Span(matches[number].start(), matches[number + _COPIED_WORDS - 1].end()))
        seen.add(run)
    return _merge(spans)


def _merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        elif span.start < span.end:
            merged.append(span)
    return tuple(merged)
