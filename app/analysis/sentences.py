"""Cut a story into sentences with exact places, whatever shape it was pasted in."""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from nupunkt import PunktSentenceTokenizer


class Kind(StrEnum):
    """How a sentence stands on the page."""

    PROSE = "prose"
    BULLET = "bullet"
    HEADING = "heading"
    QUOTE = "quote"


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


class _Block(NamedTuple):
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
_TERMINAL = re.compile(r"[.!?…:;][\"'”’)\]*_]*\s*$")
_SOFT_WRAP_MIN = 50
_HEADING_MAX_WORDS = 8

_STARTERS = (
    r"I|I'[a-z]+|I’[a-z]+|We|My|Our|The|A|An|It|He|She|They|This|That|These|Those|There|So|Then|And|But|In|"
    r"On|At|After|Before|"
    r"When|While|Because|If|As|For|From|By|With|Within|Over|Since|Today|Now|Next|First|Second|Finally|Once|"
    r"Two|Three|Not|No|"
    r"Nobody|Everyone|Also|Still|What|Instead|To|One|Both|All|Each|Every|Some|Most|Last|Later"
)
_MISSED_END = re.compile(rf"(?<=[a-z0-9%)])[.!?][\"”’)\]]*\s+(?=(?:{_STARTERS})\b)")
_ABBREVIATIONS = frozenset(
    """
    e.g i.e mr mrs ms dr prof st vs approx etc no fig eq inc ltd co corp dept est min max avg sec hr wk yr p.m
    a.m
    """.split()
)
_WORD_BEFORE = re.compile(r"([A-Za-z.]+)$")
_NO_END = re.compile(r"(?:\b(?:a\.m|p\.m|e\.g|i\.e|approx|vs|etc|no|ca|incl)\.)\s*$", re.IGNORECASE)

_LONG_RUN_WORDS = 40
_MIN_PIECE_WORDS = 7
_JOINT = re.compile(
    r"(?<=\s)(?=(?:(?:and|so|but|then|because|cause|cos|anyway|also)\s+){1,3}(?:then\s+|so\s+|"
    r"after\s+that\s+|um+\s+|uh+\s+|like\s+)*"
    r"(?:i|i'm|i've|i'd|we|he|she|they|it|the|my|our|nobody|everyone|people|what|there|this|that|"
    r"in\s+the\s+end|finally|now)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+(?:['’.,:/-]\w+)*")


@cache
def _tokenizer() -> "PunktSentenceTokenizer":
    from nupunkt import load_default_model  # noqa: PLC0415 - 60 ms that `--version` need not pay

    return load_default_model()


def count_words(text: str) -> int:
    """Return the number of spoken words in a text."""
    return sum(1 for _ in _WORD.finditer(text))


def split_sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a story in order; they never overlap and skip only markers and white space."""
    sentences: list[Sentence] = []
    for number, block in enumerate(_blocks(text)):
        for start, end in _sentence_spans(text, block):
            sentences.append(Sentence(start, end, text[start:end], block.kind, number))
    return tuple(sentences)


def _blocks(text: str) -> Iterator[_Block]:
    """Yield paragraphs, list items, headings and quotes; soft-wrapped lines stay together."""
    current: _Block | None = None
    fenced = False
    lines = [(match.start(), match.group().rstrip("\r\n")) for match in _LINE.finditer(text)]
    for (start, raw), (_, following) in pairwise([*lines, (len(text), "")]):
        fence = raw.lstrip().startswith(("```", "~~~"))
        fenced ^= fence
        block = None if fence or not raw.strip() or _RULE.match(raw) else _classify(raw, start, following)
        if current and block and not fenced and _belongs(text[current.start : current.end], current, block, raw):
            current = _Block(current.start, block.end, current.kind)
            continue
        if current:
            yield current
        current = block
    if current:
        yield current


def _belongs(before: str, current: _Block, block: _Block, line: str) -> bool:
    """Tell whether a line goes on with the block before it."""
    if block.kind is Kind.QUOTE:
        return current.kind is Kind.QUOTE
    return block.kind is Kind.PROSE and current.kind in (Kind.PROSE, Kind.BULLET) and _continues(before, line)


def _classify(raw: str, start: int, following: str) -> _Block | None:
    end = start + len(raw.rstrip())
    if heading := _HEADING.match(raw):
        return _Block(start + heading.end(), end, Kind.HEADING) if start + heading.end() < end else None
    if bullet := _BULLET.match(raw):
        kind = Kind.HEADING if _heads_list(raw, following) else Kind.BULLET
        return _Block(start + bullet.end(), end, kind) if start + bullet.end() < end else None
    if quote := _QUOTE.match(raw):
        return _Block(start + quote.end(), end, Kind.QUOTE) if start + quote.end() < end else None
    indent = len(raw) - len(raw.lstrip())
    stripped = raw.strip()
    if _EMPHASIS_LINE.match(raw) or (
        stripped.endswith(":") and len(stripped.split()) <= _HEADING_MAX_WORDS and not stripped.startswith("-")
    ):
        return _Block(start + indent, end, Kind.HEADING)
    return _Block(start + indent, end, Kind.PROSE)


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


def _sentence_spans(text: str, block: _Block) -> Iterator[tuple[int, int]]:
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
    spans = [(offset + start, offset + end) for start, end in _tokenizer().span_tokenize(body)]
    for start, end in _merge(text, spans):
        for piece in _split_missed(text, start, end):
            for low, high in _split_run(text, *piece):
                trimmed = _trim(text, low, high)
                if trimmed[0] < trimmed[1]:
                    yield trimmed


def _merge(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what was cut after an abbreviation, or what holds no word of its own."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged:
            low, high = merged[-1]
            rest = text[start:end].lstrip()
            if (_NO_END.search(text[low:high]) and rest[:1].islower()) or not _WORD.search(rest):
                merged[-1] = (low, end)
                continue
        merged.append((start, end))
    return merged


def _split_missed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    low = start
    for match in _MISSED_END.finditer(text, start, end):
        before = _WORD_BEFORE.search(text[low : match.start()])
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
        if len(text[low : match.start()].split()) >= _MIN_PIECE_WORDS and len(text[match.start() : end].split()) >= 3:  # noqa: PLR2004
            yield low, match.start()
            low = match.start()
    yield low, end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
