"""The budget of a batch: what calls for its stories are paid from, one for all processes."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import NamedTuple
from weakref import WeakValueDictionary

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session, col

from app.domain import NANO, Bill
from app.errors import LimitExceeded, StoreUnavailable
from app.store.batch_records import Assignment, Job, State
from app.store.batch_rows import is_batch, is_item_of
from app.store.batch_tables import BatchRow, ItemRow
from app.store.database import Database

LOOK_S = 0.25
LONGEST_WAIT_S = 120.0  # beyond it whoever holds something back has died, and its story waits behind those that wait


class _Payment(NamedTuple):
    job: Job
    attempt: int
    limit_nanousd: int


_paying: ContextVar[_Payment | None] = ContextVar("paying", default=None)


class BatchPurse:
    """The budget of a batch, one for all processes; see `Purse` of the judge.

    A request that fits only once others have ended waits for them; one that can't fit any more is refused. Which batch
    pays is told by `paid_by`, around the work; what is done outside is not limited.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def paying(self, bill: Bill) -> AsyncGenerator[None]:
        """Charge the most that a request can cost while it runs, and what it took once it is over.

        Raises:
            LimitExceeded: The batch's budget does not hold that much; nothing inside is run.
            StoreUnavailable: The database does not answer; nothing inside is run.
        """
        payment = _paying.get()
        if payment is None:
            yield
            return
        most = bill.most.nanousd or 0
        await self._hold(payment, most)
        try:
            yield
        finally:
            with suppress(StoreUnavailable):  # the most that it can cost stays charged, so no budget is exceeded
                await self._settle(payment, most, bill.spent.charge.nanousd or 0)

    async def _hold(self, payment: _Payment, most: int) -> None:
        if await self._try(payment, most):
            return
        until = time.monotonic() + LONGEST_WAIT_S
        async with self._lines.setdefault(payment.job.batch_id, asyncio.Lock()):  # one of this process looks at a time
            while not await self._try(payment, most):
                if time.monotonic() >= until:
                    raise _refusal()
                await asyncio.sleep(LOOK_S)

    async def _try(self, payment: _Payment, most: int) -> bool:
        """Hold an amount back, and tell whether that was possible now.

        Raises:
            LimitExceeded: It will not be possible later either, since so much is spent.
        """
        job, limit = payment.job, payment.limit_nanousd

        def work(session: Session) -> bool:
            if _charge(session, job, most, col(BatchRow.charged_nanousd) <= limit - most):
                _hold_back(session, payment, most)
                return True
            running = is_item_of(job.user_id, job.batch_id) & (col(ItemRow.state) == State.RUNNING)
            held = select(func.coalesce(func.sum(col(ItemRow.cost_nanousd)), 0)).where(running).scalar_subquery()
            query = select(col(BatchRow.charged_nanousd) - held).where(is_batch(job.user_id, job.batch_id))
            spent = session.connection().execute(query).scalar_one_or_none()
            if spent is None or int(spent) + most > limit:
                raise _refusal()
            return False

        return await self._database.write(work, user_id=job.user_id)

    async def _settle(self, payment: _Payment, most: int, spent: int) -> None:
        def work(session: Session) -> None:
            _charge(session, payment.job, spent - most)
            _hold_back(session, payment, -most)

        await self._database.write(work, user_id=payment.job.user_id)


@asynccontextmanager
async def paid_by(job: Job, given: Assignment) -> AsyncGenerator[None]:
    """Let a job's batch pay for what is asked inside."""
    limit = given.options.max_cost_usd
    token = _paying.set(None if limit is None else _Payment(job, given.attempt, int(limit * NANO)))
    try:
        yield
    finally:
        _paying.reset(token)


def _charge(session: Session, job: Job, nanousd: int, *conditions: ColumnElement[bool]) -> bool:
    charged = {"charged_nanousd": col(BatchRow.charged_nanousd) + nanousd}
    statement = update(BatchRow).where(is_batch(job.user_id, job.batch_id), *conditions).values(charged)
    return session.connection().execute(statement).rowcount == 1


def _hold_back(session: Session, payment: _Payment, nanousd: int) -> None:
    """Note what is held back for a story, unless another process has begun it since."""
    job = payment.job
    own = is_item_of(job.user_id, job.batch_id) & (col(ItemRow.number) == job.number)
    still = (col(ItemRow.state) == State.RUNNING) & (col(ItemRow.attempts) == payment.attempt)
    held = {"cost_nanousd": func.coalesce(col(ItemRow.cost_nanousd), 0) + nanousd}
    session.connection().execute(update(ItemRow).where(own, still).values(held))


def _refusal() -> LimitExceeded:
    return LimitExceeded("the budget of this batch for model calls is used up", slug="over-budget")
