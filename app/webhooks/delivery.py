"""One try to deliver a webhook: signed, to a checked address, and over within seconds."""

import asyncio
import logging
import time
from enum import StrEnum
from typing import NamedTuple

import httpcore2
import httpx2

from app.errors import InvalidInput
from app.outbound import AddressRefused, GuardedBackend, GuardedTransport, Resolve, quieten, resolve
from app.settings import Settings
from app.webhooks.event import BatchFinished
from app.webhooks.signing import read_keys, sign
from app.webhooks.target import Target, check_target, is_not_local, is_not_public

DEADLINE_S = 15.0
_CONNECT_S = 5.0
_MAX_REPLY_BYTES = 16 * 1024
_LONGEST_WISH_S = 86_400
_GONE = 410
_TIMES_TO_WAIT = frozenset({429, 503})

logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of a try."""

    DELIVERED = "delivered"
    GONE = "gone"  # the receiver wants no more of them
    NOT_ALLOWED = "not-allowed"  # the URL, its host or its address may not be called
    REJECTED = "rejected"  # an answer other than success, redirects included
    UNREACHABLE = "unreachable"  # no name, no connection, no TLS, or a broken answer
    TOO_SLOW = "too-slow"


_FINAL = frozenset({Outcome.DELIVERED, Outcome.GONE, Outcome.NOT_ALLOWED})


class Delivery(NamedTuple):
    """How a try went; holds nothing that a receiver or a user chose but the status.

    Attributes:
        status: The HTTP status, where there was an answer.
        milliseconds: From the start to the answer.
        retry_after_s: What the receiver asked for, a day at most.
    """

    outcome: Outcome
    status: int | None = None
    milliseconds: int = 0
    retry_after_s: float | None = None

    @property
    def may_try_again(self) -> bool:
        """Tell whether a later try may succeed."""
        return self.outcome not in _FINAL


async def deliver(
    event: BatchFinished, url: str, *, settings: Settings, deadline_s: float = DEADLINE_S, resolve: Resolve = resolve
) -> Delivery:
    """Send an event once; never raises for what the receiver or the network does.

    The name is resolved once and the connection goes to an address that was checked, so a name can't lead elsewhere
    afterwards. Redirects are not followed, the proxies of the environment are not used, and at most 16 KiB of the
    answer are read.

    Args:
        event: What to tell.
        url: Where to; checked anew, since the operator may have changed what is allowed.
        settings: The hosts that are allowed, and the secrets.
        deadline_s: For everything from the name's look-up to the end of the answer.
        resolve: Turns a host and a port into addresses.

    Raises:
        Misconfigured: There is no secret, or none that can be used.
    """
    keys = read_keys(settings)
    began = time.monotonic()
    try:
        target = check_target(url, settings)
        async with asyncio.timeout(deadline_s):
            tried = await _post(event, target, keys, resolve)
    except (InvalidInput, AddressRefused):
        tried = Delivery(Outcome.NOT_ALLOWED)
    except (TimeoutError, httpx2.TimeoutException):
        tried = Delivery(Outcome.TOO_SLOW)
    except (httpx2.HTTPError, httpcore2.NetworkError, httpcore2.ProtocolError, OSError):
        tried = Delivery(Outcome.UNREACHABLE)
    delivery = tried._replace(milliseconds=round((time.monotonic() - began) * 1000))
    level = logging.INFO if delivery.outcome is Outcome.DELIVERED else logging.WARNING
    logger.log(
        level, "webhook %s: %s status=%s ms=%d", event.id, delivery.outcome, delivery.status, delivery.milliseconds
    )
    return delivery


async def _post(event: BatchFinished, target: Target, keys: tuple[bytes, ...], resolve: Resolve) -> Delivery:
    body, moment = event.render(), int(time.time())
    headers = {
        "accept-encoding": "identity",
        "content-type": "application/json",
        "user-agent": "star-story-coach",
        "webhook-id": event.id,
        "webhook-timestamp": str(moment),
        "webhook-signature": sign(keys, event.id, moment, body),
    }
    async with open_client(target, resolve) as client:
        request = httpx2.Request("POST", target.url, headers=headers, content=body)
        answer = await client.send(request, stream=True, follow_redirects=False)
        try:
            await _read_some(answer)
        finally:
            await answer.aclose()
    if answer.is_success:
        return Delivery(Outcome.DELIVERED, answer.status_code)
    outcome = Outcome.GONE if answer.status_code == _GONE else Outcome.REJECTED
    return Delivery(outcome, answer.status_code, retry_after_s=_read_wish(answer))


def open_client(target: Target, resolve: Resolve) -> httpx2.AsyncClient:
    """Return a client for one delivery, all of whose connections go to addresses that may be called."""
    quieten("httpx2", "httpcore2")
    refuses = is_not_local if target.is_local else is_not_public
    limits = httpx2.Limits(max_connections=1, max_keepalive_connections=0)
    transport = GuardedTransport(GuardedBackend(refuses, resolve=resolve), limits)
    timeout = httpx2.Timeout(DEADLINE_S, connect=_CONNECT_S)
    return httpx2.AsyncClient(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)


async def _read_some(answer: httpx2.Response) -> None:
    """Let the receiver finish its answer, which nobody reads, unless it goes on and on."""
    size = 0
    async for chunk in answer.aiter_raw():
        size += len(chunk)
        if size > _MAX_REPLY_BYTES:
            return


def _read_wish(answer: httpx2.Response) -> float | None:
    wish = answer.headers.get("retry-after", "").strip()
    if answer.status_code not in _TIMES_TO_WAIT or not wish.isdecimal() or not wish.isascii():
        return None
    return float(min(int(wish[:9]), _LONGEST_WISH_S))
