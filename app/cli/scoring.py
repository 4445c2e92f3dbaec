"""Carry out `star-coach score`: read, assess, report, decide the exit code."""

import asyncio
import sys
from collections.abc import Iterator

from app.catalog import Catalog
from app.cli.complaint import hushed
from app.cli.exits import Exit
from app.cli.order import Order
from app.cli.output import open_sinks, pair
from app.cli.progress import Progress, choose_progress, find_surroundings
from app.cli.run import Run
from app.cli.runners import asks_model, open_runner
from app.cli.sources import Sources
from app.cli.thresholds import Thresholds
from app.domain import Story
from app.errors import CoachError, UnreadableStory
from app.rubric import Rubric
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
    with hushed(is_quiet=order.is_quiet):
        if order.is_dry_run:
            from app.cli.forecasting import tell_forecast

            return tell_forecast(order, settings, catalog, rubric)
        if order.watches:
            from app.cli.watching import watch_stories

            return watch_stories(order, settings, catalog, rubric)
        if settings.max_cost_usd is not None and asks_model(order, settings):
            from app.cli.forecasting import may_go_on

            if not may_go_on(order, settings, catalog, rubric):
                return Exit.INTERRUPTED
        return _score(order, settings, catalog, rubric)


def _score(order: Order, settings: Settings, catalog: Catalog, rubric: Rubric) -> Exit:
    thresholds = Thresholds(order)
    with open_sinks(pair(order.formats, order.outputs), rubric, order.gate) as sinks:
        sources = Sources(order, rubric)
        progress = choose_progress("none" if order.is_quiet else order.progress, find_surroundings())
        run = Run(order, sinks, thresholds, sources, progress)
        # A terminal's line is read here, where Ctrl-C still stops it.
        is_typed = "-" in order.paths and sys.stdin is not None and sys.stdin.isatty()  # pyright: ignore[reportUnnecessaryComparison] - None when it was closed at the start
        items = iter(list(sources.read())) if is_typed else sources.read()
        progress.begin(sources.count() if progress.needs_total else None)
        try:
            is_whole = asyncio.run(_assess(order, settings, catalog, items, run, progress))
        except CoachError as error:
            if not run.tally.stories:
                raise
            code = run.give_up(error)
        else:
            code = run.finish(is_whole=is_whole)
        run.close(code)
    return code


async def _assess(  # noqa: PLR0913, PLR0917 - one call, read once
    order: Order,
    settings: Settings,
    catalog: Catalog,
    items: Iterator[Story | UnreadableStory],
    run: Run,
    progress: Progress,
) -> bool:
    async with open_runner(order, settings, catalog) as runner, progress.shown():
        return await runner.run(items, run.take)
