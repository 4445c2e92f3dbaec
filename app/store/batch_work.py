"""What is done for the stories of batches: begun and ended, each in one step."""

from datetime import UTC, datetime
from typing import NamedTuple

from sqlmodel import Session

from app.domain import NANO, Assessment, Engine
from app.errors import NotFound
from app.store.assessments import insert_assessment
from app.store.batch_purse import BatchPurse
from app.store.batch_records import Assignment, BatchOptions, BatchStatus, Job, Line, State
from app.store.batch_rows import end_if_done, lock_batch
from app.store.batch_tables import BatchRow, ItemRow
from app.store.database import Database


class Verdict(NamedTuple):
    """What came of a story: an assessment of a revision, or the kind of the failure."""

    revision_id: str | None = None
    assessment: Assessment | None = None
    error: str | None = None


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
            item.cost_nanousd = None  # what a process that died held back stays charged
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

    def purse(self) -> BatchPurse:
        """Return what the calls for batches with a budget are paid from."""
        return BatchPurse(self._database)


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
