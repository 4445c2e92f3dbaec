"""What is done for the stories of batches: begun, paid for and ended, each in one step."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import update
from sqlmodel import Session, col

from app.domain import NANO, Assessment, Bill, Engine
from app.errors import LimitExceeded, NotFound, StoreUnavailable
from app.store.assessments import insert_assessment
from app.store.batch_records import Assignment, BatchOptions, BatchStatus, Job, Line, State
from app.store.batch_rows import end_if_done, is_batch, lock_batch
from app.store.batch_tables import BatchRow, ItemRow
from app.store.database import Database


class Verdict(NamedTuple):
    """What came of a story: an assessment of a revision, or the kind of the failure."""

    revision_id: str | None = None
    assessment: Assessment | None = None
    error: str | None = None


class _Payment(NamedTuple):
    user_id: str
    batch_id: str
    limit_nanousd: int


_paying: ContextVar[_Payment | None] = ContextVar("paying", default=None)


class BatchWork:
    """Begins and ends what is done for stories; a job that has ended, or whose batch is gone, is not begun again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, job: Job) -> Assignment | None:
        """Return what to do for a job; None when there is nothing to do, or no longer."""

        def work(session: Session) -> Assignment | None:
            item = session.get(ItemRow, (job.user_id, job.batch_id, job.number), with_for_update=True)
            if item is None or item.state not in {State.QUEUED, State.RUNNING}:
                return None
            batch = session.get(BatchRow, (job.user_id, job.batch_id))
            if batch is None or (batch.status != BatchStatus.RUNNING and item.state == State.QUEUED):
                return None
            item.state = State.RUNNING
            item.attempts += 1
            session.add(item)
            return Assignment(item.story_id, item.attempts, BatchOptions.model_validate(batch.options))

        return await self._database.write(work, user_id=job.user_id)

    async def end(self, job: Job, story_id: str, verdict: Verdict, line: Line) -> bool:
        """Store what came of a job with its end in one step, unless it has ended already; tell whether it was stored.

        The batch's row is locked first, so ends become visible in the order of their sequence.
        """

        def work(session: Session) -> bool:
            try:
                batch = lock_batch(session, job.user_id, job.batch_id)
            except NotFound:
                return False
            item = session.get(ItemRow, (job.user_id, job.batch_id, job.number))
            if item is None or item.state != State.RUNNING:
                return False
            given = verdict
            if given.assessment is not None and given.revision_id is not None:
                given = _store(session, job.user_id, story_id, given)
            batch.sequence += 1
            item.sequence = batch.sequence
            item.state = State.DONE if given.assessment is not None else State.FAILED
            item.assessment_id = given.assessment.id if given.assessment is not None else None
            item.error = given.error
            item.cost_nanousd = _cost(given.assessment)
            item.finished_at = datetime.now(UTC)
            session.add_all([batch, item])
            end_if_done(session, batch, line)
            return True

        return await self._database.write(work, user_id=job.user_id)

    def purse(self) -> "BatchPurse":
        """Return what the calls for batches with a budget are paid from."""
        return BatchPurse(self._database)


class BatchPurse:
    """The budget of a batch, one for all processes; see `Purse` of the judge.

    Which batch pays is told by `paid_by`, around the work; what is done outside is not limited.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

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
        if not await self._add(payment, most, limit=payment.limit_nanousd):
            raise LimitExceeded("the budget of this batch for model calls is used up", slug="over-budget")
        try:
            yield
        finally:
            with suppress(StoreUnavailable):  # the most that it can cost stays charged, so no budget is exceeded
                await self._add(payment, (bill.spent.charge.nanousd or 0) - most)

    async def _add(self, payment: _Payment, nanousd: int, *, limit: int | None = None) -> bool:
        statement = update(BatchRow).where(is_batch(payment.user_id, payment.batch_id))
        if limit is not None:
            statement = statement.where(col(BatchRow.charged_nanousd) <= limit - nanousd)
        statement = statement.values(charged_nanousd=col(BatchRow.charged_nanousd) + nanousd)
        return await self._database.write(
            lambda session: session.connection().execute(statement).rowcount == 1, user_id=payment.user_id
        )


@asynccontextmanager
async def paid_by(job: Job, options: BatchOptions) -> AsyncGenerator[None]:
    """Let a job's batch pay for what is asked inside."""
    limit = options.max_cost_usd
    token = _paying.set(None if limit is None else _Payment(job.user_id, job.batch_id, int(limit * NANO)))
    try:
        yield
    finally:
        _paying.reset(token)


def _store(session: Session, user_id: str, story_id: str, verdict: Verdict) -> Verdict:
    if verdict.assessment is None or verdict.revision_id is None:
        return verdict
    try:
        with session.begin_nested():
            placed = insert_assessment(session, user_id, story_id, verdict.revision_id, verdict.assessment)
    except NotFound:  # the story was erased meanwhile, and nothing of it may stay
        return Verdict(error="not-found")
    return verdict._replace(assessment=placed)


def _cost(assessment: Assessment | None) -> int | None:
    if assessment is None:
        return None
    if assessment.provenance.engine is Engine.RULES:
        return 0
    cost_usd = assessment.provenance.cost_usd
    return None if cost_usd is None else round(cost_usd * NANO)
