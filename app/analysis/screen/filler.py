"""Find sentences that earn nothing because they tell nothing: repeats, keywords, numbers alone, praise of oneself."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from app.analysis.agency import Actor
from app.analysis.sections import Reading, knows_pair, knows_word
from app.analysis.small_words import ENGLISH, OTHERS

_FEW_WORDS = 3
_NEAR = 0.85
_NEAR_WORDS = 8
_LIST_MARKS = 4
_LIST_WORDS = 3.2
_LIST_SHARE = 0.4
_ITEMS = re.compile(r"[,;#·•|/\n>&+]|\s[-–—]\s|\band\b")
_KEYWORD = re.compile(
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
_NAMING_WORDS = 5
_PIECE_WORDS = 3
_PIECES = re.compile(r"[,;·•/]\s+|\band\b|\n")
_DIGIT = re.compile(r"\d")
_GIBBERISH_WORDS = 4
_KNOWN_SHARE = 0.5
_KNOWN_PAIRS = 0.2
_LONGEST_WORD = 40
_LONGEST_KEY = 14
_GAP = 2
_NAMES = re.compile(
    r"customer[- ]obsess\w+|invent(?:ed|s|ing)?(?: and |"
    r" & )simplif\w+|(?:was |am |is |are )?right,? a lot|learn\w*(?: and | & )(?:be(?:ing)? |was |"
    r"am )?curious|"
    r"hir\w+(?: and | & )develop\w*(?: the best)?|insist\w*(?: on)?(?: the)? high(?:est)? standards|"
    r"the highest standards|(?:think|thought|thinking) big|bias for action|frugality|"
    r"earn(?:ed|s|ing)? (?:the )?trust(?! of)|(?:dive|dove|dived|diving|dives) deep|have backbone|"
    r"had backbone|showed backbone|disagree\w*(?: and | & )commit\w*|"
    r"deliver(?:ed|s|ing)? (?:\w+ )?results|(?:took|take|taking|takes|full|end-to-end|extreme|"
    r"complete|total|strong) ownership|leadership principles?|earth's best employer|"
    r"broad responsibility|raise[sd]? the bar|work(?:ed)? backwards|day one mentality|"
    r"vocally self-critical|obsess\w* over (?:the )?customers?"
)
_CLAIM = re.compile(
    r"\b(?:demonstrat\w+|show(?:s|ed|ing|cas\w+)?|exhibit\w*|display\w*|exemplif\w+|embod\w+|"
    r"practi[cs]ed?|liv(?:e|ed|ing)|illustrat\w+|proves?|proof|evidence|evident|"
    r"reflect\w*|represent\w*|example of|principles?|values?|competenc\w+|qualit(?:y|ies)|strengths?|"
    r"ownership|frugal\w*)\b"
)
_OWN_PRAISE = re.compile(
    r"\bin all (?:humility|modesty)\b|\bas (?:brilliantly|well|skilfully|masterfully) as i\b|"
    r"^[\W_]*(?:and )?(?:i|we)(?:'m| am|'re| are) (?:very |so |really |all )?(?:proud|grateful|thankful)\b"
)
_BACKGROUND = re.compile(r"\b(?:was|were|is|are) (?:founded|established|headquartered|incorporated)\b")
_GENERIC = frozenset(
    "forth less more other words might just such thing things else say said way ways well also even still".split()
)
_FOREIGN_WORDS = 5
_SELF_PRAISE = re.compile(
    r"^[\W_]*(?:as (?:you can see|always)\W+)?(?:overall,? |"
    r"in short,? |clearly,? |honestly,? |frankly,? )?i(?:'m|"
    r" am| have always been| was born| consider myself| see myself| truly am)\b(?:\W+\w+){0,6}?\W+"
    r"(?:leader|communicator|professional|performer|candidate|thinker|motivator|achiever|player|"
    r"visionary|strategist|innovator|solver|people person|person|fit|choice|"
    r"expert|genius|talent|asset|hire|results[- ]driven|results[- ]oriented|passionate|hard[- ]?working|"
    r"dedicated|proactive|data[- ]driven|customer[- ]obsessed|detail[- ]oriented)\b"
)
_DENIED = re.compile(r"\b(?:not|no|never|nor|hardly)\b|n't\b")
_GAINS = frozenset("graduated earned received completed got won hold have obtained studied awarded".split())
_PRAISE = re.compile(
    r"\b(?:everyone|everybody|people|they all|colleagues?|my (?:boss|manager|peers|team|"
    r"director)|many)\b.{0,16}\b(?:says?|thinks?|"
    r"agrees?|tells? me|knows?|calls? me|considers? me)\b.{0,24}\b(?:i|me|my)\b|"
    r"\bsaid\b.{0,30}?\b(?:good|great|nice|excellent|fantastic|amazing) (?:job|work)\b|\b(?:brilliant\w*|"
    r"world[- ]class|outstanding\w*|extraordinar\w+|phenomenal\w*|stellar|flawless\w*|masterful\w*|"
    r"legendary|"
    r"unparalleled|unmatched|second to none|best ever|best-in-class|exceptional\w*|exemplary|spectacular\w*)\b"
)
_CREDENTIAL = re.compile(
    r"\b(?:i (?:have|hold|earned|possess|received|completed|got|am)|certified|graduated|awarded|"
    r"winner)\b.{0,60}?\b(?:mba|ph\.?d|b\.?sc|m\.?sc|bachelor'?s?|master'?s|degrees?|doctorate|"
    r"diploma|certif\w+|certified|"
    r"years? of (?:\w+ ){0,4}experience|alumn\w+|valedictorian|summa cum laude|patents?|six sigma|"
    r"black belt|pmp|scrum master|fortune 500|mensa|iq|publications|h-index|hall of fame|forbes|keynote|"
    r"ivy league|honou?rs|university|college|harvard|stanford|mit|oxford|cambridge|insead|wharton)\b"
)
_MAXIM = re.compile(
    r"^[\W_]*(?:the best (?:story|answer|candidates?)|(?:a |true |great |good |real |strong |effective |"
    r"every |all )*(?:leaders?|leadership|managers?|ownership|success|excellence|teamwork|innovation|"
    r"customers|communication|trust|quality|results|frugality|performance) "
    r"(?:is|are|means|mean|requires?|must|should|never|always|drives?|comes?|starts?|begins?|"
    r"matters?|wins?|obsess|own|dive|think|insist|deliver|earn))\b"
)
_PAST = re.compile(
    r"\b(?:was|were|had|did|\w+ed|went|came|took|made|found|told|said|built|wrote|fell|rose|"
    r"got|kept|ran|led|gave|left|met|held|brought|sent|saw|knew|began)\b"
)
_MASTER_KEY = re.compile(
    r"^[\W_]*(?:thought process|solution|answer|final answer|let'?s (?:solve|think|work)\b.{0,60}|"
    r"step by step|here(?:'s| is) (?:the|my) (?:solution|answer|thought process|reasoning)|reasoning|"
    r"analysis|explanation|"
    r"conclusion|the answer is correct|correct|true|yes|pass|ok|n/a|none)[\W_]*$"
)


def find_filler(readings: Sequence[Reading]) -> frozenset[int]:
    """Return the numbers of the sentences that tell nothing; a repeated sentence counts once, where it stands first."""
    found = _find_repeats(readings)
    for number, reading in enumerate(readings):
        if number not in found and any(reading.signs) and any(check(reading) for check in _CHECKS):
            found.add(number)
    found.update(_find_runs(readings, _is_timeless, _TIMELESS_RUN))
    found.update(_find_runs(readings, _is_bare_number, _NUMBER_RUN))
    return frozenset(found)


def is_word_salad(readings: Sequence[Reading]) -> bool:
    """Tell whether nobody of the story does anything and hardly two words stand together as in English."""
    if any("0" in r.tokens or any(act.actor is Actor.SELF for act in r.acts) for r in readings):
        return False
    pairs = [pair for r in readings for pair in pairwise(r.tokens) if pair[0][0].isalpha() and pair[1][0].isalpha()]
    return sum(knows_pair(*pair) for pair in pairs) < _KNOWN_PAIRS * len(pairs)


def _find_runs(readings: Sequence[Reading], holds: Callable[[Reading], bool], least: int) -> set[int]:
    """Return the sentences of which so many stand together, at most one other between; a few are no padding."""
    found: set[int] = set()
    run: list[int] = []
    for number, reading in enumerate(readings):
        if not any(reading.signs) or not holds(reading):
            continue
        if run and number - run[-1] > _GAP:
            run = []
        run.append(number)
        if len(run) >= least:
            found.update(run)
    return found


def _find_repeats(readings: Sequence[Reading]) -> set[int]:
    found: set[int] = set()
    seen: dict[tuple[str, ...], int] = {}
    long: list[frozenset[str]] = []
    for number, reading in enumerate(readings):
        if len(reading.tokens) < _FEW_WORDS:
            continue
        words = frozenset(reading.tokens)
        if reading.tokens in seen:
            found.add(number)
        elif len(words) >= _NEAR_WORDS:
            if any(_is_near(words, other) for other in long):
                found.add(number)
            long.append(words)
        seen[reading.tokens] = number
    return found


def _is_near(left: frozenset[str], right: frozenset[str]) -> bool:
    shared = len(left & right)
    return shared >= _NEAR * (len(left) + len(right) - shared)


def _is_list(reading: Reading) -> bool:
    """Tell whether a sentence is a list of words that nobody does anything with."""
    text = reading.text
    items = [item for item in _ITEMS.split(text.lower()) if item.strip()]
    if len(items) <= _LIST_MARKS or reading.words / len(items) > _LIST_WORDS:
        return False
    return sum(_KEYWORD.search(item) is not None for item in items) >= _LIST_SHARE * len(items)


def _is_salad(reading: Reading) -> bool:
    """Tell whether numbers stand side by side without a clause that tells what became of anything."""
    pieces = [piece for piece in _PIECES.split(reading.text) if piece.strip()]
    numbered = [piece for piece in pieces if _DIGIT.search(piece) and len(piece.split()) <= _PIECE_WORDS]
    return (
        len(numbered) >= _NUMBERS
        and len(numbered) > len(pieces) / 2
        and "|" not in reading.text
        and not _tells(reading)
    )


def _tells(reading: Reading) -> bool:
    return bool(reading.acts) or _PAST.search(reading.text.lower()) is not None


def _is_gibberish(reading: Reading) -> bool:
    words = [token for token in reading.tokens if token[0].isalpha()]
    if len(words) < _GIBBERISH_WORDS:
        return any(len(word) > _LONGEST_WORD for word in words)
    return sum(map(knows_word, words)) < _KNOWN_SHARE * len(words)


def _is_name_dropping(reading: Reading) -> bool:
    """Tell whether a sentence names principles instead of telling a deed."""
    text = reading.text.lower().replace("’", "'")
    names = _NAMES.findall(text)
    if not names:
        return False
    return (
        len(set(names)) > 1
        or (len(reading.tokens) <= _NAMING_WORDS and not reading.quantities)
        or _CLAIM.search(_NAMES.sub(" ", text)) is not None
    )


def _is_self_praise(reading: Reading) -> bool:
    text = reading.text.lower().replace("’", "'")
    if _SELF_PRAISE.search(text) and not _DENIED.search(text):
        return not _tells(reading)
    if any(act.actor is Actor.SELF and act.verb not in _GAINS for act in reading.acts):
        return False
    return (_CREDENTIAL.search(text) or _MAXIM.search(text)) is not None


def _is_praise(reading: Reading) -> bool:
    """Tell whether a sentence praises in words that nobody could check, without a deed of the candidate or a number."""
    text = reading.text.lower().replace("’", "'")
    if _OWN_PRAISE.search(text):
        return True
    if reading.quantities or any(act.actor is Actor.SELF for act in reading.acts):
        return False
    return _PRAISE.search(text) is not None or (
        _BACKGROUND.search(text) is not None and all(act.actor in (Actor.NOBODY, Actor.OTHER) for act in reading.acts)
    )


def _is_frame(reading: Reading) -> bool:
    """Tell whether a sentence is the frame of a table."""
    return reading.text.startswith("|") and not any(char.isdigit() for char in reading.text)


def _is_empty(reading: Reading) -> bool:
    """Tell whether all words of a sentence are small ones."""
    return len(reading.tokens) >= _FEW_WORDS and all(token in ENGLISH or token in _GENERIC for token in reading.tokens)


def _is_foreign(reading: Reading) -> bool:
    """Tell whether a sentence has the small words of another language rather than those of English."""
    words = [token for token in reading.tokens if token[0].isalpha()]
    if len(words) < _FOREIGN_WORDS:
        return False
    english = sum(word in ENGLISH for word in words)
    return any(sum(word in other for word in words) > english + 1 for other in OTHERS)


def _is_key(reading: Reading) -> bool:
    return reading.words < _LONGEST_KEY and _MASTER_KEY.search(reading.text.lower()) is not None


def _is_timeless(reading: Reading) -> bool:
    """Tell whether a sentence states how things are in general: nobody of the story, nothing that happened."""
    if (
        reading.quantities
        or len(reading.tokens) < _FEW_WORDS
        or any(act.actor is not Actor.NOBODY for act in reading.acts)
    ):
        return False
    text = _STANDING.sub("", reading.text.lower())
    return _NEAR_ONES.isdisjoint(reading.tokens) and "0" not in reading.tokens and _PAST.search(text) is None


def _is_verbless(reading: Reading) -> bool:
    """Tell whether many words stand together without a verb, a number or anybody."""
    if len(reading.tokens) < _VERBLESS_WORDS or not _WORDS_ONLY.fullmatch(reading.text) or not _is_timeless(reading):
        return False
    return _PRESENT.isdisjoint(reading.tokens) and not any(token.endswith(("ing", "s")) for token in reading.tokens)


def _is_bare_number(reading: Reading) -> bool:
    """Tell whether a number stands by itself, or beside one word."""
    if "0" not in reading.tokens or reading.acts or "->" in reading.text or "→" in reading.text:
        return False
    words = [token for token in reading.tokens if token[0].isalpha() and token not in _UNITS]
    return len(words) <= 1


def _is_number_row(reading: Reading) -> bool:
    return reading.tokens.count("0") >= _NUMBERS - 1 and _is_bare_number(reading)


_NEAR_ONES = frozenset(
    (
        "i i'm i've i'd i'll we we're we've we'd me my mine our ours us "
        "myself ourselves you your he she his her him they their them"
    ).split()
)
_WORDS_ONLY = re.compile(r"[A-Za-z' ]+[.!?]?")
_STANDING = re.compile(r"\b(?:is|are|be) (?:\w+ly )?\w+(?:ed|en|wn|lt|ght)\b")
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
_CHECKS: tuple[Callable[[Reading], bool], ...] = (
    _is_list,
    _is_salad,
    _is_gibberish,
    _is_name_dropping,
    _is_self_praise,
    _is_praise,
    _is_key,
    _is_frame,
    _is_empty,
    _is_foreign,
    _is_verbless,
    _is_number_row,
)
