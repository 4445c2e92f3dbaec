"""When a webhook that was not taken is sent again."""

import hashlib

from app.webhooks.delivery import Delivery

MINUTE_S = 60.0
HOUR_S = 60 * MINUTE_S

WAITS_S = (5.0, 5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S, 14 * HOUR_S, 20 * HOUR_S, 24 * HOUR_S)
"""Seconds after each failed try; over three days in all, as Standard Webhooks advises."""

_JITTER = 0.2


def next_wait_s(delivery: Delivery, message_id: str, *, tried: int) -> float | None:
    """Return the seconds until the next try, or None when there is none.

    The wait is the schedule's, longer by up to a fifth so that the receivers of an outage don't all get theirs at the
    same moment; it depends on nothing but the arguments, so that a job that starts over gets the same. What the
    receiver asks for is a floor.

    Args:
        delivery: How the last try went.
        message_id: What the event is known by.
        tried: Tries so far, at least 1.
    """
    if not delivery.may_try_again or tried > len(WAITS_S):
        return None
    share = int.from_bytes(hashlib.sha256(f"{message_id}/{tried}".encode()).digest()[:4], "big") / 2**32
    return max(WAITS_S[tried - 1] * (1 + _JITTER * share), delivery.retry_after_s or 0.0)
