"""Cut a story into sentences with exact places, whatever shape it was pasted in."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from app.analysis.blocks import LABEL, Block, Kind, find_blocks
from app.analysis.lazily import Pattern
from app.analysis.quotes import straighten
from app.analysis.verbs import BE, is_past

if TYPE_CHECKING:
    from nupunkt import PunktSentenceTokenizer


class Sentence(NamedTuple):
    """One sentence, note or clause run of a story.

    Attributes:
        start: First code point of the story's text, inclusive; markers such as bullets are outside.
        end: Last code point, exclusive.
        text: `story[start:end]`.
        kind: How it stands on the page.
        block: Which paragraph or list item it belongs to, counted from 0.
    """

    start: int
    end: int
    text: str
    kind: Kind
    block: int


_STARTERS = (
    r"I|I'[a-z]+|We|My|Our|The|A|An|It|He|She|They|This|That|These|Those|There|So|Then|And|But|In|"
    r"On|At|After|Before|"
    r"When|While|Because|If|As|For|From|By|With|Within|Over|Since|Today|Now|Next|First|Second|Finally|Once|"
    r"Two|Three|Not|No|"
    r"Nobody|Everyone|Also|Still|What|Instead|To|One|Both|All|Each|Every|Some|Most|Last|Later"
)
_MISSED_END = re.compile(rf"[.!?](?<=[a-z0-9%)][.!?])[\"')\]]*\s+(?=(?:{_STARTERS})\b)")
# Pictures, by what they are not: letters, spaces, ASCII, punctuation, currencies, arrows and mathematical signs.
_PICTURE = r"[^\w\s\x00-\u200c\u200e-\u22ff\u3000-\u303f\uff00-\uffef]"
_ABBREVIATIONS = frozenset(
    """
    e.g i.e mr mrs ms dr prof st vs approx etc no fig eq inc ltd co corp dept est min max avg sec hr wk yr p.m
    a.m
    """.split()
)
_WORD_BEFORE = Pattern(r"([A-Za-z.]+)$")
_NO_END = Pattern(r"(?:\b(?:a\.m|p\.m|e\.g|i\.e|approx|vs|etc|no|ca|incl)\.)\s*$", re.IGNORECASE)

_LONGEST_ABBREVIATION = 24
_TIME_OF_DAY = Pattern(
    r"\W*(?:at|by|around|about|from|until|till|before|after|since|between|every|one|this|that|on|just)\b(.*)[ap]\.m\.",
    re.IGNORECASE | re.DOTALL,
)
_LONG_CHARS = 60
_CHUNK_CHARS = 4000
_MOST_CHARS = 1000
_MOST_SENTENCES = 1000

_LONG_RUN_WORDS = 40
_MIN_PIECE_WORDS = 7
_WORDS_LEFT = re.compile(r"\S+\s+\S+\s+\S")
_JOINT = re.compile(
    r"(?<=\s)(?=(?:(?:and|so|but|then|because|cause|cos|anyway|also)\s+){1,3}(?:then\s+|so\s+|"
    r"after\s+that\s+|um+\s+|uh+\s+|like\s+){0,4}"
    r"(?:i|i'm|i've|i'd|we|he|she|they|it|the|my|our|nobody|everyone|people|what|there|this|that|"
    r"in\s+the\s+end|finally|now)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+(?:['’.,:/-]\w+)*")


@cache
def _picture_end() -> re.Pattern[str]:
    """Return what finds a picture that ends a sentence; compiled when a text may have one."""
    return re.compile(rf"(?<=[\w%).!?])\s*+{_PICTURE}++(?:\s++{_PICTURE}++)*+\s++(?=(?:{_STARTERS})\b)")


@cache
def _tokenizer() -> "PunktSentenceTokenizer":
    from nupunkt import load_default_model  # noqa: PLC0415 - 60 ms that `--version` need not pay

    return load_default_model()


def count_words(text: str) -> int:
    """Return the number of spoken words in a text."""
    return len(_WORD.findall(text))


def split_sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a story in order; they never overlap and skip only markers and white space."""
    plain = straighten(text)
    spans = (
        (start, end, block.kind, number)
        for number, block in enumerate(find_blocks(plain))
        for start, end in _sentence_spans(plain, block)
    )
    sentences = [
        Sentence(start, end, text[start:end], kind, n) for start, end, kind, n in islice(spans, _MOST_SENTENCES)
    ]
    if len(sentences) == _MOST_SENTENCES:  # nobody tells a story in so many: the rest is no prose
        last = sentences[-1]
        rest = _split_long(plain, last.end, len(plain))
        sentences += [Sentence(start, end, text[start:end], Kind.PROSE, last.block + 1) for start, end in rest]
    return tuple(sentences)


def _sentence_spans(text: str, block: Block) -> Iterator[tuple[int, int]]:
    body = text[block.start : block.end]
    offset = block.start
    if label := LABEL.match(body):
        if label.end() == len(body):
            yield block.start, block.end
            return
        # A label in front of its text ("Result: ...") stands as a heading of its own.
        yield _trim(text, block.start, block.start + label.end())
        offset += label.end()
        body = body[label.end() :]
    if block.kind is Kind.HEADING:
        yield _trim(text, offset, block.end)
        return
    for start, end in _merge(text, list(_tokenize(body, offset))):
        for piece in _split_missed(text, start, end):
            for low, high in _split_run(text, *piece):
                yield from _split_long(text, *_trim(text, low, high))


def _tokenize(body: str, offset: int) -> Iterator[tuple[int, int]]:
    """Cut a block into sentences; a long one in pieces, since the tokenizer takes long for what is no prose."""
    low = 0
    while low < len(body):
        high = _cut_place(body, low, _CHUNK_CHARS, (". ", "! ", "? ", ".\n", "\n", " "))
        for start, end in _tokenizer().span_tokenize(body[low:high]):
            yield offset + low + start, offset + low + end
        low = high


def _split_long(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut what is too long to be quoted, so that nothing that reads a sentence has to look far."""
    while start < end:
        high = _cut_place(text, start, _MOST_CHARS, (" ", "\n", ","), end)
        low, high = _trim(text, start, high)
        if low < high:
            yield low, high
        start = max(high, low, start + 1)


def _cut_place(text: str, low: int, most: int, marks: tuple[str, ...], end: int | None = None) -> int:
    """Return where to end a piece of at most so many characters: behind the first mark that stands in its last half."""
    end = len(text) if end is None else end
    if end - low <= most:
        return end
    places = (text.rfind(mark, low + most // 2, low + most - 1) for mark in marks)
    return next((place + 1 for place in places if place >= 0), low + most)


def _merge(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what was cut after an abbreviation, or what holds no word of its own."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged:
            low, high = merged[-1]
            rest = text[start:end].lstrip()
            if not _WORD.search(rest) or _is_cut_short(text, low, high, rest):
                merged[-1] = (low, end)
                continue
        merged.append((start, end))
    return merged


def _is_cut_short(text: str, low: int, high: int, rest: str) -> bool:
    """Tell whether a piece goes on after its abbreviation: in lower case, or since it tells but a time of day."""
    if not _NO_END.search(text[max(low, high - _LONGEST_ABBREVIATION) : high]):
        return False
    if rest[:1].islower():
        return True
    time = _TIME_OF_DAY.fullmatch(text[low:high]) if high - low < _LONG_CHARS else None
    return time is not None and not any(is_past(word) or word in BE for word in time.group(1).lower().split())


def _split_missed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    low = start
    ends = _MISSED_END.finditer(text, start, end)
    if not text.isascii():
        ends = sorted([*ends, *_picture_end().finditer(text, start, end)], key=lambda match: match.start())
    for match in ends:
        before = _WORD_BEFORE.search(text[max(low, match.start() - _LONGEST_ABBREVIATION) : match.start()])
        if before and before.group(1).lower().strip(".") in _ABBREVIATIONS:
            continue
        yield low, match.end()
        low = match.end()
    yield low, end


def _split_run(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a run of speech without punctuation at its joints, so that each piece tells about one thing."""
    body = text[start:end]
    if body.count(" ") < _LONG_RUN_WORDS or len(re.findall(r"[.,;:!?]\s", body)) > body.count(" ") / 20:
        yield start, end
        return
    low = start
    for match in _JOINT.finditer(text, start, end):
        if len(text[low : match.start()].split()) >= _MIN_PIECE_WORDS and _WORDS_LEFT.match(text, match.start(), end):
            yield low, match.start()
            low = match.start()
    yield low, end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
