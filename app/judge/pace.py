"""Ask no faster than allowed: requests and tokens a minute, first come, first served."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from app.errors import LimitExceeded
from app.judge.failures import Fault, Kind

_MINUTE_S = 60.0
_LONGEST_PAUSE_S = 60.0  # an endpoint may ask for hours; after a minute one request looks whether that still holds
_A_MOMENT_S = 1e-6  # less is rounding
_ROOM_S = 1.0  # a request may take this much longer to arrive than the next one
_BURST_S = 6.0 - _ROOM_S  # endpoints let a tenth of a minute's allowance go at once, counted as it arrives
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_DIGITS = re.compile(r"\d{1,12}")


class _Allowance:
    """A bucket that never gives more than its limit within any minute: a twelfth at once, the rest as a steady flow."""

    def __init__(self, limit: int, now: float) -> None:
        self.limit = limit
        self._largest = 1.0
        self._level = self._capacity
        self._filled_at = now

    @property
    def _capacity(self) -> float:
        return max(self.limit * _BURST_S / _MINUTE_S, min(self._largest, self.limit))

    @property
    def _per_second(self) -> float:
        return max(self.limit - self._capacity, self.limit / 2) / _MINUTE_S

    def wait_s(self, amount: float, now: float) -> float:
        """Return how long it takes until an amount is there."""
        self._largest = max(self._largest, amount)
        self._fill(now)
        return max(0.0, min(amount, self.limit) - self._level) / self._per_second

    def wait_in_line_s(self, ahead: float, amount: float, now: float) -> float:
        """Return how long it takes until an amount is there after others took theirs."""
        self._fill(now)
        return max(0.0, ahead + min(amount, self.limit) - self._level) / self._per_second

    def take(self, amount: float) -> None:
        """Take an amount that is there."""
        self._level -= min(amount, self.limit)

    def believe(self, remaining: float, since_s: float, now: float) -> None:
        """Take the endpoint's word that no more than this was left some time ago: others may share the limit."""
        self._fill(now)  # or what flowed in until now would be added to the endpoint's word
        self._level = min(self._level, remaining + since_s * self._per_second)

    def narrow(self, limit: int, now: float) -> None:
        """Go on with another limit."""
        self._fill(now)
        self.limit = limit
        self._level = min(self._level, self._capacity)

    def _fill(self, now: float) -> None:
        self._level = min(self._capacity, self._level + (now - self._filled_at) * self._per_second)
        self._filled_at = now


class Mark(NamedTuple):
    """The moment at which a request was sent, and all that had been sent until then, itself included."""

    at: float
    sent: Mapping[str, float]


Reserve = Callable[[int, float], Awaitable[float]]
"""Takes a turn among all processes for so many tokens, and returns the seconds until it comes; raises `LimitExceeded`
where that is longer than the second argument."""


class Pace:
    """The rate at which one model may be asked.

    Args:
        requests: A minute; None until the endpoint tells a limit.
        tokens: A minute, in and out together; None until the endpoint tells a limit.
        clock: Monotonic seconds.
        sleep: Waits for seconds.
        reserve: Takes a turn among all processes, after the one in this; None where there is no other.
    """

    def __init__(
        self,
        requests: int | None = None,
        tokens: int | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        reserve: Reserve | None = None,
    ) -> None:
        self._own = {"requests": requests, "tokens": tokens}
        self._clock = clock
        self._sleep = sleep
        self._reserve = reserve
        self._allowances = {name: _Allowance(limit, clock()) for name, limit in self._own.items() if limit}
        self._paused_until = 0.0
        self._line = asyncio.Lock()  # its waiters are served in the order of their coming
        self._ahead = {"requests": 0.0, "tokens": 0.0}
        self._sent = {"requests": 0.0, "tokens": 0.0}

    @property
    def paused_s(self) -> float:
        """How much longer the endpoint wants to be left alone."""
        return max(0.0, self._paused_until - self._clock())

    @property
    def is_free(self) -> bool:
        """Tell whether a request may go at once, whatever its size."""
        return not self._allowances and not self.paused_s and self._reserve is None

    async def turn(self, tokens: int, *, longest_wait_s: float) -> None:
        """Return when it is a request's turn.

        Args:
            tokens: What the request may take, in and out.
            longest_wait_s: A turn that would come later is not waited for.

        Raises:
            Fault: The turn would come too late.
        """
        amounts = {"requests": 1.0, "tokens": float(tokens)}
        wait_s = self._wait_s(amounts, in_line=True)
        if wait_s > longest_wait_s:
            raise Fault(Kind.RATE_LIMITED, retry_after_s=wait_s, final=True)
        _add(self._ahead, amounts)
        try:
            async with self._line:
                while (wait_s := self._wait_s(amounts, in_line=False)) > 0:
                    await self._sleep(wait_s)
                for name, allowance in self._allowances.items():
                    allowance.take(amounts[name])
        finally:
            _add(self._ahead, amounts, sign=-1)
        if self._reserve is not None:
            await self._sleep(await self._take_shared(tokens, longest_wait_s))

    async def _take_shared(self, tokens: int, longest_wait_s: float) -> float:
        if self._reserve is None:
            return 0.0
        try:
            return await self._reserve(tokens, longest_wait_s)
        except LimitExceeded as refusal:
            failure = Fault(Kind.RATE_LIMITED, retry_after_s=refusal.retry_after_s, final=True)
        raise failure

    def mark(self, tokens: int) -> Mark:
        """Note that a request is sent now; what its reply says of the rate is true of this moment."""
        _add(self._sent, {"requests": 1.0, "tokens": float(tokens)})
        return Mark(self._clock(), dict(self._sent))

    def pause(self, seconds: float) -> None:
        """Let nobody ask for a while: at most a minute."""
        if seconds > 0:
            self._paused_until = max(self._paused_until, self._clock() + min(seconds, _LONGEST_PAUSE_S))

    def learn(self, headers: Mapping[str, str], mark: Mark) -> None:
        """Take a reply's `x-ratelimit-*` headers into account; an own limit is only ever narrowed by them.

        Args:
            headers: The reply's.
            mark: When the request was sent.
        """
        now = self._clock()
        since_s = max(0.0, now - mark.at - _ROOM_S)  # it was true when the request arrived, not when it left
        for name, own in self._own.items():
            limit = _read_number(headers.get(f"x-ratelimit-limit-{name}"))
            remaining = _read_number(headers.get(f"x-ratelimit-remaining-{name}"))
            if limit:
                self._adopt(name, min(limit, own or limit), now)
            if remaining is not None and name in self._allowances:
                left = remaining - (self._sent[name] - mark.sent[name])
                self._allowances[name].believe(left, since_s, now)
            if remaining == 0:
                reset_s = read_duration(headers.get(f"x-ratelimit-reset-{name}")) or 0.0
                self.pause(reset_s - since_s)

    def _adopt(self, name: str, limit: int, now: float) -> None:
        known = self._allowances.get(name)
        if known is None:
            self._allowances[name] = _Allowance(limit, now)
        elif known.limit != limit:
            known.narrow(limit, now)

    def _wait_s(self, amounts: Mapping[str, float], *, in_line: bool) -> float:
        now = self._clock()
        waits = [
            allowance.wait_in_line_s(self._ahead[name], amounts[name], now)
            if in_line
            else allowance.wait_s(amounts[name], now)
            for name, allowance in self._allowances.items()
        ]
        longest = max([self.paused_s, *waits])
        return longest if longest > _A_MOMENT_S else 0.0


def _add(sums: dict[str, float], amounts: Mapping[str, float], *, sign: int = 1) -> None:
    for name, amount in amounts.items():
        sums[name] += sign * amount


def read_duration(text: str | None) -> float | None:
    """Return the seconds of a text such as `6m0s`, `1.5s`, `20ms` or a bare number; None for anything else."""
    if not text:
        return None
    if _DIGITS.fullmatch(text):
        return float(text)
    found = _DURATION.fullmatch(text[:40])
    if found is None:
        return None
    hours, minutes, seconds, milliseconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000


def _read_number(text: str | None) -> int | None:
    return int(text) if text and _DIGITS.fullmatch(text) else None
