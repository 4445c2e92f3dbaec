"""Settle the gaps: those of the rules stand, and a model agrees, disputes or adds a note."""

from collections.abc import Iterable, Mapping

from app.analysis.observe import Observations
from app.analysis.places import Places
from app.analysis.sections import Reading
from app.coach.wording import general_advice, word_gap
from app.domain import Evidence, Gap, GapCode, Severity, Source, Target
from app.judge.findings import Findings, GapFinding
from app.rubric import Rubric

_SEVERITIES = tuple(Severity)
_CODES = tuple(GapCode)
_MOST_NOTES = 3
_IMPLIED = {
    GapCode.MISSING_RESULT: frozenset({GapCode.MISSING_METRIC, GapCode.VAGUE_RESULT, GapCode.NO_BASELINE}),
    GapCode.MISSING_METRIC: frozenset({GapCode.NO_BASELINE}),
}
"""What is no gap of its own beside another: one root cause, one gap."""


def settle_gaps(
    observed: Observations, findings: Findings | None, *, rubric: Rubric, target: Target, places: Places
) -> tuple[Gap, ...]:
    """Return the rules' gaps, each with what the model says of it, and what the model alone sees as notes.

    Args:
        observed: What the rules saw.
        findings: What the model saw; None without a model.
        rubric: Severities and titles.
        target: Role and level.
        places: The story's text.
    """
    seen = {finding.code: finding for finding in findings.gaps} if findings else {}
    is_asked = findings is not None and findings.gaps_asked
    metric = observed.ranked[0].principle.metric if observed.ranked else None
    gaps: list[Gap] = []
    for sign in observed.gaps:
        words = word_gap(sign, observed.facts)
        severity = rubric.severity(sign.code, role=target.role, level=target.level, metric=metric)
        gaps.append(
            Gap(
                code=sign.code,
                severity=severity if sign.sure else _milder(severity),
                part=rubric.gap_rule(sign.code).part,
                message=words.message,
                advice=words.advice,
                source=Source.BOTH if sign.code in seen else Source.RULES,
                disputed=is_asked and sign.code not in seen,
                evidence=_quotes(sign.readings, places),
            )
        )
    gaps.extend(_notes({sign.code for sign in observed.gaps}, seen, rubric, places))
    return tuple(sorted(gaps, key=lambda gap: (_SEVERITIES.index(gap.severity), _CODES.index(gap.code))))


def _notes(by_rules: set[GapCode], seen: Mapping[GapCode, GapFinding], rubric: Rubric, places: Places) -> Iterable[Gap]:
    implied = {code for cause in by_rules | set(seen) for code in _IMPLIED.get(cause, ())}
    rules = [rubric.gap_rule(code) for code in seen if code not in by_rules | implied]
    rules.sort(key=lambda rule: (_SEVERITIES.index(rule.severity), _CODES.index(rule.code)))
    for rule in rules[:_MOST_NOTES]:  # who sees everything sees nothing
        code, finding = rule.code, seen[rule.code]
        yield Gap(
            code=code,
            severity=Severity.NOTE,
            part=rule.part,
            message=f"The model sees this and the rules do not: {rule.title.lower()}.",
            advice=general_advice(code),
            source=Source.MODEL,
            evidence=tuple(places.evidence(span.start, span.end) for span in finding.spans),
        )


def _milder(severity: Severity) -> Severity:
    """Return the next lower severity: where the text leaves it open, a question beats an accusation."""
    return Severity.WARNING if severity is Severity.ERROR else Severity.NOTE


def _quotes(readings: Iterable[Reading], places: Places) -> tuple[Evidence, ...]:
    return tuple(places.evidence(reading.sentence.start, reading.sentence.end) for reading in readings)
