"""Settle a principle's level: the rules' sentences first, and what a model quotes beside them where the rules agree."""

import statistics
from collections.abc import Iterable
from typing import NamedTuple

from app.analysis.observe import Observations
from app.analysis.places import Places
from app.analysis.principles import Ranked, supports
from app.domain import Evidence, ShownSignal, Source, Span
from app.judge.findings import Findings
from app.rubric import Rubric

_HIGHEST = 5
_FAR = 1  # levels that may lie between answers to the same question before none of them is to be trusted


class Scope(NamedTuple):
    """What a model can change of a principle's level.

    Attributes:
        level: What the rules alone say; None without evidence, and then no model gives one.
        most: What the rubric's caps allow.
    """

    item: Ranked
    level: int | None
    most: int


class Weighed(NamedTuple):
    """What rules and model together show of a principle; named as the fields of the finding are."""

    level: int | None
    source: Source | None
    evidence: tuple[Evidence, ...]
    signals: tuple[ShownSignal, ...] = ()
    disputed: bool = False
    sample_levels: tuple[int, ...] = ()
    low_confidence: bool = False


def scope_of(item: Ranked, most: int, rubric: Rubric) -> Scope:
    """Return what the rules alone make of a principle.

    Args:
        item: The principle with the rules' evidence.
        most: The caps on its level.
        rubric: The formula.
    """
    level = _level(len(item.readings), most, rubric) if item.readings else None
    return Scope(item, level, max(1, min(most, _HIGHEST)))


def tell_level(scope: Scope, findings: Findings, observed: Observations, rubric: Rubric) -> int | None:
    """Return the level that one answer of a model would make of a principle, not held to the rules' own yet."""
    if scope.level is None:
        return None
    new = _confirm(scope.item, findings, observed)
    return _level(len(scope.item.readings) + len(new), scope.most, rubric)


def weigh(
    scope: Scope, findings: Findings | None, *, observed: Observations, rubric: Rubric, places: Places
) -> Weighed:
    """Return what rules and model show of a principle.

    A model lifts the level by one at most, never above the caps, and only by quotes from further sentences in which the
    rules see a deed, an outcome or a lesson that fits the principle.

    Args:
        scope: What the rules alone say.
        findings: What the model's answers agree on; None without a model.
        observed: What the rules saw.
        rubric: Signals and the formula.
        places: The story's text.
    """
    evidence = tuple(places.evidence(r.sentence.start, r.sentence.end) for r in scope.item.readings)
    if findings is None:
        return Weighed(scope.level, Source.RULES if evidence else None, evidence)
    signals = _show(scope.item, findings, places)
    is_seen = any(signal.speaks_for for signal in signals)
    is_asked = findings.asked is None or scope.item.principle.id in findings.asked
    told = [
        level
        for one in findings.samples or (findings,)
        if (level := tell_level(scope, one, observed, rubric)) is not None
    ]
    level = scope.level
    if level is not None:
        evidence += tuple(places.evidence(*span) for span in _confirm(scope.item, findings, observed).values())
        if told:
            level = min(statistics.median_low(told), level + 1)
    return Weighed(
        level=level,
        source=_source(by_rules=scope.level is not None, by_model=is_seen),
        disputed=is_asked and not is_seen and scope.level is not None,
        evidence=evidence,
        signals=signals,
        sample_levels=tuple(told) if findings.samples else (),
        low_confidence=bool(told) and max(told) - min(told) > _FAR,
    )


def _source(*, by_rules: bool, by_model: bool) -> Source | None:
    if by_rules:
        return Source.BOTH if by_model else Source.RULES
    return Source.MODEL if by_model else None


def _confirm(item: Ranked, findings: Findings, observed: Observations) -> dict[int, Span]:
    """Return the model's places that count, one for each sentence that the rules do not name already."""
    positive = {signal.id for signal in item.principle.positive_signals}
    known = {reading.sentence.start for reading in item.readings}
    found: dict[int, Span] = {}
    for finding in findings.signals:
        if finding.principle != item.principle.id or finding.signal not in positive:
            continue
        for span in finding.spans:
            reading = max(observed.readings, key=lambda r: _shared(r.sentence.start, r.sentence.end, span))
            start, end = reading.sentence.start, reading.sentence.end
            if start in known or not _shared(start, end, span) or not supports(reading, item.principle.id):
                continue
            found.setdefault(start, Span(max(start, span.start), min(end, span.end)))
    return dict(sorted(found.items()))


def _shared(start: int, end: int, span: Span) -> int:
    return max(0, min(end, span.end) - max(start, span.start))


def _show(item: Ranked, findings: Findings, places: Places) -> tuple[ShownSignal, ...]:
    spans = {f.signal: f.spans for f in findings.signals if f.principle == item.principle.id}
    return tuple(
        ShownSignal(
            id=signal.id,
            text=signal.text,
            speaks_for=signal.polarity == "positive",
            evidence=tuple(places.evidence(*span) for span in _apart(spans[signal.id])),
        )
        for signal in item.principle.signals
        if signal.id in spans
    )


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Return places without those that overlap an earlier one."""
    kept: list[Span] = []
    for span in spans:
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return kept


def _level(evidence: int, most: int, rubric: Rubric) -> int:
    """Return the level that so many evidence sentences carry, never above `most`."""
    reached = 1 + sum(evidence >= needed for needed in rubric.formula.evidence_for_level)
    return min(reached, max(most, 1), _HIGHEST)
