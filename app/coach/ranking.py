"""Tell what a story shows of each principle, whether the first is clear, and what was declared without evidence."""

from collections.abc import Iterable, Sequence

from app.analysis.observe import Observations
from app.analysis.places import Places
from app.coach.settle_levels import Scope, scope_of, weigh
from app.domain import (
    Answer,
    PrincipleFinding,
    Status,
    Target,
    TieBreak,
    Unsupported,
)
from app.judge.findings import Findings
from app.rubric import Confusion, Principle, Rubric

SHOWN = 5
_MISSING_SHOWN = 3
_NO_EVIDENCE = "No sentence of the story gives evidence for this principle."
_NOT_CONFIRMED = "No sentence gives evidence that the rules can confirm; what a model quotes stands under its signals."


def find_scopes(
    observed: Observations, *, rubric: Rubric, target: Target, strength: int, unmet: Iterable[str] = ()
) -> tuple[Scope, ...]:
    """Return what the rules say of the first principles and of all that were declared, by rank.

    Args:
        observed: What the rules saw.
        rubric: Caps and the formula.
        target: Declared principles.
        strength: No level is above it.
        unmet: Ids of expectations that are not met, which may cap a principle's level.
    """
    return tuple(
        scope_of(item, min(strength, _cap_of(item.principle, unmet, rubric)), rubric)
        for rank, item in enumerate(observed.ranked, start=1)
        if rank <= SHOWN or item.principle.id in target.principles
    )


def tell_principles(  # noqa: PLR0913 - one call, all by name
    observed: Observations,
    findings: Findings | None,
    *,
    scopes: Sequence[Scope],
    rubric: Rubric,
    target: Target,
    places: Places,
    unmet: Iterable[str] = (),
) -> tuple[PrincipleFinding, ...]:
    """Return what the story shows of the first principles and of all that were declared.

    Args:
        observed: What the rules saw.
        findings: What the model saw; None without a model.
        scopes: What the rules alone say.
        rubric: Signals, probes, caps.
        target: Declared principles.
        places: The story's text.
        unmet: Ids of expectations that are not met, which may cap a principle's level.
    """
    ranks = {item.principle.id: rank for rank, item in enumerate(observed.ranked, start=1)}
    result: list[PrincipleFinding] = []
    for scope in scopes:
        principle = scope.item.principle
        weighed = weigh(scope, findings, observed=observed, rubric=rubric, places=places)
        result.append(
            PrincipleFinding(
                id=principle.id,
                rank=ranks[principle.id],
                status=Status.ASSESSED if weighed.level else Status.NOT_ASSESSED,
                reason=None if weighed.level else _NOT_CONFIRMED if weighed.signals else _NO_EVIDENCE,
                declared=principle.id in target.principles,
                missing_signals=_missing_signals(principle, findings),
                probes=_choose_probes(principle, unmet, rubric),
                **weighed._asdict(),
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
    if findings is None or (findings.asked is not None and principle.id not in findings.asked):
        return ()
    seen = {finding.signal for finding in findings.signals if finding.principle == principle.id}
    return tuple(signal.text for signal in principle.positive_signals if signal.id not in seen)[:_MISSING_SHOWN]
