"""Tell a receiver that a batch has come to its end, and again later where that fails."""

import asyncio
import logging

from app.errors import Misconfigured, NotFound
from app.jobs.queue import JobQueue
from app.jobs.work import patiently
from app.settings import Settings
from app.store import BatchStatus, Store
from app.webhooks import BatchFinished, Delivery, Outcome, deliver, next_wait_s

logger = logging.getLogger("app.jobs")


class Teller:
    """Delivers webhooks; each try is a job of its own, so a wait of hours holds nothing."""

    def __init__(self, store: Store, queue: JobQueue, settings: Settings) -> None:
        self._store = store
        self._queue = queue
        self._settings = settings

    async def tell(self, user_id: str, batch_id: str, round_: int, attempt: int) -> None:
        """Try once; a batch that is gone, or has gone on since, is not told of."""
        try:
            batch = await patiently(lambda: self._store.batches.get(user_id, batch_id))
        except NotFound:
            return
        url = batch.options.webhook_url
        if batch.finished_at is None or batch.round != round_ or url is None:
            return
        event = BatchFinished(
            batch_id=batch.id,
            status="cancelled" if batch.status is BatchStatus.CANCELLED else "finished",
            counts={"done": batch.counts.done, "failed": batch.counts.failed, "cancelled": batch.counts.cancelled},
            finished_at=batch.finished_at,
            round=batch.round,
        )
        try:
            delivery = await deliver(event, url, settings=self._settings)
        except Misconfigured as error:  # another process, or this one set up better, can do it later
            logger.warning("webhook %s can't be sent by this process: %s", event.id, error.detail)
            delivery = Delivery(Outcome.UNREACHABLE)
        wait_s = next_wait_s(delivery, event.id, tried=attempt)
        if wait_s is not None:
            await asyncio.to_thread(
                self._queue.announce_later, user_id, batch_id, round_, attempt=attempt + 1, delay_s=wait_s
            )
