"""Look for what roles and levels ask beyond the parts of a story: mechanisms, delegation, influence, framing."""

import re
from collections.abc import Iterable
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from app.analysis.agency import Actor
from app.analysis.said import Said
from app.analysis.sections import Reading, Role, Sign
from app.rubric import Mark

_SHOWN = 2
_CLEAR = 0.5

_WORDS = {
    name: frozenset(words.split())
    for name, words in {
        "makes": """
            wrote built made set created introduced added started designed put automated turned drew defined changed
            rewrote replaced scheduled established launched drafted published wired configured implemented installed
            required deployed rolled developed agreed instituted""",
        "tools": """
            requirement requirements routine script scripts tool tools check checks checklist checklists template
            templates dashboard dashboards alarm alarms alert alerts test tests gate gates rule rules form forms
            sheet sheets spreadsheet runbook runbooks playbook rota rotation review reviews process procedure
            standard standards policy pipeline bot ledger board guide threshold thresholds monitor canary rehearsal
            drill drills audit audits scorecard mechanism mechanisms rubric standup standups retro retrospective
            limit limits button calendar register label labels tape lanes card cards flag validation linter contract
            contracts""",
        "regular": "weekly monthly quarterly daily nightly fortnightly yearly annually regularly continuously",
        "each": "every each per",
        "period": """
            day week month quarter year morning evening night shift sprint release friday monday tuesday wednesday
            thursday deploy deployment fortnight season term time""",
        "checks": """
            check checks checked checking review reviews reviewed reviewing audit audits audited measure measures
            measured measuring track tracks tracked tracking monitor monitored monitoring inspect inspected count
            counts counted compare compares compared sample sampled sampling watched dashboard retrospective
            postmortem survey surveys verified verifies verify looked""",
        "later": "again afterwards since later still until",
        "takes over": "adopt adopts adopted copied reuse reused borrowed switched joined uses use using took follow",
        "users": """
            teams groups squads others everyone everybody departments colleagues managers sites offices engineers
            people crews shifts wards users clinics schools hospitals branches regions""",
        "he or she": "he she him her his hers",
        "one person": """
            engineer engineers developers analysts nurses managers teachers drivers developer analyst designer
            tester manager lead nurse technician operator agent colleague teacher intern apprentice trainee porter
            driver scientist architect associate supervisor foreman pharmacist accountant graduate junior report
            person administrator consultant planner buyer mechanic cook coordinator specialist sde""",
        "tells": """
            told tell said say feedback conversation talked spoke explained asked showed apologised apologized
            admitted listened coached mentored example examples""",
        "plan": "plan expectations expectation goals goal writing written weekly deadline days weeks months",
        "moves": """
            convinced convince persuaded persuade agree agreed agreement align aligned negotiated brought won got
            asked showed presented proposed met talked offered promised invited explained escalated sold pitched
            committed signed joined pushed walked argued told called phoned wrote sat worked visited went approved
            funded accepted copied adopted""",
        "peers": """
            product finance legal sales marketing security compliance procurement purchasing design accounting
            operations support hr logistics peers stakeholders vendor vendors supplier suppliers client clients
            customer customers partner partners union auditors regulator platform infrastructure""",
        "another": "other another neighbouring neighboring sister partner both fellow several two three four five six",
        "team": "team teams group groups squad squads department departments crew crews managers leads unit units",
        "seniors": """
            director directors vp vps svp ceo cto cfo coo cio ciso executive executives board president chief dean
            commissioner""",
        "organisation": """
            org orgs organisation organisations organization organizations division divisions departments regions
            sites plants hospitals offices countries managers building schools""",
        "framed": """
            framed reframed hypothesis hypotheses narrowed dug traced mapped investigated analysed analyzed grouped
            compared unclear ambiguous vague undefined""",
        "unasked": "volunteered unowned",
        "incident": "incident incidents outage outages downtime crashed breach accident recall rollback",
        "low performance": "underperformed underperforming underperformer pip fired dismissed",
        "close": "shadowed dashboard audited paired",
        "delegates": "delegated delegating entrusted",
        "prevents": "prevent prevents prevented preventing recur recurred recurrence postmortem guardrail guardrails",
    }.items()
}


class _Phrase:
    """Several words in a row, tried only where one of the words they begin with stands; compiled when first needed.

    Args:
        heads: The words that a match begins with.
        pattern: In lower case.
    """

    def __init__(self, heads: str, pattern: str) -> None:
        self.heads = frozenset(heads.split())
        self._pattern = pattern

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{self._pattern})\b")


_PHRASES = {
    "takes over": _Phrase(
        "took picked signed became become made went part asked",
        r"(?:took|picked) (?:it|this|them|that) (?:over|up)|signed up|asked for (?:a copy|it|the same)|(?:became|"
        r"become|made it|went into|part of) (?:\w+ ){0,4}(?:standard|default|norm|rule|policy|practice|process|"
        r"onboarding|handbook|template|checklist|runbook|playbook)",
    ),
    "made common": _Phrase(
        "became become is part",
        r"(?:became|become|is now|part of) (?:\w+ ){0,4}(?:standard|default|norm|policy|practice|onboarding|"
        r"handbook|template|runbook|playbook|every \w+)",
    ),
    "still": _Phrase(
        "still day ever since nowadays these held permanently stayed remained kept successor after later",
        r"still|to this day|ever since|since then|nowadays|these days|ha(?:s|ve) held|permanently|"
        r"later|(?:stayed|remained|kept|held) (?:\w+ ){0,3}(?:for|below|under|above|through|there|that way|in "
        r"place)|my successor|after i (?:left|moved)",
    ),
    "prevents": _Phrase(
        "never root good regression post could can since again",
        r"never again|root causes?|for good|regression tests?|post-?mortem|(?:could|can) (?:not|never|no longer) "
        r"(?:happen|come back|return|reach|recur)|so (?:that )?(?:it|this|that|nobody|no one|they) (?:\w+ "
        r"){0,2}(?:never|again|cannot|can't)|(?:no|not (?:one|once|a single)) (?:\w+ ){0,3}since",
    ),
    "delegates": _Phrase(
        "handed assigned put gave let asked split made had",
        r"handed (?:\w+ ){1,4}to (?!me)\w+|assigned (?:\w+ ){1,5}to|put (?:\w+ ){1,4}in charge|gave (?!me|my)(?:\w+ "
        r"){1,5}(?:lead|job|task|ownership|responsibility)|let (?:him|her|them|(?:the|my|one|two|each) \w+) "
        r"(?:\w+ )?(?:lead|run|own|decide|design|present|take|write|choose|do)|asked (?:one of|two of|three of|"
        r"an?|the|my|our|each|two|him|her) (?:[\w-]+ ){0,4}to|split (?:\w+ ){0,4}(?:between|among)|made (?:him|"
        r"her|them|one|each) (?:\w+ ){0,4}(?:owner|lead|responsible)|had (?:my|the|two|one|an) (?:[\w-]+ "
        r"){0,3}(?:engineers?|leads?|analysts?|developers?)",
    ),
    "close": _Phrase(
        "ones 0 checked check sat walked reviewed read office went followed spot",
        r"one[- ]on[- ]ones?|1[:-]1s?|check(?:ed)?[- ]ins?|sat (?:with|beside|in on|next|down with)|walked "
        r"through|office hours|followed up|(?:reviewed|read) (?:his|her|their|each|every|all)|went through (?:\w+ "
        r"){0,4}with|spot-?check\w*",
    ),
    "tells": _Phrase("sat ones 0", r"sat down with|one[- ]on[- ]one|1[:-]1"),
    "low performance": _Phrase(
        "low poor performance missed not falling below let",
        r"low performer|poor performance|performance (?:plan|problem|issue|improvement)|missed (?:his|her) "
        r"(?:deadlines?|dates|goals|targets)|not (?:good enough|meeting|doing well)|falling behind|below (?:the "
        r"bar|expectations)|let (?:him|her) go",
    ),
    "framed": _Phrase(
        "nobody one clear spec specification definition agreement know root turned found worked real problem question "
        "issue wanted asked wrote broke before direction goal target everyone everybody",
        r"(?:nobody|no one) (?:really |else |had )?(?:knew|could (?:say|tell|explain)|agreed|understood|owned)|"
        r"not clear|no (?:spec\w*|clear|definition|agreement)|did(?:n't| not) know (?:what|which|why|whether|if)|"
        r"root causes?|every(?:one|body) (?:assumed|thought|believed|blamed)|turned out that|found (?:out )?that|"
        r"worked out (?:what|why|which|how)|the real (?:problem|issue|cause|question|reason)|the (?:problem|"
        r"question|issue) was (?:not|really|never)|wanted to (?:know|understand|see|find)|asked (?:myself|why|"
        r"what|which)|wrote down (?:what|the|a)|broke (?:it|the \w+) down|before (?:i|we) (?:\w+ )?(?:signed|"
        r"decided|chose|built|bought)|set the (?:direction|goal|target)",
    ),
    "unasked": _Phrase(
        "asked told owned job team area remit task role responsibility initiative belonged noticed spotted discovered "
        "realised realized suspected proposed suggested offered picked took decided chose raised pushed came found",
        r"(?:nobody|no one) (?:had )?(?:asked|told|owned)|without being (?:asked|told)|(?:not|outside) (?:my|our) "
        r"(?:job|team|area|remit|task|role|responsibility)|on my own initiative|belonged to (?:nobody|no one)|i "
        r"(?:noticed|spotted|discovered|realised|realized|suspected|proposed|suggested|offered|picked (?:it|this) "
        r"up|took (?:it|this) on|decided to|chose to|raised|pushed for|came across|found (?:that|out))",
    ),
    "across": _Phrase(
        "wide whole across skip head heads general",
        r"(?:company|organi[sz]ation|group|division)[- ]wide|whole (?:company|organi[sz]ation|division)|skip[- "
        r"]level|across (?:the )?(?:company|organi[sz]ation|org|division|sites|regions|teams|departments)|heads? "
        r"of|general managers?",
    ),
    "after a while": _Phrase(
        "weeks months quarters years year month week quarter",
        r"(?:weeks?|months?|quarters?|years?) (?:later|after|on|afterwards)",
    ),
}

_LATER = frozenset({Role.TASK, Role.ACTION, Role.RESULT, Role.LEARNING})
_END = frozenset({Role.RESULT, Role.LEARNING})
_ANY = _LATER | {Role.SITUATION}


class _Rule(NamedTuple):
    """A mark is there where all names of one alternative stand in a sentence of one of the roles.

    Attributes:
        own: The candidate must act in that sentence.
        sign: A sign that is as good as the words.
        actors: Actors of whom one must act; as good as the words.
    """

    alternatives: tuple[tuple[str, ...], ...] = ()
    roles: frozenset[Role] = _LATER
    own: bool = False
    sign: Sign | None = None
    actors: frozenset[Actor] = frozenset()


def _any_of(*alternatives: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(alternative.split(" + ")) for alternative in alternatives)


_RULES = {
    Mark.DECISION: _Rule(sign=Sign.DECISION, own=True),
    Mark.TOOL: _Rule(_any_of("makes + tools")),
    Mark.ADOPTION: _Rule(_any_of("takes over + users", "made common")),
    Mark.INSPECTION: _Rule(
        _any_of("checks + regular", "checks + each + period", "checks + later", "checks + after a while")
    ),
    Mark.LASTING: _Rule(_any_of("still", "after a while"), _END, sign=Sign.MECHANISM),
    Mark.PREVENTION: _Rule(_any_of("prevents")),
    Mark.GROUP_DEED: _Rule(roles=frozenset({Role.ACTION}), actors=frozenset({Actor.GROUP})),
    Mark.DELEGATION: _Rule(_any_of("delegates"), own=True),
    Mark.STAYED_CLOSE: _Rule(_any_of("close", "checks + regular", "checks + each + period"), own=True),
    Mark.PERSON: _Rule(_any_of("one person + he or she"), _ANY),
    Mark.FEEDBACK: _Rule(_any_of("tells + he or she", "tells + one person"), own=True),
    Mark.LOW_PERFORMANCE: _Rule(_any_of("low performance"), _ANY),
    Mark.PLAN: _Rule(_any_of("plan + he or she", "plan + one person")),
    Mark.PARTNERS: _Rule(_any_of("peers + moves", "another + team + moves"), own=True),
    Mark.WIDER: _Rule(
        _any_of("seniors + moves", "another + organisation + moves", "across", "takes over + another + team")
    ),
    Mark.FRAMING: _Rule(_any_of("framed"), _ANY),
    Mark.INITIATIVE: _Rule(_any_of("unasked"), _ANY),
    Mark.INCIDENT: _Rule(_any_of("incident"), _ANY),
}


_BITS = {name: 1 << number for number, name in enumerate(sorted({*_WORDS, *_PHRASES}))}
_MASKS = {
    mark: tuple(sum(_BITS[name] for name in names) for names in rule.alternatives) for mark, rule in _RULES.items()
}
_WORD_BITS = {word: sum(_BITS[name] for name in _WORDS if word in _WORDS[name]) for word in chain(*_WORDS.values())}
_SIGNED = {mark: rule.sign for mark, rule in _RULES.items() if rule.sign is not None}
_HEADS = {
    word: tuple(name for name, phrase in _PHRASES.items() if word in phrase.heads)
    for word in chain(*(phrase.heads for phrase in _PHRASES.values()))
}


def find_marks(told: Iterable[Reading], wanted: Iterable[Mark]) -> dict[Mark, tuple[Reading, ...]]:
    """Return the first sentences that bear each wanted mark, in the story's order; none that no sentence bears."""
    found: dict[Mark, list[Reading]] = {mark: [] for mark in wanted}
    for reading in told:
        for mark in _find_borne(reading):
            if mark in found and len(found[mark]) < _SHOWN:
                found[mark].append(reading)
    return {mark: tuple(readings) for mark, readings in found.items() if readings}


def _find_borne(reading: Reading) -> list[Mark]:
    """Return the marks that a sentence bears in its role."""
    marks = reading.said.tell(_find_worded)
    signs = reading.signs
    unworded = [mark for mark, sign in _SIGNED.items() if signs[sign] > _CLEAR and mark not in marks]
    return [mark for mark in (*marks, *unworded) if reading.role in _RULES[mark].roles and _acts(reading.said, mark)]


def _acts(said: Said, mark: Mark) -> bool:
    """Tell whether the candidate acts in a sentence where a mark asks for that."""
    return not _RULES[mark].own or Actor.SELF in said.actors


def _find_worded(said: Said) -> tuple[Mark, ...]:
    """Return the marks that a sentence has the words or the actors of."""
    names = _name_words(said)
    return tuple(
        [
            mark
            for mark, masks in _MASKS.items()
            if any(names & mask == mask for mask in masks) or not _RULES[mark].actors.isdisjoint(said.actors)
        ]
    )


def _name_words(said: Said) -> int:
    """Return the names that a sentence has words or phrases of, a bit each."""
    names = 0
    phrases: set[str] = set()
    for word in said.tokens:
        if word in _WORD_BITS:
            names |= _WORD_BITS[word]
        if word in _HEADS:
            phrases.update(_HEADS[word])
    text = said.text.lower().replace("’", "'") if phrases else ""
    for name in phrases:
        if not names & _BITS[name] and _PHRASES[name].pattern.search(text):
            names |= _BITS[name]
    return names
