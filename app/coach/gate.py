"""Decide whether assessments pass the thresholds that a caller set."""

from typing import Annotated

from pydantic import Field

from app.domain import Assessment, Gap, Score, Severity, Source, Status, Value

COVERED_LEVEL = 3
"""The level from which a story covers a principle: own deeds that an interviewer could write down."""

_ORDER = tuple(Severity)


class Gate(Value):
    """Thresholds; without any, everything passes.

    A suppressed gap is never below a threshold, and neither is one that a model alone sees. Both limit the strength
    as any other does, so that a strength means the same with a threshold and without.

    Attributes:
        fail_on: A gap this severe or worse is below the threshold.
        min_strength: A story of a lower strength is below the threshold.
        min_mean_strength: The mean strength of all stories that must be reached.
        require_principles: Principles of which some story must give evidence of level 3 or more.
    """

    fail_on: Severity | None = None
    min_strength: Score | None = None
    min_mean_strength: Annotated[float, Field(ge=1, le=5)] | None = None
    require_principles: tuple[str, ...] = ()

    def stops(self, assessment: Assessment) -> bool:
        """Tell whether an assessment is below the threshold; one that was not assessed is neither below nor above."""
        if assessment.status is Status.NOT_ASSESSED:
            return False
        return self.is_weak(assessment) or any(self.blocks(gap) for gap in assessment.gaps)

    def is_weak(self, assessment: Assessment) -> bool:
        """Tell whether the strength is below the lowest that passes; no strength is."""
        return self.min_strength is not None and (assessment.strength or 0) < self.min_strength

    def blocks(self, gap: Gap) -> bool:
        """Tell whether a gap alone keeps its story below the threshold."""
        if self.fail_on is None or gap.suppressed is not None or gap.source is Source.MODEL:
            return False
        return _ORDER.index(gap.severity) <= _ORDER.index(self.fail_on)


class Standing:
    """What all stories of a run come to together.

    Args:
        gate: The thresholds.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._total = 0
        self._graded = 0
        self._levels: dict[str, int] = {}

    def add(self, assessment: Assessment) -> None:
        """Count an assessment."""
        if assessment.strength is not None:
            self._total += assessment.strength
            self._graded += 1
        for finding in assessment.principles:
            if finding.level is not None:
                self._levels[finding.id] = max(finding.level, self._levels.get(finding.id, 0))

    def shortfalls(self) -> tuple[str, ...]:
        """Return which thresholds of the whole run are not reached, a clause each; a run without a grade meets none."""
        return (*self._mean(), *map(self._uncovered, self._missing()))

    def _mean(self) -> tuple[str, ...]:
        wanted = self._gate.min_mean_strength
        if wanted is None:
            return ()
        if not self._graded:
            return (f"no story has a strength, a mean of at least {wanted:g} is wanted",)
        # Compared exactly: a mean that only rounds to what is wanted is below it.
        if self._total >= wanted * self._graded:
            return ()
        mean = self._total / self._graded
        shown = f"{mean:.2f}" if f"{mean:.2f}" != f"{wanted:.2f}" else f"{mean:.6f}"
        return (f"the mean strength is {shown}, at least {wanted:g} is wanted",)

    def _missing(self) -> tuple[str, ...]:
        wanted = dict.fromkeys(self._gate.require_principles)
        return tuple(name for name in wanted if self._levels.get(name, 0) < COVERED_LEVEL)

    def _uncovered(self, name: str) -> str:
        best = self._levels.get(name)
        shown = f"the best level is {best}" if best else "no story gives evidence for it"
        return f"{name} is not covered: {shown}, level {COVERED_LEVEL} is wanted"
