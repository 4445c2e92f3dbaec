"""Decide whether an assessment passes the threshold that a caller set."""

from app.domain import Assessment, Gap, Score, Severity, Status, Value

_ORDER = tuple(Severity)


class Gate(Value):
    """A threshold; with neither limit, everything passes.

    Attributes:
        fail_on: A gap this severe or worse is below the threshold.
        min_strength: A story of a lower strength is below the threshold.
    """

    fail_on: Severity | None = None
    min_strength: Score | None = None

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
        return self.fail_on is not None and _ORDER.index(gap.severity) <= _ORDER.index(self.fail_on)
