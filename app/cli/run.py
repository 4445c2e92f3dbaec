"""Take what comes out of a run: report it, count it, hold it against the thresholds."""

from collections.abc import Iterable

from app.cli.complaint import complain, note, point_at
from app.cli.exits import Exit, exit_code
from app.cli.order import Order
from app.cli.output import Sink
from app.cli.progress import Progress
from app.cli.sources import Sources
from app.cli.thresholds import Thresholds
from app.coach.batch import Outcome
from app.errors import CoachError, UnreadableStory
from app.reports.report import Tally, Trouble


class Run:
    """What has come out so far.

    Args:
        order: What was asked for.
        sinks: Where assessments go.
        thresholds: What they are held against.
        sources: Where the stories come from.
        progress: What tells how far the run is.
    """

    def __init__(
        self, order: Order, sinks: list[Sink], thresholds: Thresholds, sources: Sources, progress: Progress
    ) -> None:
        self._order = order
        self._sinks = sinks
        self._thresholds = thresholds
        self._sources = sources
        self._progress = progress
        self.tally = Tally()

    def take(self, outcome: Outcome | UnreadableStory) -> None:
        """Report what became of a story."""
        self._progress.add(outcome)
        if isinstance(outcome, UnreadableStory):
            self.tally.unreadable += 1
            self._report(Trouble.of(outcome))
            return
        held = self._thresholds.hold(outcome.assessment, outcome.story)
        assessment = held.assessment
        self.tally.add(assessment, below=held.below)
        if outcome.failure is not None:
            self._report(Trouble.of(outcome.failure, path=assessment.story.path, story_id=assessment.story.id))
        self._remark(held.remarks)
        for sink in self._sinks:
            sink.add(assessment, outcome.story)

    def finish(self, *, is_whole: bool) -> Exit:
        """Take stock of a run that came to its end, or was stopped."""
        self.tally.interrupted = not is_whole
        if not is_whole:
            return Exit.INTERRUPTED
        self._remark(self._thresholds.close())
        if self.tally.stories == 0 and self._sources.has_nothing_new:
            note(f"no story has changed since {self._order.since}")
            return Exit.PASSED
        if self.tally.stories == self.tally.unreadable:
            complain("no story could be read" if self.tally.stories else self._sources.tell_of_nothing())
            return Exit.USAGE
        self.tally.failed = self._thresholds.shortfalls()
        for reason in self.tally.failed:
            note(reason)
        if not self.tally.is_complete:
            return Exit.INCOMPLETE
        return Exit.BELOW_THRESHOLD if self.tally.below or self.tally.failed else Exit.PASSED

    def give_up(self, error: CoachError) -> Exit:
        """End a run that no further story can pass, with what has come out before."""
        complain(error.detail)
        self.tally.interrupted = True
        self.tally.errors.append(Trouble.of(error))
        return exit_code(error)

    def close(self, code: Exit) -> None:
        """Write what stands at the end of each report."""
        summary = self.tally.summary(code)
        for sink in self._sinks:
            sink.end(summary)

    def _report(self, trouble: Trouble) -> None:
        self.tally.errors.append(trouble)
        point_at(str(trouble))

    def _remark(self, troubles: Iterable[Trouble]) -> None:
        for trouble in troubles:
            self.tally.remarks.append(trouble)
            point_at(str(trouble))
