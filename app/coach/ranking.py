"""Tell what a story shows of each principle, whether the first is clear, and what was declared without evidence."""

from collections.abc import Iterable

from app.analysis.observe import Observations
from app.analysis.places import Places
from app.analysis.principles import Ranked
from app.domain import (
    Answer,
    Evidence,
    PrincipleFinding,
    Status,
    Target,
    TieBreak,
    Unsupported,
)
from app.judge.findings import Findings
from app.rubric import Confusion, Principle, Rubric

_SHOWN = 5
_MISSING_SHOWN = 3
_NO_EVIDENCE = "No sentence of the story gives evidence for this principle."


def tell_principles(  # noqa: PLR0913 - one call, all by name
    observed: Observations,
    findings: Findings | None,
    *,
    rubric: Rubric,
    target: Target,
    places: Places,
    strength: int,
    unmet: Iterable[str] = (),
) -> tuple[PrincipleFinding, ...]:
    """Return what the story shows of the first principles and of all that were declared.

    Args:
        observed: What the rules saw.
        findings: What the model saw; None without a model.
        rubric: Signals, probes, caps.
        target: Declared principles.
        places: The story's text.
        strength: No level is above it.
        unmet: Ids of expectations that are not met, which may cap a principle's level.
    """
    result: list[PrincipleFinding] = []
    for rank, item in enumerate(observed.ranked, start=1):
        if rank > _SHOWN and item.principle.id not in target.principles:
            continue
        evidence = _merge_evidence(item, findings, places)
        level = _level(len(evidence), min(strength, _cap_of(item.principle, unmet, rubric)), rubric)
        result.append(
            PrincipleFinding(
                id=item.principle.id,
                rank=rank,
                level=level,
                status=Status.ASSESSED if level else Status.NOT_ASSESSED,
                reason=None if level else _NO_EVIDENCE,
                declared=item.principle.id in target.principles,
                evidence=evidence,
                missing_signals=_missing_signals(item.principle, findings),
                probes=_choose_probes(item.principle, unmet, rubric),
            )
        )
    return tuple(result)


def find_tie(observed: Observations, principles: tuple[PrincipleFinding, ...], rubric: Rubric) -> TieBreak | None:
    """Return the two leading principles with evidence and what tells them apart, where they are close."""
    scores = {item.principle.id: item.score for item in observed.ranked}
    leading = [finding.id for finding in principles if finding.level is not None][:2]
    if len(leading) < 2:  # noqa: PLR2004 - a tie needs two
        return None
    first, second = leading
    margin = round(max(scores[first] - scores[second], 0.0), 3)
    if margin > rubric.formula.tie_margin:
        return None
    known = _confusion(first, second, rubric)
    if known is not None:
        answers = (Answer(answer="yes", principle=known.yes), Answer(answer="no", principle=known.no))
        return TieBreak(between=(first, second), margin=margin, ask=known.ask, answers=answers)
    names = rubric.principle(first).name, rubric.principle(second).name
    return TieBreak(
        between=(first, second),
        margin=margin,
        ask=f"Which of the two does your decisive step show, if you could name only one: {names[0]} or {names[1]}?",
        answers=(Answer(answer=names[0], principle=first), Answer(answer=names[1], principle=second)),
    )


def find_unsupported(principles: tuple[PrincipleFinding, ...], rubric: Rubric) -> tuple[Unsupported, ...]:
    """Return the declared principles that the evidence does not support, with the one that it supports instead."""
    best = next((finding.id for finding in principles if finding.level is not None), None)
    found: list[Unsupported] = []
    for finding in principles:
        if not finding.declared or (finding.level is not None and finding.rank <= rubric.formula.supported_rank):
            continue
        instead = best if best != finding.id else None
        known = _confusion(finding.id, instead, rubric) if instead else None
        found.append(
            Unsupported(
                principle=finding.id,
                rank=finding.rank,
                reason=_why(finding, instead, len(rubric.principles), rubric),
                instead=instead,
                ask=known.ask if known else None,
            )
        )
    return tuple(found)


def _why(finding: PrincipleFinding, instead: str | None, total: int, rubric: Rubric) -> str:
    name = rubric.principle(finding.id).name
    shown = (
        f"no sentence gives evidence for {name}"
        if finding.level is None
        else f"{name} ranks {finding.rank} of {total} by the evidence"
    )
    better = f"; the story rather shows {rubric.principle(instead).name}" if instead else ""
    return f"{shown[0].upper()}{shown[1:]}{better}."


def _confusion(one: str, other: str, rubric: Rubric) -> Confusion | None:
    for left, right in ((one, other), (other, one)):
        for confusion in rubric.principle(left).confusions:
            if confusion.other == right:
                return confusion
    return None


def _cap_of(principle: Principle, unmet: Iterable[str], rubric: Rubric) -> int:
    missing = set(unmet)
    caps = [
        cap.at_most
        for cap in rubric.formula.caps
        if cap.principle == principle.id and len(missing.intersection(cap.expectations)) >= cap.at_least
    ]
    return min(caps, default=5)


def _choose_probes(principle: Principle, unmet: Iterable[str], rubric: Rubric) -> tuple[str, ...]:
    """Return the principle's probes; what its target's level expects and the story lacks is asked first."""
    missing = set(unmet)
    asked = (item.probe for item in rubric.expectations if item.id in missing and principle.id in item.principles)
    return (*asked, *principle.probes)[:_MISSING_SHOWN]


def _missing_signals(principle: Principle, findings: Findings | None) -> tuple[str, ...]:
    """Return the first signals of a principle that the model was asked for and did not see; the rules can't tell."""
    if findings is None:
        return ()
    seen = {finding.signal for finding in findings.signals if finding.principle == principle.id}
    return tuple(signal.text for signal in principle.positive_signals if signal.id not in seen)[:_MISSING_SHOWN]


def _merge_evidence(item: Ranked, findings: Findings | None, places: Places) -> tuple[Evidence, ...]:
    """Add the model's places for positive signals to the rules' sentences, without overlaps."""
    merged = [places.evidence(r.sentence.start, r.sentence.end) for r in item.readings]
    positive = {signal.id for signal in item.principle.positive_signals}
    for finding in findings.signals if findings else ():
        if finding.principle != item.principle.id or finding.signal not in positive:
            continue
        for span in finding.spans:
            if all(span.end <= known.start or known.end <= span.start for known in merged):
                merged.append(places.evidence(span.start, span.end))
    return tuple(merged)


def _level(evidence: int, most: int, rubric: Rubric) -> int | None:
    """Return the level that so many evidence sentences carry, never above `most`; None without evidence."""
    if not evidence:
        return None
    reached = 1 + sum(evidence >= needed for needed in rubric.formula.evidence_for_level)
    return min(reached, max(most, 1), 5)
