"""Leave a model alone that keeps failing, and let a single request find out whether it is back."""

import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager

from app.judge.failures import Fault, Kind

_FAILURES = frozenset(
    {Kind.PROVIDER_UNAVAILABLE, Kind.UNREACHABLE, Kind.CONNECTION_LOST, Kind.TIMEOUT, Kind.BAD_RESPONSE}
)
_FATAL = frozenset({Kind.PROVIDER_QUOTA, Kind.KEY_REFUSED})  # no further request can fare better soon
_NEUTRAL = frozenset({Kind.RATE_LIMITED, Kind.OVERLOADED})  # they tell of load, which the pace answers


class Breaker:
    """The health of one model at one endpoint with one key.

    Args:
        failures: So many in a row, within the window, open it.
        window_s: Failures longer ago don't count.
        rest_s: How long no request is made once it is open.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        *,
        failures: int = 5,
        window_s: float = 60.0,
        rest_s: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._allowed = failures
        self._window_s = window_s
        self._rest_s = rest_s
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=failures)
        self._opened_by: Kind | None = None
        self._rests_until = 0.0
        self._is_probed = False

    def check(self) -> None:
        """Return when a request would be let through now.

        Raises:
            Fault: It would not; the kind is that of the failure that opened the breaker.
        """
        if self._opened_by is None:
            return
        left_s = self._rests_until - self._clock()
        if left_s > 0 or self._is_probed:
            raise Fault(self._opened_by, retry_after_s=max(left_s, 1.0), final=True)

    @contextmanager
    def passing(self) -> Generator[None]:
        """Make one request inside: its end is noted. Being cancelled says nothing about the endpoint.

        Raises:
            Fault: As `check` does; nothing inside is run.
        """
        self.check()
        is_probe = self._is_probed = self._opened_by is not None
        try:
            yield
        except Fault as fault:
            self._note(fault.kind, is_probe=is_probe)
            raise
        else:
            self._note(None, is_probe=is_probe)
        finally:
            if is_probe:
                self._is_probed = False

    def _note(self, kind: Kind | None, *, is_probe: bool) -> None:
        if kind in _NEUTRAL or (self._opened_by is not None and not is_probe):
            return
        if kind in _FATAL or (kind in _FAILURES and (is_probe or self._is_one_too_many())):
            self._opened_by = kind
            self._rests_until = self._clock() + self._rest_s
        elif kind not in _FAILURES:
            self._opened_by = None
            self._failures.clear()

    def _is_one_too_many(self) -> bool:
        now = self._clock()
        self._failures.append(now)
        return len(self._failures) == self._allowed and now - self._failures[0] <= self._window_s
