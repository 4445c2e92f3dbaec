"""Settle what rules and model found: gaps by code, levels and strength by the rubric's formula."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.analysis.observe import Observations
from app.analysis.places import Places
from app.analysis.sections import Reading, Role
from app.coach.delivery import measure_delivery
from app.coach.expect import hold_against_target, tell_expectations, unmet_ids
from app.coach.follow_ups import choose_follow_ups
from app.coach.ranking import find_scopes, find_tie, find_unsupported, tell_principles
from app.coach.settle_gaps import settle_gaps
from app.coach.settle_levels import Scope
from app.domain import (
    Delivery,
    ExpectationFinding,
    FollowUp,
    Gap,
    GapCode,
    Limit,
    Part,
    PrincipleFinding,
    Source,
    StarSpan,
    Target,
    TieBreak,
    Unproven,
    Unsupported,
)
from app.judge.findings import Findings, PartFinding
from app.rubric import Rubric

_PARTS = {
    Role.SITUATION: Part.SITUATION,
    Role.TASK: Part.TASK,
    Role.ACTION: Part.ACTION,
    Role.RESULT: Part.RESULT,
    Role.LEARNING: Part.RESULT,
}
_HIGHEST = 5


class Settled(NamedTuple):
    """What was settled for one story; named as the fields of the assessment are."""

    strength: int
    limits: tuple[Limit, ...]
    star: tuple[StarSpan, ...]
    delivery: Delivery
    principles: tuple[PrincipleFinding, ...]
    tie_break: TieBreak | None
    unsupported: tuple[Unsupported, ...]
    gaps: tuple[Gap, ...]
    expectations: tuple[ExpectationFinding, ...]
    follow_ups: tuple[FollowUp, ...]
    unproven: tuple[Unproven, ...]


def settle(
    observed: Observations, findings: Findings | None, *, rubric: Rubric, target: Target, places: Places
) -> Settled:
    """Merge findings into gaps, principle levels and the strength.

    The strength, the rules' gaps, the ranking and what follows from them are what they are without a model, whatever
    it says: it adds evidence, notes and questions, and lifts a level by one at most, where the rules can confirm it.

    Args:
        observed: What the rules saw.
        findings: What the model saw, already grounded; None without a model.
        rubric: Severities, caps and signals.
        target: Role, level and declared principles.
        places: The story's text.
    """
    held = hold_against_target(observed, rubric=rubric, target=target)
    unmet = unmet_ids(held)
    codes = {sign.code for sign in observed.gaps}
    limits = find_limits(codes, unmet, rubric)
    strength = min((limit.at_most for limit in limits), default=_HIGHEST)
    scopes = find_scopes(observed, rubric=rubric, target=target, strength=strength, unmet=unmet)
    principles = tell_principles(
        observed, findings, scopes=scopes, rubric=rubric, target=target, places=places, unmet=unmet
    )
    gaps = settle_gaps(observed, findings, rubric=rubric, target=target, places=places)
    own_gaps = tuple(gap for gap in gaps if gap.source is not Source.MODEL)
    follow_ups = choose_follow_ups(observed, own_gaps, held, principles, places)
    return Settled(
        strength=strength,
        limits=tuple(limit for limit in limits if limit.at_most == strength),
        star=_star(observed.readings, findings.parts if findings else ()),
        delivery=measure_delivery(observed),
        principles=principles,
        tie_break=find_tie(observed, principles, rubric),
        unsupported=find_unsupported(principles, rubric),
        gaps=gaps,
        expectations=tell_expectations(held, places),
        follow_ups=(*follow_ups, *_ask_further(follow_ups, findings, places)),
        unproven=tuple(
            Unproven(reason=remark.text, evidence=places.evidence(*remark.span))
            for remark in (findings.unproven if findings else ())
        ),
    )


def find_bounds(observed: Observations, *, rubric: Rubric, target: Target) -> tuple[Scope, ...]:
    """Return between what and what a model can move the level of each principle that is shown."""
    unmet = unmet_ids(hold_against_target(observed, rubric=rubric, target=target))
    limits = find_limits({sign.code for sign in observed.gaps}, unmet, rubric)
    strength = min((limit.at_most for limit in limits), default=_HIGHEST)
    return find_scopes(observed, rubric=rubric, target=target, strength=strength, unmet=unmet)


def find_limits(codes: Iterable[GapCode], unmet: Iterable[str], rubric: Rubric) -> tuple[Limit, ...]:
    """Return the caps on the strength that hold, in the rubric's order.

    Args:
        codes: The open gaps.
        unmet: The ids of the expectations that are not met.
        rubric: The caps.
    """
    gaps, missing = frozenset(codes), frozenset(unmet)
    limits: list[Limit] = []
    for cap in rubric.formula.caps:
        counted = tuple(code for code in cap.gaps if code in gaps)
        short = tuple(name for name in cap.expectations if name in missing)
        if cap.principle is None and len(counted) + len(short) >= cap.at_least:
            limits.append(Limit(at_most=cap.at_most, reason=cap.reason, gaps=counted, expectations=short))
    return tuple(limits)


def cap_level(level: int, codes: Iterable[GapCode], rubric: Rubric) -> int:
    """Return a level after the rubric's caps for the open gaps."""
    return min([level, *(limit.at_most for limit in find_limits(codes, (), rubric))])


def _star(readings: tuple[Reading, ...], parts: Sequence[PartFinding]) -> tuple[StarSpan, ...]:
    spans: list[StarSpan] = []
    for reading in readings:
        part = _PARTS.get(reading.role)
        if part is None:
            continue
        if spans and spans[-1].part is part:
            spans[-1] = StarSpan(part=part, start=spans[-1].start, end=reading.sentence.end)
        else:
            spans.append(StarSpan(part=part, start=reading.sentence.start, end=reading.sentence.end))
    seen = {found.part: found.span.start for found in parts}
    return tuple(
        span.model_copy(update={"source": Source.BOTH}) if span.start <= seen.get(span.part, -1) < span.end else span
        for span in spans
    )


def _ask_further(known: Sequence[FollowUp], findings: Findings | None, places: Places) -> tuple[FollowUp, ...]:
    """Return the model's questions, behind those of the rules."""
    asked = {follow_up.question.casefold() for follow_up in known}
    return tuple(
        FollowUp(question=remark.text, evidence=places.evidence(*remark.span), source=Source.MODEL)
        for remark in (findings.probes if findings else ())
        if remark.text.casefold() not in asked
    )
