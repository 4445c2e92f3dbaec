"""Carry out a request once, however often it is sent with the same Idempotency-Key."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Annotated, NamedTuple, TypeVar

from fastapi import Depends, Header, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from app.domain import Assessment
from app.errors import StoreUnavailable
from app.http.auth import authenticate
from app.http.batch_schemas import BatchView
from app.http.bodies import JSON, count_places
from app.http.problems import FieldError, RequestProblem
from app.http.schemas import StoryView
from app.http.services import TheServices
from app.http.versions import write_etag
from app.judge.cache import AnswerCache
from app.store import BatchRecord, Caller, Receipt, Reply, StoryRecord
from app.store.replies import Replies

HEADER = "Idempotency-Key"
MAX_KEY_CHARS = 255
PRUNE_EVERY_S = 3600.0

V = TypeVar("V")

logger = logging.getLogger("app.http")


class _Sent(NamedTuple):
    """What tells a request from every other."""

    route: str
    key: str
    fingerprint: str


class Once:
    """Answers a request with what is made now, or with what was made for the same key before.

    Nothing but success is kept: whatever fails gives its key back, so the same request may be sent again.

    Args:
        replies: Where answers are kept.
        user_id: Whose request it is; a key means nothing to others.
        sent: The key and what it stands for; None without a key.
        lease_s: After this long the key of a process that died is free.
    """

    def __init__(self, replies: Replies, user_id: str, sent: _Sent | None, *, lease_s: float) -> None:
        self._replies = replies
        self._user_id = user_id
        self._sent = sent
        self._lease_s = lease_s

    async def create(self, make: Callable[[Receipt[V] | None], Awaitable[V]], write: Callable[[V], Reply]) -> Response:
        """Return the answer.

        Args:
            make: Does the work, and stores the receipt's reply in the same step.
            write: Writes the reply of what was made.

        Raises:
            Conflict: The same request is under way.
            InvalidInput: The key stands for another request.
        """
        if self._sent is None:
            return _answer(write(await make(None)))
        route, key, fingerprint = self._sent
        claim = await self._replies.claim(self._user_id, route, key, fingerprint, lease_s=self._lease_s)
        if isinstance(claim, Reply):
            return _answer(claim, replayed=True)
        try:
            made = await make(Receipt(claim, write))
        except BaseException:  # a client that left, too
            with suppress(StoreUnavailable):  # then the lease runs out by itself
                await self._replies.release(self._user_id, claim)
            raise
        return _answer(write(made))


async def read_once(
    caller: Annotated[Caller, Depends(authenticate)],  # the route itself says which scope it needs
    request: Request,
    services: TheServices,
    key: Annotated[
        str | None,
        Header(
            alias=HEADER,
            min_length=1,
            max_length=MAX_KEY_CHARS,
            pattern=r"^[ -~]+$",
            description="Any text of yours that stands for this request, such as a UUID: sent again with the same key, "
            "the request is answered again and not carried out again. Kept for at least 24 hours.",
        ),
    ] = None,
) -> Once:
    """Return what carries out the request once.

    Raises:
        RequestProblem: The header is given twice.
    """
    if len(request.headers.getlist(HEADER)) > 1:
        places = (FieldError(parameter=HEADER, message="Given more than once"),)
        raise RequestProblem("invalid-input", count_places(places), errors=places)
    sent = None if key is None else _Sent(_name_route(request), key, await _take_fingerprint(request))
    return Once(services.store.replies, caller.user_id, sent, lease_s=services.settings.longest_claim_s)


TheOnce = Annotated[Once, Depends(read_once)]


@asynccontextmanager
async def pruning(replies: Replies, answers: AnswerCache | None = None) -> AsyncGenerator[None]:
    """Delete what has been kept long enough, now and every hour while the context lasts."""
    task = asyncio.create_task(_prune_for_ever(replies, answers))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _prune_for_ever(replies: Replies, answers: AnswerCache | None) -> None:
    while True:
        try:
            await replies.prune()
        except StoreUnavailable as error:  # the next time will do
            logger.warning("old replies were not pruned: %s", error.slug)
        if answers is not None:
            await asyncio.to_thread(answers.prune)
        await asyncio.sleep(PRUNE_EVERY_S)


def reply_with_assessment(assessment: Assessment) -> Reply:
    """Return the answer to a request that made an assessment."""
    where = f"/v1/assessments/{assessment.id}"
    return Reply(status=201, headers={"Location": where}, body=assessment.model_dump_json())


def reply_with_story(record: StoryRecord) -> Reply:
    """Return the answer to a request that made a story."""
    headers = {"Location": f"/v1/stories/{record.id}", "ETag": write_etag(record)}
    return Reply(status=201, headers=headers, body=StoryView.of(record).model_dump_json())


def reply_with_batch(record: BatchRecord, *, headers: Mapping[str, str] = {}) -> Reply:
    """Return the answer to a request that made a batch."""
    where = {"Location": f"/v1/batches/{record.id}"}
    return Reply(status=202, headers={**where, **headers}, body=BatchView.of(record).model_dump_json())


def _answer(reply: Reply, *, replayed: bool = False) -> Response:
    headers = {**reply.headers, "Idempotency-Replayed": "true"} if replayed else reply.headers
    return Response(reply.body, reply.status, headers=headers, media_type=JSON)


def _name_route(request: Request) -> str:
    route: APIRoute = request.scope["route"]
    return route.operation_id or route.unique_id


async def _take_fingerprint(request: Request) -> str:
    digest = hashlib.sha256()
    parts = (
        request.url.path.encode(),
        request.url.query.encode(),
        request.headers.get("content-type", "").encode(),
        await request.body(),
    )
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
