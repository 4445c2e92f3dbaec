"""How long to wait: deadlines, Retry-After and jitter."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Patience:
    """The bounds of one question to the model; all in seconds.

    Attributes:
        deadline_s: From the first request to the last byte, over all tries and the waits between them.
        attempt_s: One request, its body included.
        queue_s: For a free place among the calls in flight.
        first_wait_s: Longest jitter before the second try; doubles with each further try.
        longest_wait_s: Where that doubling ends.
        attempts: Requests that may fail, the first included.
    """

    deadline_s: float
    attempt_s: float
    queue_s: float
    first_wait_s: float = 0.5
    longest_wait_s: float = 8.0
    attempts: int = 3

    @property
    def margin_s(self) -> float:
        """What is left of the deadline when no further request is worth while."""
        return min(1.0, self.deadline_s / 10)

    def wait_s(self, tried: int, *, floor_s: float | None, remaining_s: float) -> float | None:
        """Return how long to wait before the next try, or None when no useful time would be left.

        The endpoint's own wish is a floor. Jitter over the full window comes on top, and at least half of what remains
        after the floor stays for the request.

        Args:
            tried: Requests made so far, at least 1.
            floor_s: What the endpoint asked for.
            remaining_s: Time to the deadline.
        """
        left = remaining_s - (floor_s or 0.0)
        if left <= self.margin_s:
            return None
        window = min(self.first_wait_s * 2.0 ** (tried - 1), self.longest_wait_s, left / 2)
        return (floor_s or 0.0) + random.uniform(0.0, window)  # noqa: S311 - spreads load, protects nothing


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a reply asks to wait, at most a day; None for no, a past or a senseless wish."""
    milliseconds = _finite(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    wish = headers.get("retry-after")
    seconds = _finite(wish)
    if seconds is not None:
        return _bounded(seconds)
    return _bounded(_until(wish))


def _finite(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _until(text: str | None) -> float | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()


def _bounded(seconds: float | None) -> float | None:
    return None if seconds is None or seconds < 0 else min(seconds, _DAY_S)
