"""Know a sentence that praises or names principles instead of telling what was done."""

import re

from app.analysis.agency import Actor
from app.analysis.lazily import Pattern
from app.analysis.said import Said
from app.analysis.screen.openings import has_any

_OTHER_WORDS = 3
_LONGEST_KEY = 14
_NAMES = Pattern(
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
_CLAIM = Pattern(
    r"\b(?:demonstrat\w+|show(?:s|ed|ing|cas\w+)?|exhibit\w*|display\w*|exemplif\w+|embod\w+|"
    r"practi[cs]ed?|liv(?:e|ed|ing)|illustrat\w+|proves?|proof|evidence|evident|"
    r"reflect\w*|represent\w*|example of|principles?|values?|competenc\w+|qualit(?:y|ies)|strengths?|"
    r"ownership|frugal\w*)\b"
)
_OWN_PRAISE = Pattern(
    r"\bin all (?:humility|modesty)\b|\bas (?:brilliantly|well|skilfully|masterfully) as i\b|"
    r"^[\W_]*(?:and )?(?:i|we)(?:'m| am|'re| are) (?:very |so |really |all )?(?:proud|grateful|thankful)\b"
)
_BACKGROUND = Pattern(r"\b(?:was|were|is|are) (?:founded|established|headquartered|incorporated)\b")
_SELF_PRAISE = Pattern(
    r"^[\W_]*(?:as (?:you can see|always)\W+)?(?:overall,? |"
    r"in short,? |clearly,? |honestly,? |frankly,? )?i(?:'m|"
    r" am| have always been| was born| consider myself| see myself| truly am)\b(?:\W+\w+){0,6}?\W+"
    r"(?:leader|communicator|professional|performer|candidate|thinker|motivator|achiever|player|"
    r"visionary|strategist|innovator|solver|people person|person|fit|choice|"
    r"expert|genius|talent|asset|hire|results[- ]driven|results[- ]oriented|passionate|hard[- ]?working|"
    r"dedicated|proactive|data[- ]driven|customer[- ]obsessed|detail[- ]oriented)\b"
)
_DENIED = Pattern(r"\b(?:not|no|never|nor|hardly)\b|n't\b")
_GAINS = frozenset("graduated earned received completed got won hold have obtained studied awarded".split())
_PRAISE = Pattern(
    r"\b(?:everyone|everybody|people|they all|colleagues?|my (?:boss|manager|peers|team|"
    r"director)|many)\b.{0,16}\b(?:says?|thinks?|"
    r"agrees?|tells? me|knows?|calls? me|considers? me)\b.{0,24}\b(?:i|me|my)\b|"
    r"\bsaid\b.{0,30}?\b(?:good|great|nice|excellent|fantastic|amazing) (?:job|work)\b|\b(?:brilliant\w*|"
    r"world[- ]class|outstanding\w*|extraordinar\w+|phenomenal\w*|stellar|flawless\w*|masterful\w*|"
    r"legendary|"
    r"unparalleled|unmatched|second to none|best ever|best-in-class|exceptional\w*|exemplary|spectacular\w*)\b"
)
_CREDENTIAL = Pattern(
    r"\b(?:i (?:have|hold|earned|possess|received|completed|got|am)|certified|graduated|awarded|"
    r"winner)\b.{0,60}?\b(?:mba|ph\.?d|b\.?sc|m\.?sc|bachelor'?s?|master'?s|degrees?|doctorate|"
    r"diploma|certif\w+|certified|"
    r"years? of (?:\w+ ){0,4}experience|alumn\w+|valedictorian|summa cum laude|patents?|six sigma|"
    r"black belt|pmp|scrum master|fortune 500|mensa|iq|publications|h-index|hall of fame|forbes|keynote|"
    r"ivy league|honou?rs|university|college|harvard|stanford|mit|oxford|cambridge|insead|wharton)\b"
)
_MAXIM = Pattern(
    r"^[\W_]*(?:the best (?:story|answer|candidates?)|(?:a |true |great |good |real |strong |effective |"
    r"every |all )*(?:leaders?|leadership|managers?|ownership|success|excellence|teamwork|innovation|"
    r"customers|communication|trust|quality|results|frugality|performance) "
    r"(?:is|are|means|mean|requires?|must|should|never|always|drives?|comes?|starts?|begins?|"
    r"matters?|wins?|obsess|own|dive|think|insist|deliver|earn|listen|care|act|learn|serve|lead|inspire|empower|speak|"
    r"know|grow|build|decide|admit))\b"
)
_WORD = re.compile(r"\w+")
PAST = re.compile(
    r"\b(?:was|were|had|did|\w+ed|went|came|took|made|found|told|said|built|wrote|fell|rose|"
    r"got|kept|ran|led|gave|left|met|held|brought|sent|saw|knew|began)\b"
)
_MASTER_KEY = Pattern(
    r"^[\W_]*(?:thought process|solution|answer|final answer|let'?s (?:solve|think|work)\b.{0,60}|"
    r"step by step|here(?:'s| is) (?:the|my) (?:solution|answer|thought process|reasoning)|reasoning|"
    r"analysis|explanation|"
    r"conclusion|the answer is correct|correct|true|yes|pass|ok|n/a|none)[\W_]*$"
)
_NAME_PARTS = (
    "obsess|simplif|a lot|curious|develop|standards| big|bias|frugality|trust| deep|backbone|disagree|results|"
    "ownership|leadership princ|employer|broad resp|the bar|backwards|day one|vocally"
).split("|")
_OWN_PRAISES = "in all |as i|proud|grateful|thankful".split("|")
_BACKGROUNDS = "founded|established|headquartered|incorporated".split("|")
_PRAISES = (
    "say|think|agree|tell|know|call|consider|said|brilliant|world|outstanding|extraordinar|phenomenal|stellar|flawless|"
    "masterful|legendary|unparalleled|unmatched|second to|best|exceptional|exemplary|spectacular"
).split("|")
_CREDENTIALS = (
    "i have|i hold|i earned|i possess|i received|i completed|i got|i am|certified|graduated|awarded|winner"
).split("|")


def tells(said: Said) -> bool:
    """Tell whether a sentence tells a deed or something that happened."""
    return bool(said.acts) or PAST.search(said.text.lower()) is not None


def drops_names(said: Said) -> bool:
    """Tell whether a sentence names principles instead of telling a deed."""
    text = said.text.lower().replace("’", "'")
    names = _NAMES.findall(text) if has_any(text, _NAME_PARTS) else []
    if not names:
        return False
    rest = _NAMES.compiled.sub(" ", text)
    return (
        len(set(names)) > 1
        or (len(_WORD.findall(rest)) <= _OTHER_WORDS and not said.quantities)
        or _CLAIM.search(rest) is not None
    )


def praises_oneself(said: Said) -> bool:
    """Tell whether a sentence praises the candidate, or lists what they have earned, without a deed."""
    text = said.text.lower().replace("’", "'")
    if _SELF_PRAISE.match(text) and not _DENIED.search(text):
        return not tells(said)
    if any(act.actor is Actor.SELF and act.verb not in _GAINS for act in said.acts):
        return False
    return _MAXIM.match(text) is not None or (has_any(text, _CREDENTIALS) and _CREDENTIAL.search(text) is not None)


def praises(said: Said) -> bool:
    """Tell whether a sentence praises in words that nobody could check, without a deed of the candidate or a number."""
    text = said.text.lower().replace("’", "'")
    if has_any(text, _OWN_PRAISES) and _OWN_PRAISE.search(text):
        return True
    if said.quantities or any(act.actor is Actor.SELF for act in said.acts):
        return False
    return (has_any(text, _PRAISES) and _PRAISE.search(text) is not None) or (
        has_any(text, _BACKGROUNDS)
        and _BACKGROUND.search(text) is not None
        and all(act.actor in (Actor.NOBODY, Actor.OTHER) for act in said.acts)
    )


def is_master_key(said: Said) -> bool:
    """Tell whether a short sentence is one that talks careless graders into a verdict."""
    return said.words < _LONGEST_KEY and _MASTER_KEY.match(said.text.lower()) is not None
