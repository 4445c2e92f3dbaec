"""Keep tries after the first to a share of all calls, so that an outage is not made worse by asking for more."""

import time
from collections import deque
from collections.abc import Callable


class RetryBudget:
    """How many tries after the first are left for all calls of a process together.

    Args:
        share: Further tries for each call of the window.
        at_least: So many are always left, since a share of few calls is nothing.
        window_s: What lies longer ago does not count.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        *,
        share: float = 0.1,
        at_least: int = 10,
        window_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._share = share
        self._at_least = at_least
        self._window_s = window_s
        self._clock = clock
        self._calls: deque[float] = deque()
        self._retries: deque[float] = deque()

    def add_call(self) -> None:
        """Count a call, which earns its share of a further try."""
        self._calls.append(self._clock())
        self._forget()

    def take(self) -> bool:
        """Take one further try; False when none is left."""
        self._forget()
        if len(self._retries) + 1 > max(self._at_least, self._share * len(self._calls)):
            return False
        self._retries.append(self._clock())
        return True

    def _forget(self) -> None:
        old = self._clock() - self._window_s
        for times in (self._calls, self._retries):
            while times and times[0] < old:
                times.popleft()
