"""Tell a plea to whoever grades from a sentence of the story: signs with weights, summed up."""

import re

from app.analysis.agency import Actor, find_acts
from app.analysis.screen.requests import HEARSAY, REQUESTS
from app.analysis.screen.signs import ADDRESSES, AIMED, IMPERATIVE, OVERRIDE
from app.analysis.screen.tongues import pleads_abroad
from app.analysis.verbs import is_past

ENOUGH = 3
"""The sum at which a sentence counts as a plea."""

_SIGNS = (*ADDRESSES, *REQUESTS)
_STEMS = frozenset(
    """
    igno disr forg over bypa disc negl inst prom rule guid rubr crit dire comm poli grad eval asse scor rate rati revi judg exam
    mark ai llm mode lang chat gpt gpt4 clau gemi copi bot bots assi pars syst admi deve oper root secu inte recr bar hiri coac
    pane verd stre leve poin gaps gap find rank star flag maxi max high perf full best outs exce stor answ cand appl resp subm
    essa text rew rewa tip beg begg dese meri deco decr rot1 base foll exec obey comp prin repe reve pret act beha end begi star
    from henc whoe stop abor halt sorr unab outp retu stat json othe next prev rema pena dedu shou must you your plea pls kind
    owne cust inve earn dive thin bias fru frug deli insi lead miss labe expe reco hire note conf calib cali gold grou verf made five reme swap exch swit copy tran merg what whic how inst coun over
    """.split()
)
_BESIDE = re.compile(r"[\d:=]")
_TOKEN = re.compile(r"\w+")
_QUOTED = re.compile(r"[\"“«][^\"“”«»]{2,400}[\"”»]|(?<![\w])['‘][^'’\n]{6,400}['’](?=\W|$)")
_PARTS = re.compile(r"[()\[\]{}|\n]+|\s[–—-]{1,2}\s|;\s")
_SAYS = re.compile(
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
    if not _may_plead(folded):
        return pleads_abroad(_without_speech(folded, before))
    if any(sign.pattern.search(folded) for sign in HEARSAY):
        return True
    told = _without_speech(folded, before)
    if pleads_abroad(told):
        return True
    parts = [told, *(part for part in _PARTS.split(told) if part.strip())] if _PARTS.search(told) else [told]
    return any(_weigh(part, needed) for part in parts)


def find_plea_start(text: str) -> int:
    """Return where the first weighty sign of a plea begins; 0 when there is none."""
    folded = text.lower().replace("’", "'")
    if len(folded) != len(text):
        return 0
    patterns = [OVERRIDE, *(sign.pattern for sign in (*_SIGNS, *HEARSAY) if sign.weight > 1)]
    return min((match.start() for pattern in patterns if (match := pattern.search(folded))), default=0)


def _may_plead(text: str) -> bool:
    """Tell whether a text has two words that a sign could begin with, or one beside a number or a mark."""
    stems = sum(token[:4] in _STEMS for token in _TOKEN.findall(text))
    return stems > 1 or (stems == 1 and _BESIDE.search(text) is not None)


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
    rest = _QUOTED.sub(lambda match: " " * len(match.group()), text)
    if len(_TOKEN.findall(rest)) >= _FEW_OUTSIDE:
        return rest
    return rest if rest != text and _SAYS.search(before) else text
