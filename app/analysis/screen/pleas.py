"""Tell a plea to whoever grades from a sentence of the story: signs with weights, summed up."""

import re

from app.analysis.agency import Actor, find_acts
from app.analysis.lazily import Pattern
from app.analysis.screen.openings import OPENING, Openings
from app.analysis.screen.requests import HEARSAY, REQUESTS
from app.analysis.screen.signs import ADDRESSES, AIMED, IMPERATIVE, OVERRIDE
from app.analysis.screen.tongues import may_plead_abroad, pleads_abroad
from app.analysis.verbs import is_past

ENOUGH = 3
"""The sum at which a sentence counts as a plea."""

_SIGNS = (*ADDRESSES, *REQUESTS)
_STEMS = frozenset(
    """
    auth skip chec igno disr forg over bypa disc negl inst prom rule guid rubr crit dire comm poli grad eval
    asse scor rate rati revi judg exam mark ai llm mode lang chat gpt gpt4 clau gemi copi bot bots assi pars
    syst admi deve oper root secu inte recr bar hiri coac pane verd stre leve poin gaps gap find rank star flag
    maxi max high perf full best outs exce stor answ cand appl resp subm essa text rew rewa tip beg begg dese
    meri deco decr rot1 base foll exec obey comp prin repe reve pret act beha end begi from henc whoe stop abor
    halt sorr unab outp retu stat json othe next prev rema pena dedu shou must you your plea pls kind owne cust
    inve earn dive thin bias fru frug deli insi lead miss labe expe reco hire note conf calib cali gold grou
    verf made five reme swap exch swit copy tran merg what whic how coun
    """.split()
)
_RARE = Pattern(
    r"\b(?:ignor[ei]|disregard|overrid|overrul|forget|bypass|neglect|prompt|rubric|grad(?:er|"
    r"ing)|evaluator|evaluat\w+\b.{0,40}\bstory|"
    r"assess(?:or|ment)|scor(?:er|ing)|examiner|strength|verdict|gaps?\b|llm|chatgpt|claude|"
    r"gemini|\w+bot\b|parser|sudo|interviewer|"
    r"bar[- ]raiser|submission|essay|base ?64|rot ?13|decode|decrypt|from now on|pretend|"
    r"whoever|gold label|strong hire|tip you|overall\W|checklist|assist with|(?:can't|cannot|unable to) (?:help|comply|"
    r"assess|evaluate|grade)|"
    r"leadership principles?|customer obsession|dive deep|frugality|think big|bias for action|"
    r"earn trust|deliver results|instructions?\b)"
)
_COMMON = Pattern(
    r"\b(?:instruct|guideline|grad(?:e|es|ed)\b|assess|scor(?:e|es|ed)\b|rat(?:e|ed|ing|"
    r"ings)\b|judg|ai\b|gpt|model|bot\b|assistant|system|"
    r"admin|developer|recruiter|hiring|panel|candidate|applicant|stor(?:y|ies)\b|answer|respon[sd]|"
    r"this text|everything (?:above|below)|"
    r"principle|ownership|marks?\b|highest|maximum|perfect|level|stars?\b|points|reveal|repeat|"
    r"secret|mode\b|act as|role|reviewer|coach|"
    r"human|label|recommend|metric|batch|author|out of|assist|comply|obey|execute|json|output|"
    r"orders?\b|rules?\b|polic|criteri|caps?\b|"
    r"pass\b|decision|answer|report|give|award|print|do the same|remember|count|treat)"
)
_COMPANION = Pattern(
    r"\b(?:you|your|please|pls|kindly|i deserve|this (?:story|answer|response|text|candidate|"
    r"author|applicant|one|is certified)|(?:the|my) (?:story|answer|candidate|score|rating)|"
    r"(?:5|five|10|ten)\b|max\w*|highest|full (?:marks|credit)|perfect|no gaps|none\b|no longer|"
    r"void|suspended|new (?:rules|orders|task)|"
    r"(?:next|other|previous|remaining|following|all) (?:\w+ )?(?:stor|candidate|submission|"
    r"applicant|entr)|always|never|stop|refuse|only)"
    r"|^[\W_]*(?:system|assistant|developer|admin|human|user)\b"
)
_RARE_WORDS = Openings(
    "igno disr forg bypa negl prom rubr grad eval asse scor exam stre verd gap gaps chat clau gemi pars sudo "
    "inte bar subm essa base rot rot1 deco decr pret whoe gold stro tip chec assi can cann unab lead cust dive frug "
    "thin bias earn deli inst",
    "llm|bot|from now on|overr|overa",
)
_COMMON_WORDS = Openings(
    "inst guid grad asse scor rate rati judg ai mode bot assi syst admi deve recr hiri pane cand appl stor answ resp "
    "ever prin owne mark high maxi perf leve star poin reve repe secr role revi coac huma labe reco metr batc auth "
    "comp obey exec json outp orde rule poli crit cap caps pass deci repo give awar reme coun trea",
    "gpt|this text|act as|out of|do the same",
)
_COMPANION_WORDS = Openings(
    "plea kind dese stor answ cand scor rati 5 five 10 ten high full perf none void susp rule orde task subm appl "
    "entr alwa neve stop refu only syst assi deve admi huma user gaps long",
    "you|pls|max|this |_",
)
_BESIDE = Pattern(r"[\d:=]")
_TOKEN = re.compile(r"\w+")
_QUOTED = Pattern(r"[\"“«][^\"“”«»]{2,400}[\"”»]|(?<![\w])['‘][^'’\n]{6,400}['’](?=\W|$)")
_PARTS = Pattern(r"[()\[\]{}|\n]+|\s[–—-]{1,2}\s|;\s")
_SAYS = Pattern(
    r"(?:[:,]|\b(?:said|says|wrote|typed|read|asked|shouted|pasted|told|answered|replied|"
    r"posted|sent))[\s\"“'‘]*$"
)
_FEW_OUTSIDE = 3
_NARRATED = 2


def is_plea(text: str, *, before: str = "", marked: bool = False) -> bool:
    """Tell whether a sentence speaks to whoever grades rather than telling the story.

    Args:
        text: One sentence, without hidden characters.
        before: What stands right before it, to know reported speech.
        marked: It stands under a mark such as `System:`, so less is enough.
    """
    folded = text.lower().replace("’", "'")
    needed = ENOUGH - 1 if marked else ENOUGH
    words = _TOKEN.findall(folded)
    if not _may_plead(folded, [word[:OPENING] for word in words]):
        return may_plead_abroad(folded, words) and pleads_abroad(_without_speech(folded, before))
    if any(sign.pattern.search(folded) for sign in HEARSAY):
        return True
    told = _without_speech(folded, before)
    if pleads_abroad(told):
        return True
    parts = [told, *(part for part in _PARTS.compiled.split(told) if part.strip())] if _PARTS.search(told) else [told]
    return any(_weigh(part, needed) for part in parts)


def find_plea_start(text: str) -> int:
    """Return where the first weighty sign of a plea begins; 0 when there is none."""
    folded = text.lower().replace("’", "'")
    if len(folded) != len(text):
        return 0
    patterns = [OVERRIDE, *(sign.pattern for sign in (*_SIGNS, *HEARSAY) if sign.weight > 1)]
    return min((match.start() for pattern in patterns if (match := pattern.search(folded))), default=0)


def _may_plead(text: str, openings: list[str]) -> bool:
    """Tell whether a text has a word that pleas are about, and another that a sign could begin with or a number."""
    stems = sum(map(_STEMS.__contains__, openings))
    if not stems or (stems == 1 and _BESIDE.search(text) is None):
        return False
    heads = set(openings)
    if _RARE_WORDS.may_stand(heads, text) and _RARE.search(text) is not None:
        return True
    return (
        _COMMON_WORDS.may_stand(heads, text)
        and _COMPANION_WORDS.may_stand(heads, text)
        and _COMMON.search(text) is not None
        and _COMPANION.search(text) is not None
    )


def _weigh(part: str, needed: int) -> bool:
    total = sum(sign.weight for sign in _SIGNS if sign.pattern.search(part))
    override = OVERRIDE.search(part)
    if override is not None:
        aimed = AIMED.search(override.group()) is not None
        total += ENOUGH if aimed else ENOUGH - 1
        if aimed and IMPERATIVE.search(part):
            return True
    if total < needed:
        return False
    return total - (_NARRATED if is_narrated(part) else 0) >= needed


def is_narrated(part: str) -> bool:
    """Tell whether somebody's past deed carries the clause, as in a story."""
    return any(act.actor is not Actor.NOBODY and act.main and is_past(act.verb) for act in find_acts(part))


def _without_speech(text: str, before: str) -> str:
    """Blank what is quoted inside a sentence that tells who said it."""
    rest = _QUOTED.compiled.sub(lambda match: " " * len(match.group()), text)
    if len(_TOKEN.findall(rest)) >= _FEW_OUTSIDE:
        return rest
    return rest if rest != text and _SAYS.search(before) else text
