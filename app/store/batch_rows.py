"""Read and write a batch's rows in a session that is open."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy
from sqlalchemy import ColumnElement, and_, func
from sqlmodel import Session, col, select

from app.domain import NANO, Assessment
from app.errors import NotFound
from app.store.batch_records import BatchOptions, BatchRecord, BatchStatus, Counts, ItemRecord, Line, State
from app.store.batch_tables import BatchRow, ItemRow
from app.store.texts import is_id


def is_batch(user_id: str, batch_id: str) -> ColumnElement[bool]:
    """Ask for one batch of one user."""
    return and_(col(BatchRow.user_id) == user_id, col(BatchRow.id) == batch_id)


def is_item_of(user_id: str, batch_id: str) -> ColumnElement[bool]:
    """Ask for the stories of one batch of one user."""
    return and_(col(ItemRow.user_id) == user_id, col(ItemRow.batch_id) == batch_id)


def load_batch(session: Session, user_id: str, batch_id: str) -> BatchRow:
    """Return a batch's row.

    Raises:
        NotFound: The user has no such batch.
    """
    row = session.get(BatchRow, (user_id, batch_id)) if is_id(batch_id) else None
    if row is None:
        raise _no_batch()
    return row


def lock_batch(session: Session, user_id: str, batch_id: str) -> BatchRow:
    """Return a batch's row, and keep everyone else from changing it until the transaction ends.

    Raises:
        NotFound: The user has no such batch.
    """
    query = select(BatchRow).where(is_batch(user_id, batch_id)).with_for_update()
    row = session.exec(query).one_or_none() if is_id(batch_id) else None
    if row is None:
        raise _no_batch()
    return row


def find_last_turn(session: Session, user_id: str) -> int:
    """Return the turn of the last job of a user's that may still wait; 0 where there is none."""
    running = and_(col(BatchRow.user_id) == user_id, col(BatchRow.status) == BatchStatus.RUNNING)
    return session.exec(select(func.max(BatchRow.last_turn)).where(running)).one() or 0


def end_if_done(session: Session, row: BatchRow, line: Line) -> bool:
    """Close a locked batch of which nothing waits or is under way any more, and tell whether it was closed now."""
    under_way = is_item_of(row.user_id, row.id) & col(ItemRow.state).in_([State.QUEUED, State.RUNNING])
    session.flush()
    is_done = session.exec(select(ItemRow.number).where(under_way).limit(1)).first() is None
    if not is_done or row.finished_at is not None:
        return False
    row.finished_at = datetime.now(UTC)
    if row.status == BatchStatus.RUNNING:
        row.status = BatchStatus.FINISHED
    session.add(row)
    if row.options.get("webhook_url"):
        line.announce(session.connection(), row.user_id, row.id, row.round)
    return True


def to_batch(session: Session, row: BatchRow) -> BatchRecord:
    """Return the value of a batch's row and its stories'."""
    session.flush()
    return to_batches(session, row.user_id, [row])[row.id]


def to_batches(session: Session, user_id: str, rows: Sequence[BatchRow]) -> dict[str, BatchRecord]:
    """Return the values of batches' rows and their stories', by id."""
    counts: dict[str, dict[str, int]] = {row.id: {} for row in rows}
    costs: dict[str, int] = dict.fromkeys(counts, 0)
    unpriced: dict[str, int] = dict.fromkeys(counts, 0)
    query = (
        sqlalchemy.select(
            col(ItemRow.batch_id),
            col(ItemRow.state),
            func.count(),
            func.coalesce(func.sum(col(ItemRow.cost_nanousd)), 0),
            func.count(col(ItemRow.assessment_id)) - func.count(col(ItemRow.cost_nanousd)),
        )
        .where(col(ItemRow.user_id) == user_id, col(ItemRow.batch_id).in_(list(counts)))
        .group_by(col(ItemRow.batch_id), col(ItemRow.state))
    )
    for batch_id, state, count, cost, without in session.connection().execute(query):
        counts[batch_id][state] = count
        costs[batch_id] += int(cost or 0) if state != State.RUNNING else 0  # there it is what is held back
        unpriced[batch_id] += without if state == State.DONE else 0
    return {
        row.id: BatchRecord(
            id=row.id,
            status=BatchStatus(row.status),
            options=BatchOptions.model_validate(row.options),
            counts=Counts.model_validate(counts[row.id]),
            sequence=row.sequence,
            round=row.round,
            cost_usd=None if unpriced[row.id] else costs[row.id] / NANO,
            created_at=row.created_at,
            finished_at=row.finished_at,
        )
        for row in rows
    }


def to_item(row: ItemRow, body: str | None) -> ItemRecord:
    """Return the value of an ended story's row and its assessment's."""
    return ItemRecord(
        sequence=row.sequence or 0,
        number=row.number,
        story_id=row.story_id,
        state=State(row.state),
        error=row.error,
        attempts=row.attempts,
        finished_at=row.finished_at or datetime.now(UTC),
        assessment=Assessment.model_validate_json(body) if body is not None else None,
    )


def _no_batch() -> NotFound:
    return NotFound("there is no such batch")
