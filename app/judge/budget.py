"""Hold back what a request may cost before it is sent, and settle with what it took."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from typing import Protocol

from app.domain import NANO, Bill, Charge
from app.errors import LimitExceeded


class Purse(Protocol):
    """Whatever requests are paid from: a process's own, or one in the database for all processes of a service."""

    def paying(self, bill: Bill) -> AbstractAsyncContextManager[None]:
        """Hold back the most that a request may cost while it runs, and keep what it took.

        Raises:
            LimitExceeded: The purse does not hold that much; nothing inside is run.
            StoreUnavailable: The database does not answer; nothing inside is run.
        """
        ...


class RunPurse:
    """The budget of one process, such as one run of the command.

    A request that fits only once others have ended waits for them, in the order of coming; one that can't fit any more
    is refused.

    Args:
        cost_usd: None for no limit.
        tokens: In and out together; None for no limit.
    """

    def __init__(self, *, cost_usd: float | None = None, tokens: int | None = None) -> None:
        self._limit_nanousd = None if cost_usd is None else int(cost_usd * NANO)
        self._limit_tokens = tokens
        self._spent = Charge(0, 0)
        self._held = Charge(0, 0)
        self._line = asyncio.Lock()
        self._settled = asyncio.Event()

    @property
    def spent(self) -> Charge:
        """What has been spent so far, requests under way not included."""
        return self._spent

    @asynccontextmanager
    async def paying(self, bill: Bill) -> AsyncGenerator[None]:
        """See `Purse.paying`."""
        await self._hold(bill.most)
        try:
            yield
        finally:
            self._held = _add(self._held, bill.most, sign=-1)
            self._spent = _add(self._spent, bill.spent.charge)
            self._settled.set()

    async def _hold(self, most: Charge) -> None:
        async with self._line:
            while not self._fits(_add(_add(self._spent, self._held), most)):
                if not self._fits(_add(self._spent, most)):
                    raise LimitExceeded("the budget of this run for model calls is used up", slug="over-budget")
                self._settled.clear()
                await self._settled.wait()
            self._held = _add(self._held, most)

    def _fits(self, charge: Charge) -> bool:
        return (self._limit_nanousd is None or (charge.nanousd or 0) <= self._limit_nanousd) and (
            self._limit_tokens is None or charge.tokens <= self._limit_tokens
        )


def _add(one: Charge, other: Charge, *, sign: int = 1) -> Charge:
    return Charge(one.tokens + sign * other.tokens, (one.nanousd or 0) + sign * (other.nanousd or 0))


@asynccontextmanager
async def paying(
    purses: Sequence[Purse], bill: Bill, *, waiting: Callable[[], AbstractContextManager[object]] = nullcontext
) -> AsyncGenerator[None]:
    """Pay a request from every one of some purses.

    Args:
        purses: What it is paid from.
        bill: What it costs.
        waiting: Entered while it is not yet its turn.

    Raises:
        LimitExceeded: One of them does not hold that much.
        StoreUnavailable: The database does not answer.
    """
    async with AsyncExitStack() as stack:
        with waiting():
            for purse in purses:
                await stack.enter_async_context(purse.paying(bill))
        yield
