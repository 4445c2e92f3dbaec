"""Choose what an interviewer would ask next, each question bound to the sentence that it is about."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.analysis.agency import Act, Actor
from app.analysis.facts import Facts
from app.analysis.lazily import Pattern
from app.analysis.observe import Observations
from app.analysis.places import Places
from app.analysis.quantities import SIZES
from app.analysis.said import Said
from app.analysis.sections import Reading, Role, Sign
from app.coach.expect import Expected
from app.coach.phrasing import take_clause
from app.domain import Evidence, FollowUp, Gap, GapCode, PrincipleFinding, Severity, Source

_MOST = 5
_FROM_GAPS = 2
_FROM_EXPECTATIONS = 2
_CLEAR = 0.5
_TELLING = 4
_DECIDED = frozenset(
    """
    decided decide chose choose picked opted rejected refused declined dropped stopped postponed cancelled canceled cut
    insisted overruled agreed approved selected ruled turned
    """.split()
)
_CHOSEN = Pattern(r"\b(?:decided|chose|opted|agreed)\s+(?:not\s+)?to\s+$", re.IGNORECASE)
_REASON = Pattern(
    r"\b(?:because|since|so that|as (?:the|it|they|we|that)|in order|otherwise|rather than|instead of|cos|therefore)\b",
    re.IGNORECASE,
)
_QUOTED = Pattern(r"“(.*?)”")
_MATTERS = (Severity.ERROR, Severity.WARNING)


class _Question(NamedTuple):
    """A question about one sentence, before it is chosen."""

    reading: Reading
    text: str
    expectation: str | None = None


def choose_follow_ups(
    observed: Observations,
    gaps: tuple[Gap, ...],
    held: tuple[Expected, ...],
    principles: tuple[PrincipleFinding, ...],
    places: Places,
) -> tuple[FollowUp, ...]:
    """Return up to five questions about different sentences, the most useful first.

    First what closes the weightiest gaps, then what the target's level expects and the story lacks, then what a
    sentence leaves open, the first principle's probe, and last what tests a sentence that already says much.
    """
    chosen: list[FollowUp] = []
    asked: set[str] = set()
    for follow_up in _candidates(observed, gaps, held, principles, places):
        if follow_up.question in asked or _is_crowded(follow_up, chosen):
            continue
        asked.add(follow_up.question)
        chosen.append(follow_up)
        if len(chosen) == _MOST:
            break
    return tuple(chosen)


def _is_crowded(follow_up: FollowUp, chosen: list[FollowUp]) -> bool:
    """Tell whether a sentence has been asked about before."""
    return any(follow_up.evidence.start == known.evidence.start for known in chosen)


def _candidates(
    observed: Observations,
    gaps: tuple[Gap, ...],
    held: tuple[Expected, ...],
    principles: tuple[PrincipleFinding, ...],
    places: Places,
) -> Iterator[FollowUp]:
    facts = observed.facts
    closing = [gap for gap in gaps if gap.evidence and gap.source is not Source.MODEL and gap.severity in _MATTERS]
    for gap in closing[:_FROM_GAPS]:
        yield FollowUp(question=gap.advice, evidence=_place_of(gap, facts, places), gap=gap.code)
    codes = {gap.code for gap in gaps}
    lacking = tuple(_ask_expectations(held, facts))
    yield from (_bound(question, places) for severity, question in lacking if severity in _MATTERS)
    for question in _ask_what_is_open(facts, codes):
        yield _bound(question, places)
    yield from _ask_principle(principles, {item.expectation.probe for item in held})
    yield from (_bound(question, places) for severity, question in lacking if severity not in _MATTERS)
    yield from (_bound(question, places) for question in _ask_what_is_told(facts, codes))


def _ask_principle(principles: tuple[PrincipleFinding, ...], expected: set[str]) -> Iterator[FollowUp]:
    """Ask the first probe of the first principle with evidence; what the level expects is asked of its own sentence."""
    for finding in sorted(principles, key=lambda item: (not item.declared, item.rank)):
        probe = next((probe for probe in finding.probes if probe not in expected), None)
        if finding.evidence and probe:
            yield FollowUp(question=probe, evidence=finding.evidence[0], principle=finding.id)
            break


def _place_of(gap: Gap, facts: Facts, places: Places) -> Evidence:
    """Return the sentence that a gap's question quotes, or else the first that shows the gap."""
    quoted = _QUOTED.search(gap.advice)
    for reading in facts.told if quoted else ():
        if quoted and quoted.group(1) in reading.text:
            return places.evidence(reading.sentence.start, reading.sentence.end)
    return gap.evidence[0]


def _bound(question: _Question, places: Places) -> FollowUp:
    sentence = question.reading.sentence
    return FollowUp(
        question=question.text,
        evidence=places.evidence(sentence.start, sentence.end),
        expectation=question.expectation,
    )


def _ask_expectations(held: tuple[Expected, ...], facts: Facts) -> Iterator[tuple[Severity, _Question]]:
    """Ask for what the target expects and the story lacks, about the sentence that comes nearest to it."""
    lacking = sorted((item for item in held if not item.shown), key=lambda item: list(Severity).index(item.severity))
    own = [r for r in facts.action if any(act.actor is Actor.SELF for act in r.acts)]
    places = [r for r in (*facts.outcomes[:1], *own[-1:], *facts.action[-1:]) if r.words >= _TELLING]
    places += facts.told[-1:]
    for number, item in enumerate(lacking[:_FROM_EXPECTATIONS]):
        anchor = item.anchor or next(iter(places[number:]), None)
        if anchor is not None:
            yield item.severity, _Question(anchor, item.expectation.probe, item.expectation.id)


def _ask_what_is_open(facts: Facts, codes: set[GapCode]) -> Iterator[_Question]:
    """Ask about sentences that name a decision without its reason, hide who acted, or leave an outcome uncounted."""
    unexplained = (r for r in facts.action if not r.said.tell(_gives_reason))
    yield from _ask_first(unexplained, {Actor.SELF}, "what else was open to you, and why not that?", _DECIDED)
    agentless = (r for r in facts.told if Actor.SELF not in r.said.actors)
    yield from _ask_first(agentless, {Actor.NOBODY}, "by whom, and what did you say to it?", _DECIDED)
    if GapCode.WEAK_OWNERSHIP not in codes:
        yield from _ask_first(facts.unowned, {Actor.GROUP}, "which part of that was yours?")
    if GapCode.MISSING_METRIC not in codes:
        for reading in (r for r in facts.outcomes if r.words >= _TELLING):
            own = any(act.actor is Actor.SELF for act in reading.acts)
            if not own and not reading.shows(Sign.NUMBER) and not any(q.measure in SIZES for q in reading.quantities):
                clause = take_clause(reading.text, _last_act(reading))
                if len(clause.text.split()) < _TELLING - 1:
                    continue
                yield _Question(reading, f"{clause.quoted}: how do you know, and how much of it was your doing?")
                break


def _ask_first(
    readings: Iterable[Reading], actors: set[Actor], question: str, verbs: frozenset[str] | None = None
) -> Iterator[_Question]:
    """Ask about the first deed of one of these actors."""
    for reading in readings:
        act = _act(reading, actors, verbs)
        if act is not None:
            yield _Question(reading, f"{_quote(reading, act)}: {question}")
            break


def _ask_what_is_told(facts: Facts, codes: set[GapCode]) -> Iterator[_Question]:
    """Ask one level deeper about sentences that already say much."""
    for reading in facts.measured[:1]:
        size = next((q for q in reading.quantities if q.measure in SIZES), None)
        if size is not None and GapCode.NO_BASELINE not in codes:
            clause = take_clause(reading.text, max(size.start, 0))
            yield _Question(reading, f"{clause.quoted}: how was that measured, and what else moved it besides you?")
    yield from _ask_first(facts.decisions, {Actor.SELF}, "what was the strongest argument against it?")
    for reading in facts.told:
        if reading.role is Role.LEARNING and reading.shows(Sign.LEARNING, _CLEAR) and not reading.shows(Sign.PLATITUDE):
            yield _Question(reading, f"{take_clause(reading.text).quoted}: how has that changed what you do since?")
            break
    for reading in facts.action:
        act = _act(reading, {Actor.SELF})
        if act is not None:
            yield _Question(reading, f"{_quote(reading, act)}: how exactly, and what was hardest about it?")


def _act(reading: Reading, actors: set[Actor], verbs: frozenset[str] | None = None) -> Act | None:
    for act in reading.acts:
        if act.actor in actors and (verbs is None or act.verb in verbs or _is_chosen(reading.text[: act.start])):
            return act
    return None


def _is_chosen(before: str) -> bool:
    """Tell whether a deed is told as what was chosen: "decided not to ship"."""
    return before.rstrip()[-2:].lower() == "to" and _CHOSEN.search(before) is not None


def _gives_reason(said: Said) -> bool:
    return _REASON.search(said.text) is not None


def _last_act(reading: Reading) -> int:
    return reading.acts[-1].start if reading.acts else 0


def _quote(reading: Reading, act: Act) -> str:
    return take_clause(reading.text, act.start).quoted
