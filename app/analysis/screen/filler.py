"""Find sentences that earn nothing because they tell nothing: repeats, keywords, numbers alone, praise of oneself."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from app.analysis.agency import Actor
from app.analysis.lazily import Pattern
from app.analysis.said import Said
from app.analysis.screen.boasts import (
    PAST,
    drops_names,
    is_master_key,
    praises,
    praises_oneself,
    tells,
)
from app.analysis.sections import Reading
from app.analysis.small_words import ENGLISH, OTHERS
from app.analysis.weighing import count_known, count_known_pairs

_FEW_WORDS = 3
_NEAR = 0.85
_NEAR_WORDS = 8
_LIST_MARKS = 4
_LIST_WORDS = 3.2
_LIST_SHARE = 0.4
_ITEMS = Pattern(r"[,;#·•|/\n>&+]|\s[-–—]\s|\band\b")
_SEPARATOR = re.compile(r"[,;#·•|/\n>&+–—-]")
_KEYWORD = Pattern(
    r"\b(?:leader\w*|owner\w*|result\w*|metric\w*|stakeholder\w*|agile|scrum|kpis?|okrs?|roi|"
    r"scal\w+|mechanism\w*|root cause|data[- ]driven|customer\w*|"
    r"innovat\w+|impact\w*|strateg\w+|trade-?offs?|deliver\w*|influenc\w+|initiative|account\w+|"
    r"collabor\w+|communicat\w+|mentor\w*|empower\w*|"
    r"synerg\w+|efficien\w+|optimi[sz]\w+|optimal|transform\w+|vision\w*|excellence|quality|"
    r"trust|frugal\w*|bias|action|obsess\w*|dive|deep|think|big|backbone|"
    r"commit\w*|disagree\w*|simplif\w+|invent\w*|curious|curiosity|learn\w*|hire|develop|"
    r"standards?|highest|insist|earn|broad|responsib\w+|employer|scope|ambigu\w+|"
    r"velocity|latency|revenue|growth|cost savings?|savings|risk\w*|mitigat\w+|alignment|cross-functional|"
    r"escalat\w+|retrospective|post-?mortem|cadence|benchmark\w*|"
    r"teamwork|problem[- ]solving|decision\w*|priorit\w+|execution|conflict|resilien\w+|"
    r"grit|passion\w*|proactiv\w+|integrity|feedback|improv\w+|star|situation|task|"
    r"baseline|target|percent|reduced|increased|achieved|led|drove|owned|delivered|improved|"
    r"measured|saved|reflection|ai|cloud|devops|microservices|kubernetes)\b"
)
_NUMBERS = 4
_TIMELESS_RUN = 3
_NUMBER_RUN = 2
_VERBLESS_WORDS = 8
_PIECE_WORDS = 3
_PIECES = Pattern(r"[,;·•/]\s+|\band\b|\n")
_DIGIT = re.compile(r"\d")
_GIBBERISH_WORDS = 4
_KNOWN_SHARE = 0.5
_KNOWN_PAIRS = 0.2
_LONGEST_WORD = 40
_GAP = 2
_GENERIC = frozenset(
    "forth less more other words might just such thing things else say said way ways well also even still".split()
)
_SAYING_NOTHING = ENGLISH | _GENERIC
_ABROAD = frozenset[str]().union(*OTHERS)
_FOREIGN_WORDS = 5


def find_filler(readings: Sequence[Reading]) -> frozenset[int]:
    """Return the numbers of the sentences that tell nothing; a repeated sentence counts once, where it stands first."""
    found = _find_repeats(readings)
    for number, reading in enumerate(readings):
        if number not in found and not reading.said.is_label and reading.said.tell(_tells_nothing):
            found.add(number)
    found.update(_find_runs(readings, _is_timeless, _TIMELESS_RUN))
    found.update(_find_runs(readings, _is_bare_number, _NUMBER_RUN))
    return frozenset(found)


def is_word_salad(readings: Sequence[Reading]) -> bool:
    """Tell whether nobody of the story does anything and hardly two words stand together as in English."""
    if any("0" in r.tokens or Actor.SELF in r.said.actors for r in readings):
        return False
    pairs = [pair for r in readings for pair in pairwise(r.tokens) if pair[0][0].isalpha() and pair[1][0].isalpha()]
    return count_known_pairs(pairs) < _KNOWN_PAIRS * len(pairs)


def _find_runs(readings: Sequence[Reading], holds: Callable[[Said], bool], least: int) -> set[int]:
    """Return the sentences of which so many stand together, at most one other between; a few are no padding."""
    found: set[int] = set()
    run: list[int] = []
    for number, reading in enumerate(readings):
        if reading.said.is_label or not reading.said.tell(holds):
            continue
        if run and number - run[-1] > _GAP:
            run = []
        run.append(number)
        if len(run) >= least:
            found.update(run)
    return found


def _find_repeats(readings: Sequence[Reading]) -> set[int]:
    found: set[int] = set()
    seen: set[tuple[str, ...]] = set()
    long: list[frozenset[str]] = []
    for number, reading in enumerate(readings):
        if len(reading.tokens) < _FEW_WORDS:
            continue
        words = reading.said.vocabulary
        if reading.tokens in seen:
            found.add(number)
        elif len(words) >= _NEAR_WORDS:
            size = len(words)
            alike = [other for other in long if _NEAR * size <= len(other) and _NEAR * len(other) <= size]
            if any(_is_near(words, other) for other in alike):
                found.add(number)
            long.append(words)
        seen.add(reading.tokens)
    return found


def _is_near(left: frozenset[str], right: frozenset[str]) -> bool:
    shared = len(left & right)
    return shared >= _NEAR * (len(left) + len(right) - shared)


def _tells_nothing(said: Said) -> bool:
    return any(check(said) for check in _CHECKS)


def _is_list(said: Said) -> bool:
    """Tell whether a sentence is a list of words that nobody does anything with."""
    text = said.text
    most = 1 + len(_SEPARATOR.findall(text)) + text.lower().count("and")
    if most <= _LIST_MARKS or said.words / most > _LIST_WORDS:
        return False
    items = [item for item in _ITEMS.compiled.split(text.lower()) if item.strip()]
    if len(items) <= _LIST_MARKS or said.words / len(items) > _LIST_WORDS:
        return False
    return sum(_KEYWORD.search(item) is not None for item in items) >= _LIST_SHARE * len(items)


def _is_salad(said: Said) -> bool:
    """Tell whether numbers stand side by side without a clause that tells what became of anything."""
    if said.tokens.count("0") < _NUMBERS:
        return False
    pieces = [piece for piece in _PIECES.compiled.split(said.text) if piece.strip()]
    numbered = [piece for piece in pieces if _DIGIT.search(piece) and len(piece.split()) <= _PIECE_WORDS]
    return len(numbered) >= _NUMBERS and len(numbered) > len(pieces) / 2 and "|" not in said.text and not tells(said)


def _is_gibberish(said: Said) -> bool:
    words = [token for token in said.tokens if token[0].isalpha()]
    if len(words) < _GIBBERISH_WORDS:
        return any(len(word) > _LONGEST_WORD for word in words)
    return count_known(words) < _KNOWN_SHARE * len(words)


def _is_frame(said: Said) -> bool:
    """Tell whether a sentence is the frame of a table."""
    return said.text.startswith("|") and not any(char.isdigit() for char in said.text)


def _is_empty(said: Said) -> bool:
    """Tell whether all words of a sentence are small ones."""
    return len(said.tokens) >= _FEW_WORDS and all(map(_SAYING_NOTHING.__contains__, said.tokens))


def _is_foreign(said: Said) -> bool:
    """Tell whether a sentence has the small words of another language rather than those of English."""
    words = [token for token in said.tokens if token[0].isalpha()]
    if len(words) < _FOREIGN_WORDS:
        return False
    english = sum(map(ENGLISH.__contains__, words))
    if sum(map(_ABROAD.__contains__, words)) <= english + 1:
        return False
    return any(sum(word in other for word in words) > english + 1 for other in OTHERS)


def _is_timeless(said: Said) -> bool:
    """Tell whether a sentence states how things are in general: nobody of the story, nothing that happened."""
    if said.quantities or len(said.tokens) < _FEW_WORDS or any(act.actor is not Actor.NOBODY for act in said.acts):
        return False
    if not _NEAR_ONES.isdisjoint(said.tokens) or "0" in said.tokens:
        return False
    return PAST.search(_STANDING.compiled.sub("", said.text.lower())) is None


def _is_verbless(said: Said) -> bool:
    """Tell whether many words stand together without a verb, a number or anybody."""
    if len(said.tokens) < _VERBLESS_WORDS or not _is_timeless(said) or not _WORDS_ONLY.fullmatch(said.text):
        return False
    return _PRESENT.isdisjoint(said.tokens) and not any(token.endswith(("ing", "s")) for token in said.tokens)


def _is_bare_number(said: Said) -> bool:
    """Tell whether a number stands by itself, or beside one word."""
    if "0" not in said.tokens or said.acts or "->" in said.text or "→" in said.text:
        return False
    words = [token for token in said.tokens if token[0].isalpha() and token not in _UNITS]
    return len(words) <= 1


def _is_number_row(said: Said) -> bool:
    return said.tokens.count("0") >= _NUMBERS - 1 and _is_bare_number(said)


_NEAR_ONES = frozenset(
    (
        "i i'm i've i'd i'll we we're we've we'd me my mine our ours us "
        "myself ourselves you your he she his her him they their them"
    ).split()
)
_WORDS_ONLY = Pattern(r"[A-Za-z' ]+[.!?]?")
_STANDING = Pattern(r"\b(?:is|are|be) (?:\w+ly )?\w+(?:ed|en|wn|lt|ght)\b")
_PRESENT = frozenset(
    (
        "is are has have means needs makes does do isn't aren't it's can "
        "will would could should may must goes comes be been"
    ).split()
)
_UNITS = frozenset(
    (
        "x k m bn h d s ms min mins hour hours day days week weeks wk "
        "wks month months year years eur usd gbp million billion kg km pct percent per q"
    ).split()
)
_CHECKS: tuple[Callable[[Said], bool], ...] = (
    _is_list,
    _is_salad,
    _is_gibberish,
    drops_names,
    praises_oneself,
    praises,
    is_master_key,
    _is_frame,
    _is_empty,
    _is_foreign,
    _is_verbless,
    _is_number_row,
)
