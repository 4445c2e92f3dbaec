"""Hold a story against what its target's role and level expect."""

from typing import NamedTuple

from app.analysis.marks import find_marks
from app.analysis.observe import Observations
from app.analysis.places import Places
from app.analysis.sections import Reading
from app.domain import ExpectationFinding, Severity, Target
from app.rubric import Expectation, Mark, Rubric

_SEVERITIES = tuple(Severity)
_PLACES = 1


class Expected(NamedTuple):
    """An expectation that the story was held against.

    Attributes:
        shown: The sentences that meet it.
        anchor: The sentence that its probe would be about; None where nothing but the story as a whole is.
    """

    expectation: Expectation
    severity: Severity
    shown: tuple[Reading, ...]
    anchor: Reading | None


def hold_against_target(observed: Observations, *, rubric: Rubric, target: Target) -> tuple[Expected, ...]:
    """Return the expectations that apply to a story and its target, in the rubric's order."""
    asked = [item for item in rubric.expectations_for(target.role, target.level) if _concerns(item, observed, target)]
    wanted = {mark for item in asked for mark in (*item.shown_by, *item.when)}
    marks = find_marks(observed.facts.told, wanted) if wanted else {}
    held: list[Expected] = []
    met: dict[str, tuple[Reading, ...]] = {}
    for item in asked:
        if (item.after and not met.get(item.after)) or (item.when and not _first_of(item.when, marks)):
            continue
        shown = _first_of(item.shown_by, marks)
        met[item.id] = shown
        anchor = (met.get(item.after or "") or _first_of(item.when, marks) or (None,))[0]
        held.append(Expected(item, item.severity_for(target.role, target.level), shown, anchor))
    return tuple(held)


def tell_expectations(held: tuple[Expected, ...], places: Places) -> tuple[ExpectationFinding, ...]:
    """Return expectations as they are published: those that are not met first, the weightiest before the others."""
    told = [
        ExpectationFinding(
            id=item.expectation.id,
            met=bool(item.shown),
            text=item.expectation.text,
            probe=None if item.shown else item.expectation.probe,
            severity=item.severity,
            evidence=tuple(places.evidence(r.sentence.start, r.sentence.end) for r in item.shown[:_PLACES]),
        )
        for item in held
    ]
    return tuple(sorted(told, key=lambda item: (item.met, _SEVERITIES.index(item.severity))))


def unmet_ids(held: tuple[Expected, ...]) -> tuple[str, ...]:
    """Return the ids of the expectations that are not met."""
    return tuple(item.expectation.id for item in held if not item.shown)


def _concerns(item: Expectation, observed: Observations, target: Target) -> bool:
    if not item.principles:
        return True
    first = observed.ranked[0].principle.id if observed.ranked else None
    return first in item.principles or any(name in item.principles for name in target.principles)


def _first_of(wanted: tuple[Mark, ...], marks: dict[Mark, tuple[Reading, ...]]) -> tuple[Reading, ...]:
    return next((marks[mark] for mark in wanted if mark in marks), ())
