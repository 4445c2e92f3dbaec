"""Open what has stories assessed through a provider's batches."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.catalog import Catalog
from app.cli.complaint import note
from app.cli.order import Order
from app.cli.runners import asks_model, make_assessor, open_kept
from app.coach.batch import Runner
from app.coach.rounds import InRounds
from app.errors import InvalidInput, Misconfigured
from app.settings import Settings, default_cache_dir


@asynccontextmanager
async def open_batches(order: Order, settings: Settings, catalog: Catalog) -> AsyncGenerator[Runner]:
    """Give whoever has the order's stories assessed through the batches of the model's provider.

    Raises:
        InvalidInput: Options contradict each other.
        Conflict: Another process does the same, with the same model and cache.
        Misconfigured: There is no model, or its endpoint or the cache can't be used.
    """
    from app.judge.batch_judge import Deferred, Workshop, open_batch_judge

    if not asks_model(order, settings):
        raise Misconfigured(
            "--via batch-api needs a model: set OPENAI_API_KEY, and leave --engine rules out", slug="no-model"
        )
    cache = open_kept(order, settings)
    if cache is None:
        raise InvalidInput(
            "--via batch-api can't go with --no-cache: the answers of a batch lie in the cache", slug="bad-option"
        )
    folder = order.cache or settings.cache_dir or default_cache_dir()
    async with open_batch_judge(Workshop(settings, catalog, cache, folder, tell=note)) as judge:
        yield InRounds(
            make_assessor(order, settings, catalog, judge),
            judge,
            deferred=Deferred,
            engine=order.engine or settings.engine,
            rubric=order.rubric,
            jobs=order.jobs,
        )
