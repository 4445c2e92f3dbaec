"""Settle what rules and model found: gaps by code, levels and strength by the rubric's formula."""

from collections.abc import Iterable
from typing import NamedTuple

from app.analysis.observe import Observations
from app.analysis.places import Places
from app.analysis.sections import Reading, Role
from app.coach.wording import general_advice, word_gap
from app.domain import Evidence, Gap, GapCode, Part, PrincipleFinding, Severity, Source, StarSpan, Status, Target
from app.judge.findings import Findings
from app.rubric import Principle, Rubric

_PARTS = {
    Role.SITUATION: Part.SITUATION,
    Role.TASK: Part.TASK,
    Role.ACTION: Part.ACTION,
    Role.RESULT: Part.RESULT,
    Role.LEARNING: Part.RESULT,
}
_SHOWN = 5
_MISSING_SHOWN = 3
_SEVERITIES = tuple(Severity)


class Settled(NamedTuple):
    """What was settled for one story."""

    strength: int
    star: tuple[StarSpan, ...]
    principles: tuple[PrincipleFinding, ...]
    gaps: tuple[Gap, ...]


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
    rule_codes = {sign.code for sign in observed.gaps}
    strength = cap_level(5, rule_codes, rubric)
    return Settled(
        strength=strength,
        star=_star(observed.readings),
        principles=_principles(observed, findings, rubric=rubric, target=target, places=places, strength=strength),
        gaps=_gaps(observed, findings, rubric=rubric, target=target, places=places),
    )


def cap_level(level: int, codes: Iterable[GapCode], rubric: Rubric) -> int:
    """Return a level after the rubric's caps for the open gaps."""
    present = set(codes)
    for cap in rubric.formula.caps:
        if sum(code in present for code in cap.gaps) >= cap.at_least:
            level = min(level, cap.at_most)
    return level


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


def _principles(  # noqa: PLR0913 - one call, all by name
    observed: Observations, findings: Findings | None, *, rubric: Rubric, target: Target, places: Places, strength: int
) -> tuple[PrincipleFinding, ...]:
    result: list[PrincipleFinding] = []
    for rank, item in enumerate(observed.ranked, start=1):
        if rank > _SHOWN and item.principle.id not in target.principles:
            continue
        evidence = _merge_evidence(item.principle, _quotes(item.readings, places), findings, places)
        level = _level(len(evidence), strength, rubric)
        result.append(
            PrincipleFinding(
                id=item.principle.id,
                rank=rank,
                level=level,
                status=Status.ASSESSED if level else Status.NOT_ASSESSED,
                reason=None if level else "No sentence of the story gives evidence for this principle.",
                declared=item.principle.id in target.principles,
                evidence=evidence,
                missing_signals=_missing_signals(item.principle, findings),
                probes=item.principle.probes[:_MISSING_SHOWN],
            )
        )
    return tuple(result)


def _missing_signals(principle: Principle, findings: Findings | None) -> tuple[str, ...]:
    """Return the first signals of a principle that the model was asked for and did not see; the rules can't tell."""
    if findings is None:
        return ()
    seen = {finding.signal for finding in findings.signals if finding.principle == principle.id}
    return tuple(signal.text for signal in principle.positive_signals if signal.id not in seen)[:_MISSING_SHOWN]


def _merge_evidence(
    principle: Principle, by_rules: tuple[Evidence, ...], findings: Findings | None, places: Places
) -> tuple[Evidence, ...]:
    """Add the model's places for positive signals to the rules' sentences, without overlaps."""
    merged = list(by_rules)
    positive = {signal.id for signal in principle.positive_signals}
    for finding in findings.signals if findings else ():
        if finding.principle != principle.id or finding.signal not in positive:
            continue
        for span in finding.spans:
            if all(span.end <= known.start or known.end <= span.start for known in merged):
                merged.append(places.evidence(span.start, span.end))
    return tuple(merged)


def _level(evidence: int, strength: int, rubric: Rubric) -> int | None:
    """Return the level that so many evidence sentences carry, never above the strength; None without evidence."""
    if not evidence:
        return None
    reached = 1 + sum(evidence >= needed for needed in rubric.formula.evidence_for_level)
    return min(reached, max(strength, 1), 5)
