"""Settle what rules and model found: gaps by code, levels and strength by the rubric's formula."""

from collections.abc import Iterable
from typing import NamedTuple

from app.analysis.observe import Observations
from app.analysis.places import Places
from app.analysis.sections import Reading, Role
from app.coach.delivery import measure_delivery
from app.coach.expect import hold_against_target, tell_expectations, unmet_ids
from app.coach.follow_ups import choose_follow_ups
from app.coach.ranking import find_tie, find_unsupported, tell_principles
from app.coach.wording import general_advice, word_gap
from app.domain import (
    Delivery,
    Evidence,
    ExpectationFinding,
    FollowUp,
    Gap,
    GapCode,
    Limit,
    Part,
    PrincipleFinding,
    Severity,
    Source,
    StarSpan,
    Target,
    TieBreak,
    Unsupported,
)
from app.judge.findings import Findings
from app.rubric import Rubric

_PARTS = {
    Role.SITUATION: Part.SITUATION,
    Role.TASK: Part.TASK,
    Role.ACTION: Part.ACTION,
    Role.RESULT: Part.RESULT,
    Role.LEARNING: Part.RESULT,
}
_HIGHEST = 5
_SEVERITIES = tuple(Severity)


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


def settle(
    observed: Observations, findings: Findings | None, *, rubric: Rubric, target: Target, places: Places
) -> Settled:
    """Merge findings into gaps, principle levels and the strength.

    A gap that the model alone saw is shown as a note and moves neither level nor strength; one that both saw says so.

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
    principles = tell_principles(
        observed, findings, rubric=rubric, target=target, places=places, strength=strength, unmet=unmet
    )
    gaps = _gaps(observed, findings, rubric=rubric, target=target, places=places)
    return Settled(
        strength=strength,
        limits=tuple(limit for limit in limits if limit.at_most == strength),
        star=_star(observed.readings),
        delivery=measure_delivery(observed),
        principles=principles,
        tie_break=find_tie(observed, principles, rubric),
        unsupported=find_unsupported(principles, rubric),
        gaps=gaps,
        expectations=tell_expectations(held, places),
        follow_ups=choose_follow_ups(observed, gaps, held, principles, places),
    )


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


def _star(readings: tuple[Reading, ...]) -> tuple[StarSpan, ...]:
    spans: list[StarSpan] = []
    for reading in readings:
        part = _PARTS.get(reading.role)
        if part is None:
            continue
        if spans and spans[-1].part is part:
            spans[-1] = StarSpan(part=part, start=spans[-1].start, end=reading.sentence.end)
        else:
            spans.append(StarSpan(part=part, start=reading.sentence.start, end=reading.sentence.end))
    return tuple(spans)


def _gaps(
    observed: Observations, findings: Findings | None, *, rubric: Rubric, target: Target, places: Places
) -> tuple[Gap, ...]:
    metric = observed.ranked[0].principle.metric if observed.ranked else None
    seen_by_model = {finding.code: finding for finding in findings.gaps} if findings else {}
    gaps: list[Gap] = []
    for sign in observed.gaps:
        rule = rubric.gap_rule(sign.code)
        words = word_gap(sign, observed.facts)
        severity = rubric.severity(sign.code, role=target.role, level=target.level, metric=metric)
        gaps.append(
            Gap(
                code=sign.code,
                severity=severity if sign.sure else _milder(severity),
                part=rule.part,
                message=words.message,
                advice=words.advice,
                source=Source.BOTH if sign.code in seen_by_model else Source.RULES,
                evidence=_quotes(sign.readings, places),
            )
        )
    by_rules = {sign.code for sign in observed.gaps}
    gaps.extend(
        Gap(
            code=code,
            severity=Severity.NOTE,
            part=rubric.gap_rule(code).part,
            message=f"The model sees this and the rules do not: {rubric.gap_rule(code).title.lower()}.",
            advice=general_advice(code),
            source=Source.MODEL,
            evidence=tuple(places.evidence(span.start, span.end) for span in finding.spans),
        )
        for code, finding in seen_by_model.items()
        if code not in by_rules
    )
    codes = list(GapCode)
    return tuple(sorted(gaps, key=lambda gap: (_SEVERITIES.index(gap.severity), codes.index(gap.code))))


def _milder(severity: Severity) -> Severity:
    """Return the next lower severity: where the text leaves it open, a question beats an accusation."""
    return Severity.WARNING if severity is Severity.ERROR else Severity.NOTE


def _quotes(readings: Iterable[Reading], places: Places) -> tuple[Evidence, ...]:
    return tuple(places.evidence(reading.sentence.start, reading.sentence.end) for reading in readings)
