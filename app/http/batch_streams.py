"""Send what comes of a batch as it comes: results as NDJSON, events as SSE."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import suppress

from app.errors import CoachError
from app.http.batch_schemas import BatchResult, BatchView
from app.store import BatchRecord, BatchStatus, Store
from app.store.batches import MOST_RESULTS

POLL_S = 0.5
HEARTBEAT_S = 10.0
LONGEST_S = 900.0  # then the client comes again with the id of the last event
_FEW = 100


async def stream_results(  # noqa: PLR0913 - what it reads, whose, and until when
    store: Store, user_id: str, batch: BatchRecord, after: int, stopping: asyncio.Event, *, follow: bool
) -> AsyncGenerator[str]:
    """Yield what came to its end after a cursor, a line each; all until now, or until the batch has ended."""
    until = time.monotonic() + LONGEST_S
    while True:
        items = await store.batches.results(user_id, batch.id, after=after, limit=_FEW)
        for item in items:
            yield BatchResult.of(item).model_dump_json() + "\n"
            after = item.sequence
        if items:
            continue
        if not follow or batch.finished_at is not None or time.monotonic() > until:
            return
        if await _is_set_within(stopping, POLL_S):  # the client comes again, to whoever serves then
            return
        try:
            batch = await store.batches.get(user_id, batch.id)
        except CoachError:  # it was deleted
            return


async def stream_events(
    store: Store, user_id: str, batch: BatchRecord, after: int, stopping: asyncio.Event
) -> AsyncGenerator[str]:
    """Yield an event for each story that comes to its end after an id, and one when all have; else a sign of life."""
    until = time.monotonic() + LONGEST_S
    heard = time.monotonic()
    yield "retry: 2000\n\n"
    while time.monotonic() < until:
        items = await store.batches.results(user_id, batch.id, after=after, limit=MOST_RESULTS, whole=False)
        for item in items:
            told = item.model_dump(mode="json", exclude={"assessment", "sequence"})
            yield _event("story", told, number=item.sequence)
            after = item.sequence
        if items:
            heard = time.monotonic()
            continue
        if batch.finished_at is not None:
            yield _event("end", BatchView.of(batch).model_dump(mode="json"), number=max(after, batch.sequence))
            return
        if time.monotonic() - heard >= HEARTBEAT_S:
            yield ": still here\n\n"
            heard = time.monotonic()
        if await _is_set_within(stopping, POLL_S):  # the client comes again, to whoever serves then
            return
        try:
            batch = await store.batches.get(user_id, batch.id)
        except CoachError:  # it was deleted
            return


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


def is_over(batch: BatchRecord) -> bool:
    """Tell whether nothing more comes of a batch."""
    return batch.status is not BatchStatus.RUNNING and batch.finished_at is not None


def _event(name: str, data: dict[str, object], *, number: int) -> str:
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
