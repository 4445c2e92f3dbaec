"""The state of one question to the model: what was tried, what it took, and what to do after a failure."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

from tenacity import AsyncRetrying, retry_if_exception, stop_never

from app.domain import Bill
from app.judge.failures import MEANINGS, Fault, Kind
from app.judge.patience import Patience
from app.judge.reply import Tokens
from app.judge.retries import RetryBudget

LONGEST_WAIT_S = 5.0  # where another model could answer at once

_FALLS_BACK = frozenset(
    {
        Kind.RATE_LIMITED,
        Kind.PROVIDER_UNAVAILABLE,
        Kind.CONNECTION_LOST,
        Kind.TIMEOUT,
        Kind.BAD_RESPONSE,
        Kind.TOO_LONG,
    }
)
# Another try after these may make an outage worse. A wait that the endpoint asked for does not.
_MAKES_WORSE = frozenset(
    {Kind.RATE_LIMITED, Kind.PROVIDER_UNAVAILABLE, Kind.UNREACHABLE, Kind.CONNECTION_LOST, Kind.TIMEOUT}
)


class Asking:
    """One question on its way through tries and models.

    Args:
        patience: Its bounds.
        output_tokens: The limit of the first try.
        routes: How many models may be asked, the fallbacks included.
        retries: What all questions together may try again.
        payer: Id of the user whose budget it counts against.
    """

    def __init__(
        self, patience: Patience, output_tokens: int, *, routes: int, retries: RetryBudget, payer: str | None
    ) -> None:
        self._patience = patience
        self._routes = routes
        self._retries = retries
        self._most_tries = max(patience.attempts, routes)
        self._now = asyncio.get_running_loop().time
        self._queue_s = patience.queue_s
        self._deadline = self._began = 0.0
        self._limit = asyncio.timeout(None)
        self._kinds: Counter[Kind] = Counter()
        self._tried = 0
        self._sent_before = 0
        self._counts: list[Tokens | None] = []
        self._bills: list[Bill] = []
        self._wait_s: float | None = None
        self.payer = payer
        self.route = 0
        self.attempts = 0
        self.output_tokens = output_tokens
        self.repair = False
        self.retrying = AsyncRetrying(
            retry=retry_if_exception(self._may_try_again),
            wait=lambda _: self._wait_s or 0.0,
            stop=stop_never,
            sleep=asyncio.sleep,
            reraise=True,
        )

    @contextmanager
    def queued(self) -> Generator[float]:
        """Spend time waiting for a turn inside; gives the longest wait."""
        began = self._now()
        try:
            yield self._queue_s
        finally:
            self._queue_s = max(0.0, self._queue_s - (self._now() - began))

    @asynccontextmanager
    async def within_deadline(self) -> AsyncGenerator[None]:
        """Start the clock, and end what is inside when it has run down.

        Raises:
            Fault: It has.
        """
        self._began = self._now()
        self._deadline = self._began + self._patience.deadline_s
        try:
            async with self._limit:
                self._limit.reschedule(self._deadline)
                yield
        except TimeoutError:
            raise Fault(Kind.TIMEOUT) from None

    @contextmanager
    def off_the_clock(self) -> Generator[float]:
        """Wait for a turn inside: it is not the model that is slow. Gives the longest wait."""
        began = self._now()
        self._limit.reschedule(None)
        try:
            with self.queued() as longest_s:
                yield longest_s
        finally:
            self._deadline += self._now() - began
            self._limit.reschedule(self._deadline)

    @property
    def has_fallback(self) -> bool:
        """Tell whether another model could still be asked."""
        return self.route + 1 < self._routes

    @property
    def remaining_s(self) -> float:
        """Time to the deadline."""
        return max(0.0, self._deadline - self._now())

    @property
    def took_ms(self) -> int:
        """Time since the clock was started."""
        return int((self._now() - self._began) * 1000)

    @property
    def attempt_s(self) -> float:
        """How long the next request may take: it ends a little before the deadline, so that it is seen to have."""
        return max(0.0, min(self._patience.attempt_s, self.remaining_s - self._patience.margin_s / 10))

    @property
    def tokens(self) -> Tokens | None:
        """The sum over all replies; None when one of them gave no plausible numbers."""
        known = [count for count in self._counts if count is not None]
        if not known or len(known) < len(self._counts):
            return None
        return Tokens(*(sum(parts) for parts in zip(*known, strict=True)))

    @property
    def cost_usd(self) -> float | None:
        """The sum over all requests; None where a price is not known."""
        costs = [bill.spent.charge.usd for bill in self._bills]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None

    def send(self, bill: Bill) -> None:
        """Count a request."""
        self.attempts += 1
        self._bills.append(bill)

    def add(self, tokens: Tokens | None) -> None:
        """Count a reply's tokens."""
        self._counts.append(tokens)

    def learn(self, fault: Fault) -> None:
        """Take note of a failed try and of what the next one must do differently."""
        self._kinds[fault.kind] += 1
        self._tried += self.attempts > self._sent_before
        self._sent_before = self.attempts
        if fault.kind is Kind.TRUNCATED:
            self.output_tokens *= 2
        self.repair = self.repair or fault.kind is Kind.INVALID_OUTPUT

    def _may_try_again(self, error: BaseException) -> bool:
        self._wait_s = self._plan(error) if isinstance(error, Fault) else None
        return self._wait_s is not None

    def _plan(self, fault: Fault) -> float | None:
        """Return how long to wait before the next try, which may be another model's; None to give up."""
        left = self._most_tries - self._tried
        if left <= 0:
            return None
        wait_s = self._wait_for_the_same(fault)
        may_move = self.has_fallback and fault.kind in _FALLS_BACK and self.remaining_s > self._patience.margin_s
        is_last_chance = left <= self._routes - 1 - self.route or fault.kind is Kind.TIMEOUT
        if may_move and (wait_s is None or wait_s > LONGEST_WAIT_S or is_last_chance):
            return self._move()
        if wait_s is None or (self._costs_a_retry(fault) and not self._retries.take()):
            return self._move() if may_move else None
        return wait_s

    def _move(self) -> float:
        self.route += 1
        self._kinds.clear()
        self.repair = False
        return 0.0

    def _wait_for_the_same(self, fault: Fault) -> float | None:
        tries = MEANINGS[fault.kind].tries
        if fault.final or (tries is not None and self._kinds[fault.kind] >= tries):
            return None
        if self._tried >= self._patience.attempts:
            return None
        return self._patience.wait_s(max(1, self._tried), floor_s=fault.retry_after_s, remaining_s=self.remaining_s)

    @staticmethod
    def _costs_a_retry(fault: Fault) -> bool:
        is_asked_for = fault.kind is Kind.RATE_LIMITED and fault.retry_after_s is not None
        return fault.kind in _MAKES_WORSE and not is_asked_for
