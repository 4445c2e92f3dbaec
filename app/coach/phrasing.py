"""Take a story's own words apart for a question: the clause around a deed, what it is about, and how it changed."""

import re
from enum import StrEnum
from typing import NamedTuple

from app.analysis.lazily import Pattern
from app.analysis.sentences import LABEL
from app.analysis.verbs import BE, is_past

_MOST_WORDS = 9
_MOST_CHARACTERS = 62
_FEWEST_WORDS = 3
_LONGEST_NAME = 5

_BREAK = re.compile(
    # What any of the breaks begins with is looked for first.
    r"(?=[-–—\s<>;!?()\[\]|\"“”→=.:*,])(?:"
    r"</?[a-z][^<>\n]{0,60}>|[;!?()\[\]|\n\r\"“”→=]|(?<!\d)[.:]|[.:](?!\d)|->|\*\*|,(?=\s)|\s[-–—]+\s|[–—]|"
    r"\s(?=(?:and|but|so|because|while|although|since|until|cos|who)\s)|"
    r"(?<!\sabout)(?<!\sof)(?<!\son)(?<!\sin)(?<!\sfor)(?<!\sto)(?<!\sat)\s(?=which\s))",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:[\s*_`#>•\-–—,+&]|(?:and|but|so|also|because|which|while|although|since|that|um|uh|like|well|ok|okay|"
    r"too|i mean|you know|cos|until|who|in the end|as a result|eventually|finally|overall|however)\b(?!['’]))+",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"\b(?:I|[Ww]e|[Tt]hey|[Hh]e|[Ss]he|(?:[Tt]he|[Mm]y|[Oo]ur) \w+)\b(?=[^,;]*$)")
_MARKED_LABEL = re.compile(r"[*_]+\w+[*_]*:[*_]*\s+|\w+:[*_]+\s+")
_LONGEST_LEAD = 24
_TRAIL = frozenset(
    """
    a an the of to in on at for with by and or but so that which who as from my our their his her its this these those
    into about than not very was were is are be been had have has would could should will when if because while after
    before until over under between i we he she they it
    """.split()
)
_EDGE = " \t*_`#>•,-–—&+'.;:!?"


class Clause(NamedTuple):
    """A stretch of a sentence, as written.

    Attributes:
        text: An exact part of the sentence.
        is_cut: The clause goes on.
    """

    text: str
    is_cut: bool = False

    @property
    def quoted(self) -> str:
        """The clause in quotation marks; what is cut off shows as an ellipsis behind them."""
        return f"“{self.text}” …" if self.is_cut else f"“{self.text}”"


def take_clause(sentence: str, at: int = 0) -> Clause:
    """Return the clause of a sentence around a place, short enough to be quoted in a question."""
    if at == 0:
        at = _after_label(sentence)
    breaks = [match.span() for match in _BREAK.finditer(sentence)]
    starts = [0, *(end for _, end in breaks if end <= at)]
    start = starts.pop()
    stops = [begin for begin, _ in breaks if begin > at] + [len(sentence)]
    stop = next(stop for stop in stops if len(sentence[start:stop].split()) >= _FEWEST_WORDS or stop == len(sentence))
    while starts and len(sentence[start:stop].split()) <= _FEWEST_WORDS:
        start = starts.pop()
    start += _lead_of(sentence[start:stop])
    if (at - start > _LONGEST_LEAD or " that " in sentence[start:at]) and (
        subject := _last(_SUBJECT, sentence[start:at])
    ):
        start += subject.start()
    return _clip(sentence[start:stop])


def take_opening(sentence: str) -> Clause:
    """Return the beginning of a sentence, short enough to be quoted."""
    start = _after_label(sentence)
    return _clip(sentence[start + _lead_of(sentence[start:]) :])


def _after_label(sentence: str) -> int:
    label = LABEL.match(sentence) or _MARKED_LABEL.match(sentence)
    return label.end() if label and label.end() < len(sentence) else 0


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return max(pattern.finditer(text), key=lambda match: match.start(), default=None)


def _lead_of(text: str) -> int:
    match = _LEAD.match(text)
    return match.end() if match and match.end() < len(text) else 0


def _clip(text: str) -> Clause:
    """Return a text cut after the last whole phrase that fits, on one line and without quotation marks in it."""
    pieces = [piece.strip(_EDGE) for piece in re.split(r"[\n\r\"“”]", text)]
    line = next((piece for piece in pieces if len(piece.split()) >= _FEWEST_WORDS), max(pieces, key=len))
    ends = [match.end() for match in re.finditer(r"\S+", line)]
    if len(ends) <= _MOST_WORDS and len(line) <= _MOST_CHARACTERS:
        return Clause(line)
    fitting = [end for end in ends[:_MOST_WORDS] if end <= _MOST_CHARACTERS] or [min(len(line), _MOST_CHARACTERS)]
    while len(fitting) > _FEWEST_WORDS and line[: fitting[-1]].rsplit(None, 1)[-1].strip(_EDGE).lower() in _TRAIL:
        fitting.pop()
    return Clause(line[: fitting[-1]].rstrip(_EDGE), is_cut=True)


class Change(StrEnum):
    """How an outcome is told, which decides what to ask of it."""

    MOVED = "moved"
    COMPARED = "compared"
    LIKED = "liked"
    TAKEN_UP = "taken up"
    DELIVERED = "delivered"
    KEPT = "kept"


class Outcome(NamedTuple):
    """An outcome clause.

    Attributes:
        change: How it is told; None where the grammar does not tell.
        about: Whom or what it is about, in words to a listener ("your build"); None where that is not plain.
        is_many: What it is about is in the plural.
    """

    clause: Clause
    change: Change | None = None
    about: str | None = None
    is_many: bool = False


_CHANGES: tuple[tuple[Change, Pattern], ...] = (
    (
        Change.LIKED,
        Pattern(
            r"\b(?:(?:was|were|is|are|felt|seemed|became|got)\s+(?:\w+\s+){0,2}?(?:happy|happier|pleased|satisfied|"
            r"delighted|impressed|thrilled|glad|thankful|grateful|confident|excited|relieved|positive|enthusiastic)|"
            r"(?:loved|liked|appreciated|enjoyed|thanked|praised)\s+(?:it|us|me|this|that|the|our|my))\b",
            re.IGNORECASE,
        ),
    ),
    (
        Change.COMPARED,
        Pattern(
            r"\b(?:got|became|was|were|is|are|has been|have been|had been|ran|went|felt|works?|worked|runs?)\s+"
            r"(?:\w+\s+){0,3}?(?:better|faster|slower|quicker|smoother|easier|calmer|happier|cheaper|quieter|shorter|"
            r"lower|higher|safer|cleaner|simpler|healthier|stronger|closer|fewer|more\s+(?!work\b|time\b|people\b|than\b)\w+|less\s+\w+|smooth|stable)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Change.MOVED,
        Pattern(
            r"\b(?:(?:has|have|had)\s+)?(?:\w+ly\s+)?(?:fell|dropped|rose|grew|increased|decreased|declined|improved|shrank|"
            r"halved|doubled|tripled|climbed|went\s+(?:up|down)|came\s+down|picked\s+up|dried\s+up|disappeared|stopped)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Change.TAKEN_UP,
        Pattern(r"\b(?:adopted|copied|uses?|using|took\s+(?:it|this)\s+over|switched\s+(?:to|over))\b", re.IGNORECASE),
    ),
    (
        Change.DELIVERED,
        Pattern(
            r"\b(?:launched|shipped|delivered|released|went\s+live|finished|completed|rolled\s+out|passed|opened|landed|"
            r"went\s+out|made\s+the\s+(?:date|deadline))\b",
            re.IGNORECASE,
        ),
    ),
    (Change.KEPT, Pattern(r"\b(?:renewed|signed(?!\s+off)|stayed\s+with|re-?ordered|extended)\b", re.IGNORECASE)),
)
_TOKEN = re.compile(r"[^\s,]+")
_OPENERS = frozenset("eventually finally overall afterwards now today also then later think believe guess end".split())
_LONGEST_BARE = 2
_LINKS = frozenset("of around for between in with at from about".split())
_NO_NAME = frozenset(
    """
    i we you he she it they this that these those there things thing everything everyone everybody all both who
    which what something nothing one ones people result outcome life work so and or but not no if as when then than
    too some many most others nobody somebody by into after before on over to because while me us him her them
    probably maybe really quite just only even still always never also myself that's it's lot bit
    """.split()
)
_TURNED = {"my": "your", "our": "your", "mine": "yours", "ours": "yours"}
_DETERMINERS = frozenset("the my our their his her its this these those your two three four five six all both".split())
_ODD_PLURALS = frozenset("people customers children men women staff".split())
_ODD_SINGULARS = ("ss", "us", "is")


def read_outcome(sentence: str, at: int = 0) -> Outcome:
    """Return how a sentence tells its outcome.

    Args:
        sentence: The sentence.
        at: Where to take the clause from where the grammar does not tell the outcome's place.
    """
    found = [(match.start(), change) for change, pattern in _CHANGES if (match := pattern.search(sentence))]
    if not found:
        return Outcome(take_clause(sentence, at))
    verb, change = min(found, key=lambda item: item[0])
    start, name = _name_before(sentence, verb)
    clause = take_clause(sentence, verb)
    if name and clause.is_cut:
        clause = take_clause(sentence[start:])
    return Outcome(clause, change, name, is_many=_is_many(name))


def _name_before(sentence: str, verb: int) -> tuple[int, str | None]:
    """Return the noun phrase right before a verb and its place, or None unless it is plainly one."""
    start = max((match.end() for match in _BREAK.finditer(sentence[:verb])), default=0)
    tokens = [(match.start() + start, match.group()) for match in _TOKEN.finditer(sentence[start:verb])]
    lowered = [word.lower() for _, word in tokens]
    first = max((place for place, word in enumerate(lowered) if word in _DETERMINERS), default=None)
    if first is not None and first > 1 and lowered[first - 1] in _LINKS:
        first = max((place for place, word in enumerate(lowered[: first - 1]) if word in _DETERMINERS), default=first)
    if first is None:
        first = max((place for place, word in enumerate(lowered) if word in _OPENERS), default=-1) + 1
        if not 1 <= len(tokens) - first <= _LONGEST_BARE:
            return start, None
    words = lowered[first:]
    if not 1 <= len(words) <= _LONGEST_NAME or words[-1] in _DETERMINERS or not all(map(_may_be_name, words)):
        return start, None
    head = _TURNED.get(words[0], words[0] if words[0] in _DETERMINERS else tokens[first][1])
    return tokens[first][0], " ".join([head, *(word for _, word in tokens[first + 1 :])])


def _may_be_name(word: str) -> bool:
    return word[0].isalpha() and not (word in _NO_NAME or word in BE or is_past(word) or word.endswith("ly"))


def _is_many(name: str | None) -> bool:
    if name is None:
        return False
    last = name.split()[-1].lower()
    return last in _ODD_PLURALS or (last.endswith("s") and not last.endswith(_ODD_SINGULARS))
