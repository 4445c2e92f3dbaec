"""Keep a failure from being told twice: with its story, and again at the end of the run."""

from collections.abc import Iterator

from app.domain import Assessment, Status
from app.reports.report import Summary, Trouble


class Told:
    """The failures that have been told with their stories."""

    def __init__(self) -> None:
        self._told: set[tuple[str | None, str | None, str | None]] = set()

    def note(self, assessment: Assessment) -> None:
        """Remember what a story that was not assessed says of itself."""
        if assessment.status is Status.NOT_ASSESSED:
            self._told.add((assessment.story.path, assessment.story.id, assessment.reason))

    def left(self, summary: Summary) -> Iterator[Trouble]:
        """Yield the troubles of files that hold no story, and those of the whole run."""
        for trouble in summary.errors:
            if (trouble.path, trouble.id, f"{trouble.kind}: {trouble.reason}") not in self._told:
                yield trouble
