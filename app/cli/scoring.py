"""Carry out `star-coach score`: read, assess, report, decide the exit code."""

import asyncio
import sys
from collections.abc import Iterable, Iterator

from app.catalog import Catalog
from app.cli.complaint import complain, note, point_at
from app.cli.exits import Exit, exit_code
from app.cli.order import Order
from app.cli.output import Sink, open_sinks, pair
from app.cli.runners import open_runner
from app.cli.sources import Sources
from app.cli.thresholds import Thresholds
from app.coach.batch import Outcome
from app.domain import Story
from app.errors import CoachError, UnreadableStory
from app.reports.report import Tally, Trouble
from app.settings import Settings, load_settings


def score_stories(order: Order) -> Exit:
    """Score what was ordered and return the exit code.

    Raises:
        InvalidInput: An option can't be used.
        NotFound: There is no such rubric.
        Misconfigured: A setting, the rubric or the model's endpoint is wrong.
    """
    settings = load_settings()
    if order.max_cost_usd is not None:
        settings = settings.model_copy(update={"max_cost_usd": order.max_cost_usd})
    catalog = Catalog(settings.rubrics_dir, settings.prompts_dir)
    rubric = catalog.rubric(order.rubric or settings.rubric)
    order.check(rubric)
    thresholds = Thresholds(order)
    with open_sinks(pair(order.formats, order.outputs), rubric, order.gate) as sinks:
        run = _Run(order, sinks, thresholds, Sources(order, rubric))
        # A terminal's line is read here, where Ctrl-C still stops it.
        is_typed = "-" in order.paths and sys.stdin.isatty()
        items = iter(list(run.sources.read())) if is_typed else run.sources.read()
        try:
            is_whole = asyncio.run(_assess(order, settings, catalog, items, run))
        except CoachError as error:
            if not run.tally.stories:
                raise
            code = run.give_up(error)
        else:
            code = run.finish(is_whole=is_whole)
        summary = run.tally.summary(code)
        for sink in sinks:
            sink.end(summary)
    return code


async def _assess(
    order: Order, settings: Settings, catalog: Catalog, items: Iterator[Story | UnreadableStory], run: "_Run"
) -> bool:
    async with open_runner(order, settings, catalog) as runner:
        return await runner.run(items, run.take)


class _Run:
    """What has come out so far."""

    def __init__(self, order: Order, sinks: list[Sink], thresholds: Thresholds, sources: Sources) -> None:
        self._order = order
        self._sinks = sinks
        self._thresholds = thresholds
        self.sources = sources
        self.tally = Tally()

    def take(self, outcome: Outcome | UnreadableStory) -> None:
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
        if self.tally.stories == 0 and self.sources.has_nothing_new:
            note(f"no story has changed since {self._order.since}")
            return Exit.PASSED
        if self.tally.stories == self.tally.unreadable:
            complain("no story could be read" if self.tally.stories else self.sources.tell_of_nothing())
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

    def _report(self, trouble: Trouble) -> None:
        self.tally.errors.append(trouble)
        point_at(str(trouble))

    def _remark(self, troubles: Iterable[Trouble]) -> None:
        for trouble in troubles:
            self.tally.remarks.append(trouble)
            point_at(str(trouble))
