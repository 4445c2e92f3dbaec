"""Routes of batches: hand in, look, follow, stop, try again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from starlette.responses import StreamingResponse

from app.http import batch_examples as examples
from app.http.auth import Batcher, Eraser, Reader, ScopedRoute
from app.http.batch_bodies import NDJSON, Order, read_order
from app.http.batch_schemas import BatchPage, BatchRequest, BatchView
from app.http.batch_streams import stream_events, stream_results
from app.http.idempotency import TheOnce, reply_with_batch
from app.http.openapi import accepted, answered, describe_body, document_problems
from app.http.paging import LINK_HEADER, ThePage
from app.http.services import TheDesk, TheServices, TheStore

router = APIRouter(prefix="/v1/batches", tags=["batches"], route_class=ScopedRoute)

BatchId = Annotated[str, Path(description="Id of a batch.")]
After = Annotated[int, Query(ge=0, le=2**31 - 1, description="Only what came to its end after this cursor.")]
LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", pattern=r"^[0-9]{1,9}$", description="Go on after this event.", examples=["17"]),
]


@router.post(
    "",
    operation_id="create_batch",
    summary="Assess many stories",
    status_code=202,
    response_model=BatchView,
    response_description="The batch is stored and waits for its turn; look at `Location` for how far it is.",
    responses={
        **accepted("batch", examples.BATCH),
        **document_problems("not-found", "once", "body", slugs=("no-model", "limit-exceeded", "misconfigured")),
    },
    openapi_extra=describe_body(BatchRequest, examples.BATCH_BODIES, others={NDJSON: examples.NDJSON_BODIES}),
)
async def create_batch(
    caller: Batcher, order: Annotated[Order, Depends(read_order)], once: TheOnce, desk: TheDesk
) -> Response:
    """Store up to 10,000 stories and assess them as there is room, in fair turns with other users.

    They come as JSON, as ids of kept stories, as `all_stories`, or as NDJSON with a story a line. When this has
    answered, nothing is lost any more, whatever stops or dies.
    """
    return await once.create(
        lambda receipt: desk.submit(caller.user_id, order.stories, order.options, receipt=receipt), reply_with_batch
    )


@router.get(
    "",
    operation_id="list_batches",
    summary="List batches",
    response_description="A page of batches, newest first.",
    responses={**answered(examples.BATCH_PAGE, LINK_HEADER), **document_problems("parameters")},
)
async def list_batches(caller: Reader, page: ThePage, store: TheStore) -> BatchPage:
    """Return the batches of the key's user, newest first."""
    found = await store.batches.page(caller.user_id, cursor=page.cursor, limit=page.limit)
    page.link(found.next_cursor)
    return BatchPage(items=tuple(BatchView.of(record) for record in found.items), next_cursor=found.next_cursor)


@router.get(
    "/{batch_id}",
    operation_id="get_batch",
    summary="Look how far a batch is",
    response_description="The batch as it is now.",
    responses={**answered(examples.BATCH), **document_problems("not-found")},
)
async def get_batch(caller: Reader, batch_id: BatchId, store: TheStore) -> BatchView:
    """Return how many stories are where, how fast it goes, how long it may take and what it has cost."""
    return BatchView.of(await store.batches.get(caller.user_id, batch_id))


@router.get(
    "/{batch_id}/results",
    operation_id="get_batch_results",
    summary="Read a batch's results",
    response_class=StreamingResponse,
    response_description="A result a line, in the order in which the stories came to their end.",
    responses={
        200: {"content": {NDJSON: {"schema": {"type": "string"}, "example": examples.RESULT_LINE}}},
        **document_problems("not-found", "parameters"),
    },
)
async def get_batch_results(
    caller: Reader,
    batch_id: BatchId,
    services: TheServices,
    *,
    after: After = 0,
    follow: Annotated[bool, Query(description="Stay until the batch has ended, 15 minutes at most.")] = False,
) -> StreamingResponse:
    """Return the results so far, with their assessments, also while the batch runs; each line names its cursor."""
    store = services.store
    batch = await store.batches.get(caller.user_id, batch_id)
    lines = stream_results(store, caller.user_id, batch, after, services.stopping, follow=follow)
    return StreamingResponse(lines, media_type=NDJSON)


@router.get(
    "/{batch_id}/events",
    operation_id="follow_batch",
    summary="Follow a batch",
    response_class=StreamingResponse,
    response_description="Server-sent events: `story` for each that came to its end, then `end`.",
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}, "example": examples.EVENT}}},
        **document_problems("not-found", "parameters"),
    },
)
async def follow_batch(
    caller: Reader, batch_id: BatchId, services: TheServices, last_event_id: LastEventId = None
) -> StreamingResponse:
    """Send an event as each story comes to its end; ids only grow, and Last-Event-ID goes on after one.

    A comment every 10 seconds shows that the connection lives. After 15 minutes it ends, to be opened again.
    """
    store = services.store
    batch = await store.batches.get(caller.user_id, batch_id)
    events = stream_events(store, caller.user_id, batch, int(last_event_id or 0), services.stopping)
    return StreamingResponse(events, media_type="text/event-stream")


@router.post(
    "/{batch_id}/cancel",
    operation_id="cancel_batch",
    summary="Stop a batch",
    response_description="The batch as it is now.",
    responses={**answered(examples.BATCH), **document_problems("not-found")},
)
async def cancel_batch(caller: Batcher, batch_id: BatchId, desk: TheDesk) -> BatchView:
    """Let nothing of the batch begin any more. What is under way comes to its end; what has ended stays."""
    return BatchView.of(await desk.cancel(caller.user_id, batch_id))


@router.post(
    "/{batch_id}/retry",
    operation_id="retry_batch",
    summary="Try failed stories again",
    response_description="The batch as it is now.",
    responses={**answered(examples.BATCH), **document_problems("not-found", slugs=("conflict",))},
)
async def retry_batch(caller: Batcher, batch_id: BatchId, desk: TheDesk) -> BatchView:
    """Let the failed stories of a finished batch wait for their turn again; the others stay as they are."""
    return BatchView.of(await desk.retry(caller.user_id, batch_id))


@router.delete(
    "/{batch_id}",
    operation_id="delete_batch",
    summary="Delete a batch",
    status_code=204,
    response_description="The batch is gone; its stories and their assessments stay.",
    responses=document_problems("not-found"),
)
async def delete_batch(caller: Eraser, batch_id: BatchId, desk: TheDesk) -> None:
    """Stop a batch and forget it. Stories and assessments belong to nobody but their user, so they stay."""
    await desk.delete(caller.user_id, batch_id)
