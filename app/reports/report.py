"""What every format is given: assessments one by one, then the summary of the run."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from app.domain import Assessment, Severity, Status, Story, Value
from app.errors import CoachError, UnreadableStory


class Trouble(Value):
    """Something that went wrong with a story, a file or the run.

    Attributes:
        path: The file, as the caller named it.
        id: The story's own id, where it has one.
        kind: The stable name of the failure.
    """

    path: str | None
    line: int | None = None
    id: str | None = None
    kind: str
    reason: str

    @classmethod
    def of(cls, error: CoachError, *, path: str | None = None, story_id: str | None = None) -> "Trouble":
        """Return the trouble that an error made."""
        if isinstance(error, UnreadableStory):
            return cls(path=error.path, line=error.line, id=story_id, kind=error.slug, reason=error.reason)
        return cls(path=path, id=story_id, kind=error.slug, reason=error.detail)

    def __str__(self) -> str:
        place = self.path or self.id or "story"
        return f"{place}: {self.reason}" if self.line is None else f"{place}:{self.line}: {self.reason}"


class Summary(Value):
    """The outcome of a run over any number of stories.

    Attributes:
        stories: All that were found, readable or not.
        unreadable: Files and records that hold no story.
        errors: Every story or file that something went wrong with.
        gaps: Published gaps by severity, without the suppressed.
        suppressed: Gaps that a comment or a baseline keeps out of every threshold.
        strengths: Stories by strength.
        below: Stories below the threshold that the caller set.
        failed: The thresholds of the whole run that it does not reach, a clause each.
        remarks: Comments and entries of a baseline that are wrong or of no use.
        interrupted: The run was stopped before its end.
    """

    stories: Annotated[int, Field(ge=0)]
    assessed: Annotated[int, Field(ge=0)]
    partial: Annotated[int, Field(ge=0)]
    not_assessed: Annotated[int, Field(ge=0)]
    unreadable: Annotated[int, Field(ge=0)]
    errors: tuple[Trouble, ...]
    gaps: dict[Severity, int]
    strengths: dict[int, int]
    mean_strength: float | None
    dropped_quotes: int
    below: int
    interrupted: bool
    exit_code: int
    suppressed: Annotated[int, Field(ge=0)] = 0
    failed: tuple[str, ...] = ()
    remarks: tuple[Trouble, ...] = ()


class Tally:
    """Counts a run while it goes; keeps no assessment."""

    def __init__(self) -> None:
        self.statuses: Counter[Status] = Counter()
        self.unreadable = 0
        self.below = 0
        self.errors: list[Trouble] = []
        self.failed: tuple[str, ...] = ()
        self.remarks: list[Trouble] = []
        self.interrupted = False
        self._gaps: Counter[Severity] = Counter()
        self._suppressed = 0
        self._strengths: Counter[int] = Counter()
        self._dropped_quotes = 0

    @property
    def stories(self) -> int:
        """All stories that were found, readable or not."""
        return self.statuses.total() + self.unreadable

    @property
    def is_complete(self) -> bool:
        """Tell whether every story that was found has been assessed, in all its parts."""
        lacking = self.statuses[Status.NOT_ASSESSED] + self.statuses[Status.PARTIAL]
        return not (self.errors or self.unreadable or lacking or self.interrupted)

    def add(self, assessment: Assessment, *, below: bool) -> None:
        """Count an assessment."""
        self.statuses[assessment.status] += 1
        self.below += below
        self._gaps.update(gap.severity for gap in assessment.open_gaps)
        self._suppressed += len(assessment.gaps) - len(assessment.open_gaps)
        self._dropped_quotes += assessment.provenance.dropped_quotes
        if assessment.strength is not None:
            self._strengths[assessment.strength] += 1

    def summary(self, exit_code: int) -> Summary:
        """Return what was counted."""
        graded = self._strengths.total()
        total = sum(strength * count for strength, count in self._strengths.items())
        return Summary(
            stories=self.stories,
            assessed=self.statuses[Status.ASSESSED],
            partial=self.statuses[Status.PARTIAL],
            not_assessed=self.statuses[Status.NOT_ASSESSED],
            unreadable=self.unreadable,
            errors=tuple(self.errors),
            gaps={severity: self._gaps[severity] for severity in Severity},
            strengths={strength: self._strengths[strength] for strength in range(1, 6)},
            mean_strength=round(total / graded, 2) if graded else None,
            dropped_quotes=self._dropped_quotes,
            below=self.below,
            interrupted=self.interrupted,
            exit_code=exit_code,
            suppressed=self._suppressed,
            failed=self.failed,
            remarks=tuple(self.remarks),
        )


class Report:
    """A format: what stands before the first story, for each story and after the last; here, nothing."""

    def begin(self) -> str:
        """Return what stands before the first story."""
        return ""

    def add(self, assessment: Assessment) -> str:
        """Return what stands for a story."""
        del assessment
        return ""

    def tell(self, assessment: Assessment, story: Story) -> str:
        """Return what stands for a story whose text is at hand; the same as `add` where a format has no use for it."""
        del story
        return self.add(assessment)

    def end(self, summary: Summary) -> str:
        """Return what stands after the last story."""
        del summary
        return ""

    def finish(self, summary: Summary) -> Iterator[str]:
        """Yield what stands after the last story piece by piece, for a format that holds much back."""
        yield self.end(summary)
