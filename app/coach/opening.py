"""Open what assessing for users takes: the database, the catalog and the model."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.readers import Readers
from app.domain import Effort
from app.judge.cache import AnswerCache, open_cache
from app.judge.findings import Judge
from app.settings import Settings
from app.store import DailyLimits, Store
from app.store.migrate import upgrade
from app.store.pacing import Rates


class Opened(NamedTuple):
    """The parts of one process; `answers` is None where a model's answers are not kept."""

    store: Store
    catalog: Catalog
    assessor: Assessor
    answers: AnswerCache | None


@asynccontextmanager
async def opened(settings: Settings) -> AsyncGenerator[Opened]:
    """Open them, and close them at the end.

    Raises:
        Misconfigured: The schema is not this release's, a rubric or prompt is broken, or the model's settings are.
        StoreUnavailable: The database does not answer.
    """
    url = settings.database_url.get_secret_value()
    catalog = Catalog(settings.rubrics_dir, settings.prompts_dir)
    catalog.check()
    if settings.is_database_embedded:
        await asyncio.to_thread(upgrade, url)
    async with Store.open(url) as store:
        await store.check_schema()
        async with assessing(settings, catalog, store) as (assessor, answers):
            yield Opened(store, catalog, assessor, answers)


@asynccontextmanager
async def assessing(
    settings: Settings, catalog: Catalog, store: Store
) -> AsyncGenerator[tuple[Assessor, AnswerCache | None]]:
    """Open what assesses in this event loop, for who has a database and a catalog; and close it at the end.

    Raises:
        Misconfigured: The model's settings can't be used.
    """
    async with AsyncExitStack() as stack:
        answers = open_cache(settings.cache_dir, settings) if settings.cache_dir else None
        judge = _open_judge(settings, catalog, store, answers, stack) if settings.has_model else None
        readers = Readers(settings.reading_processes)
        stack.push_async_callback(readers.aclose)
        assessor = Assessor(
            catalog,
            judge=judge,
            rubric=settings.rubric,
            max_story_chars=settings.max_story_chars,
            effort=Effort(depth=settings.depth, samples=settings.samples),
            longest_s=settings.deadline_s,
            look=readers.look,
        )
        yield assessor, answers


def _open_judge(
    settings: Settings, catalog: Catalog, store: Store, answers: AnswerCache | None, stack: AsyncExitStack
) -> Judge:
    from app.judge.model import open_judge  # noqa: PLC0415 - without a model nobody waits for the SDK to load

    limits = DailyLimits(
        settings.daily_cost_usd, settings.daily_tokens, settings.user_daily_cost_usd, settings.user_daily_tokens
    )
    purses = (store.spending.purse(limits), store.batch_work.purse())
    rates = Rates(settings.requests_per_minute, settings.tokens_per_minute)

    async def reserve(model: str, tokens: int, longest_wait_s: float) -> float:
        return await store.pacing.reserve(model, rates, tokens, longest_wait_s=longest_wait_s)

    judge = open_judge(settings, catalog, purses=purses, cache=answers, reserve=reserve if rates.is_any else None)
    stack.push_async_callback(judge.aclose)
    return judge
