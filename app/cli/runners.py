"""Choose who assesses the stories of an order: the one place that knows the ways to have it done."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from app.analysis.memory import Memory
from app.catalog import Catalog
from app.cli.order import Order
from app.coach.assess import Assessor
from app.coach.batch import Batch, Runner
from app.coach.crew import Crew
from app.coach.readers import Looker, Readers
from app.domain import Effort
from app.judge.findings import Judge
from app.settings import Settings, default_cache_dir

_QUEUE_S = 24 * 3600.0  # nobody waits for one story of a batch: however slowly it may ask, it asks for all
_REMEMBERED = 1024  # sentences, of some 5 KB each, in every process: those of the last fifty stories or so

if TYPE_CHECKING:
    from app.judge.cache import AnswerCache


@asynccontextmanager
async def open_runner(order: Order, settings: Settings, catalog: Catalog) -> AsyncGenerator[Runner]:
    """Give whoever assesses the order's stories; what was opened for it is closed at the end.

    Raises:
        InvalidInput: Options contradict each other.
        Misconfigured: The service, the model's endpoint or the cache can't be used.
    """
    engine = order.engine or settings.engine
    if order.server is not None:
        from app.cli.delegating import open_service

        async with open_service(order.server, order, settings, catalog) as runner:
            yield runner
        return
    if order.via == "batch-api":
        from app.cli.batching import open_batches

        async with open_batches(order, settings, catalog) as runner:
            yield runner
        return
    if not asks_model(order, settings):
        yield Crew(make_assessor(order, settings, catalog, None), rubric=order.rubric, jobs=order.jobs)
        return
    from app.judge.model import open_judge, read_patience

    cache = open_kept(order, settings)
    judge = open_judge(settings, catalog, patience=read_patience(settings, queue_s=_QUEUE_S), cache=cache)
    readers = Readers(settings.reading_processes)
    try:
        assessor = make_assessor(order, settings, catalog, judge, look=readers.look)
        yield Batch(assessor, engine=engine, rubric=order.rubric, jobs=order.jobs)
    finally:
        await readers.aclose()
        await judge.aclose()


def open_kept(order: Order, settings: Settings) -> "AnswerCache | None":
    """Open the folder of answers that were paid for; None where none are to be kept.

    Raises:
        Misconfigured: The folder can't be used.
    """
    from app.judge.cache import open_cache

    folder = order.cache or settings.cache_dir or default_cache_dir()
    return open_cache(folder, settings) if order.keeps_answers else None


def asks_model(order: Order, settings: Settings) -> bool:
    """Tell whether an order is to be carried out with a model."""
    engine = order.engine or settings.engine
    return engine == "llm" or (engine == "auto" and settings.has_model)


def make_assessor(
    order: Order, settings: Settings, catalog: Catalog, judge: Judge | None, look: Looker | None = None
) -> Assessor:
    """Return what assesses one story as ordered."""
    return Assessor(
        catalog,
        judge=judge,
        rubric=settings.rubric,
        max_story_chars=settings.max_story_chars,
        effort=Effort(depth=order.effort.depth or settings.depth, samples=order.effort.samples or settings.samples),
        look=look,
        memory=Memory(_REMEMBERED),
    )
