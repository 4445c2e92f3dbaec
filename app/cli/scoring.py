"""Carry out `star-coach score`: read, assess, report, decide the exit code."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from app.catalog import Catalog
from app.cli.complaint import complain, note, point_at
from app.cli.exits import Exit, exit_code
from app.cli.formats import Format
from app.cli.output import Sink, open_sinks, pair
from app.cli.stdin import stoppable
from app.coach.assess import Assessor
from app.coach.batch import Batch, Outcome
from app.coach.crew import Crew
from app.coach.gate import Gate
from app.coach.reading import TEXT_SUFFIXES, read_stories, read_stream
from app.coach.target import UnknownTarget, check_target
from app.domain import Effort, EngineChoice, Story
from app.errors import CoachError, InvalidInput, UnreadableStory
from app.reports.report import Tally, Trouble
from app.rubric import Rubric
from app.settings import Settings, default_cache_dir, load_settings

_ANY = Effort()
_QUEUE_S = 24 * 3600.0  # nobody waits for one story of a batch: however slowly it may ask, it asks for all


class Defaults(NamedTuple):
    """What holds for stories that don't say."""

    role: str | None = None
    level: str | None = None
    question: str | None = None
    principles: tuple[str, ...] = ()

    def check(self, rubric: Rubric) -> None:
        """Return when the rubric knows role, level and principles.

        Raises:
            InvalidInput: It does not.
        """
        try:
            check_target(rubric, role=self.role, level=self.level, principles=self.principles)
        except UnknownTarget as error:
            raise InvalidInput(f"--{error.field}: {error.detail}", slug=error.slug) from None

    def fill(self, story: Story) -> Story:
        """Return the story with what it does not say itself."""
        missing: dict[str, Any] = {
            name: value for name, value in self._asdict().items() if value and not getattr(story, name)
        }
        return story.model_copy(update=missing) if missing else story


class Order(NamedTuple):
    """What the caller of `score` asked for."""

    paths: tuple[str, ...]
    engine: EngineChoice | None
    formats: tuple[Format, ...]
    outputs: tuple[str, ...]
    gate: Gate
    jobs: int
    rubric: str | None
    defaults: Defaults
    max_cost_usd: float | None = None
    effort: Effort = _ANY
    cache: Path | None = None
    keeps_answers: bool = True


def _keep_stories(order: Order) -> None:
    """Refuse a report that would be written over a story.

    Raises:
        InvalidInput: An output is one of the stories, or a text file in one of their folders.
    """
    for output in (Path(name) for name in order.outputs if name != "-"):
        for source in (Path(name) for name in order.paths if name != "-"):
            if not (output.exists() and source.exists()):
                continue
            in_folder = source.is_dir() and source.resolve() in output.resolve().parents
            if output.samefile(source) or (in_folder and output.suffix.lower() in TEXT_SUFFIXES):
                raise InvalidInput(f"the report would be written over the story {output}", slug="would-overwrite")


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
    order.defaults.check(rubric)
    _keep_stories(order)
    with open_sinks(pair(order.formats, order.outputs), rubric, order.gate) as sinks:
        run = _Run(order, sinks, rubric)
        # A terminal's line is read here, where Ctrl-C still stops it.
        items = run.read() if not ("-" in order.paths and sys.stdin.isatty()) else iter(list(run.read()))
        try:
            is_whole = asyncio.run(_assess(order, settings, catalog, items, run))
        except CoachError as error:
            if not run.tally.stories:
                raise
            code = run.give_up(error)
        else:
            code = run.exit_code(is_whole=is_whole)
        summary = run.tally.summary(code)
        for sink in sinks:
            sink.end(summary)
    return code


async def _assess(
    order: Order, settings: Settings, catalog: Catalog, items: Iterator[Story | UnreadableStory], run: "_Run"
) -> bool:
    engine = order.engine or settings.engine
    judge = None
    if engine == "llm" or (engine == "auto" and settings.has_model):
        from app.judge.model import open_cache, open_judge, read_patience

        folder = order.cache or settings.cache_dir or default_cache_dir()
        cache = open_cache(folder, settings) if order.keeps_answers else None
        judge = open_judge(settings, catalog, patience=read_patience(settings, queue_s=_QUEUE_S), cache=cache)
    assessor = Assessor(
        catalog,
        judge=judge,
        rubric=settings.rubric,
        max_story_chars=settings.max_story_chars,
        effort=Effort(depth=order.effort.depth or settings.depth, samples=order.effort.samples or settings.samples),
    )
    if judge is None and engine != "llm":
        return await Crew(assessor, rubric=order.rubric, jobs=order.jobs).run(items, run.take)
    try:
        return await Batch(assessor, engine=engine, rubric=order.rubric, jobs=order.jobs).run(items, run.take)
    finally:
        if judge is not None:
            await judge.aclose()


class _Run:
    """What has come out so far."""

    def __init__(self, order: Order, sinks: list[Sink], rubric: Rubric) -> None:
        self._order = order
        self._sinks = sinks
        self._rubric = rubric
        self._others: Counter[str] = Counter()
        self.tally = Tally()

    def read(self) -> Iterator[Story | UnreadableStory]:
        for path in self._order.paths:
            shown = os.fsencode(path).decode("utf-8", "backslashreplace")
            if path == "-":
                items = read_stream(sys.stdin.buffer, "-", vet=self._vet)
                items = items if sys.stdin.isatty() else stoppable(items)
            else:
                items = read_stories(
                    Path(path),
                    shown,
                    on_skip=lambda name: note(f"{name}: holds no story, passed over"),
                    on_other=lambda suffix: self._others.update([suffix]),
                    vet=self._vet,
                )
            for item in items:
                yield item if isinstance(item, UnreadableStory) else self._order.defaults.fill(item)
        self._tell_of_others()

    def _vet(self, story: Story) -> None:
        check_target(self._rubric, role=story.role, level=story.level, principles=story.principles)

    def _tell_of_others(self) -> None:
        """Say once what stood in the folders beside stories."""
        if not self._others:
            return
        count = self._others.total()
        kinds = ", ".join(f"{number} {kind or 'without a suffix'}" for kind, number in sorted(self._others.items()))
        note(f"{count} file{'s' if count > 1 else ''} of other kinds passed over ({kinds})")

    def take(self, outcome: Outcome | UnreadableStory) -> None:
        if isinstance(outcome, UnreadableStory):
            self.tally.unreadable += 1
            self._report(Trouble.of(outcome))
            return
        assessment = outcome.assessment
        self.tally.add(assessment, below=self._order.gate.stops(assessment))
        if outcome.failure is not None:
            self._report(Trouble.of(outcome.failure, path=assessment.story.path, story_id=assessment.story.id))
        for sink in self._sinks:
            sink.add(assessment, outcome.story)

    def exit_code(self, *, is_whole: bool) -> Exit:
        self.tally.interrupted = not is_whole
        if not is_whole:
            return Exit.INTERRUPTED
        if self.tally.stories == self.tally.unreadable:
            complain("no story could be read" if self.tally.stories else "there are no stories in what was named")
            return Exit.USAGE
        if not self.tally.is_complete:
            return Exit.INCOMPLETE
        return Exit.BELOW_THRESHOLD if self.tally.below else Exit.PASSED

    def give_up(self, error: CoachError) -> Exit:
        """End a run that no further story can pass, with what has come out before."""
        complain(error.detail)
        self.tally.interrupted = True
        self.tally.errors.append(Trouble.of(error))
        return exit_code(error)

    def _report(self, trouble: Trouble) -> None:
        self.tally.errors.append(trouble)
        point_at(str(trouble))
