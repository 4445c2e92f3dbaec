"""Take batches in, and change them: checked, then stored together with their jobs."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.catalog import Catalog
from app.coach.stories import StoryCoach
from app.errors import InvalidInput, Misconfigured, NotFound
from app.settings import Settings
from app.store import BatchOptions, BatchRecord, Line, Receipt, Store, StoryFields
from app.webhooks import check_target, check_webhooks

if TYPE_CHECKING:
    from app.jobs.queue import JobQueue


class Desk:
    """The use cases of batches; DBOS is loaded, and its tables made, with the first change.

    Args:
        settings: Limits, and what may be called.
        store: Where batches are kept.
        catalog: Which rubrics there are.
        coach: Checks stories before they wait.

    Raises:
        Misconfigured: Webhooks are allowed, and could not be sent.
    """

    def __init__(self, settings: Settings, store: Store, catalog: Catalog, coach: StoryCoach) -> None:
        check_webhooks(settings)
        self._settings = settings
        self._store = store
        self._catalog = catalog
        self._coach = coach
        self._queue: JobQueue | None = None
        self._opening = asyncio.Lock()

    async def queue(self) -> "JobQueue":
        """Return where jobs wait.

        Raises:
            StoreUnavailable: The database does not answer.
        """
        async with self._opening:
            if self._queue is None:
                self._queue = await asyncio.to_thread(_open, self._store)
            return self._queue

    async def submit(
        self,
        user_id: str,
        stories: Sequence[StoryFields | str] | None,
        options: BatchOptions,
        *,
        receipt: Receipt[BatchRecord] | None = None,
    ) -> BatchRecord:
        """Store a batch and let its stories wait for their turn.

        Args:
            user_id: Whose batch.
            stories: New stories, or ids of kept ones; None for all that are kept.
            options: How to assess them.
            receipt: As for stories.

        Raises:
            InvalidInput: A story, the rubric, the budget or the webhook can't be used.
            NotFound: The user has no such story.
            Misconfigured: A model is asked for and there is none.
        """
        self._check(options)
        line = await self._line()
        await asyncio.to_thread(self._check_stories, stories or ())
        return await self._store.batches.add(user_id, stories, options, line, receipt=receipt)

    async def cancel(self, user_id: str, batch_id: str) -> BatchRecord:
        """Let nothing of a batch begin any more; as `Batches.cancel`."""
        return await self._store.batches.cancel(user_id, batch_id, await self._line())

    async def retry(self, user_id: str, batch_id: str) -> BatchRecord:
        """Let the failed stories of a batch wait again; as `Batches.retry`."""
        return await self._store.batches.retry(user_id, batch_id, await self._line())

    async def delete(self, user_id: str, batch_id: str) -> None:
        """Delete a batch; as `Batches.delete`."""
        await self._store.batches.delete(user_id, batch_id, await self._line())

    async def _line(self) -> Line:
        return (await self.queue()).line

    def _check(self, options: BatchOptions) -> None:
        if options.engine == "llm" and not self._settings.has_model:
            raise Misconfigured("the engine llm needs a model, and none is configured", slug="no-model")
        if options.rubric is not None:
            try:
                self._catalog.rubric(options.rubric)
            except NotFound:
                raise InvalidInput("there is no such rubric", slug="unknown-rubric") from None
        if options.webhook_url is not None:
            check_target(options.webhook_url, self._settings)
        if options.max_cost_usd is not None and self._settings.has_model:
            self._check_prices()

    def _check_prices(self) -> None:
        from app.judge.prices import load_prices  # noqa: PLC0415 - only a budget needs them

        prices = load_prices(self._settings.prices_file)
        models = (self._settings.model, *self._settings.fallback_models)
        if any(prices.find(model) is None for model in models):
            raise InvalidInput("this service knows no price of its model, so a budget can't be kept", slug="no-price")

    def _check_stories(self, stories: Sequence[StoryFields | str]) -> None:
        for number, story in enumerate(stories):
            if isinstance(story, str):
                continue
            try:
                self._coach.check(story)
            except InvalidInput as error:
                raise InvalidInput(f"story {number}: {error.detail}", slug=error.slug) from None


def _open(store: Store) -> "JobQueue":
    from app.jobs.queue import JobQueue  # noqa: PLC0415 - whoever makes no batch need not load DBOS

    queue = JobQueue(store.engine)
    queue.prepare()
    return queue
