"""Tell what a run would take, and ask before one that may cost more than it is allowed to."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import typer

from app.catalog import Catalog
from app.cli.complaint import complain, note, point_at
from app.cli.exits import Exit
from app.cli.order import Order
from app.cli.runners import asks_model, make_assessor, open_kept
from app.cli.sources import Sources
from app.coach.batch import own_failure
from app.domain import Story
from app.errors import CoachError, InvalidInput, UnreadableStory
from app.judge.forecast import Forecast, Forecaster, add_up
from app.reports.counting import counted, counted_stories
from app.reports.report import Trouble
from app.reports.terminal import defuse
from app.rubric import Rubric
from app.settings import Settings

_MANY = 100


class Outlook(NamedTuple):
    """What a run would take.

    Attributes:
        stories: Those that can be read.
        troubles: Why others can't be read or assessed.
        asking: What asking the model takes.
    """

    stories: int
    troubles: tuple[Trouble, ...]
    asking: Forecast


def tell_forecast(order: Order, settings: Settings, catalog: Catalog, rubric: Rubric) -> Exit:
    """Write to stdout what an order would take; nothing is assessed, asked or kept.

    Raises:
        InvalidInput: The order can't be foreseen here.
        Misconfigured: The model's endpoint or the cache can't be used.
    """
    if order.server is not None:
        raise InvalidInput("--dry-run foresees what is done here, not in a service", slug="bad-option")
    sources = Sources(order, rubric)
    outlook = asyncio.run(_look_ahead(order, settings, catalog, sources))
    if outlook.stories + len(outlook.troubles) == 0 and not sources.has_nothing_new:
        complain(sources.tell_of_nothing())
        return Exit.USAGE
    for trouble in outlook.troubles:
        point_at(str(trouble))
    model = settings.model if asks_model(order, settings) else None
    is_data = order.formats[0].value in {"json", "jsonl"}
    sys.stdout.write(_as_json(outlook, model) if is_data else "\n".join(_as_text(outlook, model)) + "\n")
    sys.stdout.flush()
    return Exit.PASSED


def may_go_on(order: Order, settings: Settings, catalog: Catalog, rubric: Rubric) -> bool:
    """Tell whether to start: not where the run may cost more than allowed and somebody at a terminal says no.

    Raises:
        Misconfigured: The model's endpoint or the cache can't be used.
    """
    limit = settings.max_cost_usd
    if limit is None or order.server is not None or "-" in order.paths or not _is_somebody_there():
        return True
    sources = Sources(order, rubric, tell=lambda _: None)
    if (count := sources.count() or 0) > _MANY:
        note(f"looking at what {counted_stories(count)} may cost")
    cost = asyncio.run(_look_ahead(order, settings, catalog, sources)).asking.cost_usd
    if cost is None or cost <= limit:
        return True
    question = f"This may cost up to {cost:.4f} USD, and {limit:g} USD are allowed. Go on until they are spent?"
    return typer.confirm(question, err=True)


def _is_somebody_there() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()  # pyright: ignore[reportUnnecessaryComparison] - None when it was closed at the start


async def _look_ahead(order: Order, settings: Settings, catalog: Catalog, sources: Sources) -> Outlook:
    troubles: list[Trouble] = []
    stories = 0

    def readable() -> Iterator[Story]:
        nonlocal stories
        for item in sources.read():
            if isinstance(item, UnreadableStory):
                troubles.append(Trouble.of(item))
            else:
                stories += 1
                yield item

    if not asks_model(order, settings):
        for _ in readable():
            pass
        return Outlook(stories, tuple(troubles), Forecast())
    found = [forecast async for forecast in _foresee(order, settings, catalog, readable(), troubles)]
    return Outlook(stories, tuple(troubles), add_up(found))


async def _foresee(
    order: Order, settings: Settings, catalog: Catalog, stories: Iterator[Story], troubles: list[Trouble]
) -> AsyncIterator[Forecast]:
    forecaster = Forecaster(settings, catalog, open_kept(order, settings), in_a_batch=order.via == "batch-api")
    assessor = make_assessor(order, settings, catalog, None)
    for story in stories:
        try:
            plan = assessor.plan(story, rubric=order.rubric)
        except CoachError as error:
            troubles.append(Trouble.of(own_failure(error), path=story.path, story_id=story.id))
        else:
            if plan is not None:
                yield await forecaster.foresee(plan.brief, plan.samples)
        await asyncio.sleep(0)  # Ctrl-C arrives here


def _as_json(outlook: Outlook, model: str | None) -> str:
    asking = outlook.asking
    told = {
        "stories": outlook.stories,
        "errors": [trouble.model_dump(mode="json") for trouble in outlook.troubles],
        "model": model,
        "calls": asking.calls,
        "recalled": asking.recalled,
        "input_tokens": asking.input_tokens,
        "output_tokens": asking.output_tokens,
        "cost_usd": asking.cost_usd,
    }
    return json.dumps({"estimate": told}) + "\n"


def _as_text(outlook: Outlook, model: str | None) -> Iterator[str]:
    asking = outlook.asking
    lost = f", {len(outlook.troubles)} that can't be read or assessed" if outlook.troubles else ""
    yield f"{counted_stories(outlook.stories)}{lost}"
    if model is None:
        yield "no model is asked: the rules engine answers alone, at no cost"
        return
    yield f"{counted(asking.calls, 'question')} to {defuse(model)}, {asking.recalled} of them with a kept answer"
    yield f"tokens: about {asking.input_tokens} in, at most {asking.output_tokens} out"
    if asking.cost_usd is None:
        yield "cost: unknown, since there is no price of this model (COACH_PRICES_FILE)"
    else:
        yield f"cost: at most about {asking.cost_usd:.4f} USD"
