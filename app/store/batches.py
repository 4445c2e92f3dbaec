"""The batches of each user: stored together with the jobs that wait for their stories."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import Engine, delete, tuple_, update
from sqlmodel import Session, col, select

from app.errors import Conflict, InvalidInput, NotFound
from app.store.batch_records import BatchOptions, BatchRecord, BatchStatus, ItemRecord, Job, Line, State
from app.store.batch_rows import (
    end_if_done,
    find_last_turn,
    is_batch,
    is_item_of,
    load_batch,
    lock_batch,
    to_batch,
    to_batches,
    to_item,
)
from app.store.batch_tables import BatchRow, ItemRow, metadata
from app.store.bulk import Rows, insert_rows, write_out
from app.store.cursors import Place, check_limit, cut_page, read_cursor
from app.store.database import Database
from app.store.records import Page, Receipt, StoryFields
from app.store.replies import save_reply
from app.store.stories import check_texts
from app.store.story_rows import NewStories, insert_stories, write_out_stories
from app.store.tables import AssessmentRow, StoryRow
from app.store.texts import check_storable, is_id

MANY = 1000  # ids in one statement
MOST_RESULTS = 500


class Batches:
    """Keeps batches; each method sees one user's only, and treats everyone else's as absent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        user_id: str,
        stories: Sequence[StoryFields | str] | None,
        options: BatchOptions,
        line: Line,
        *,
        receipt: Receipt[BatchRecord] | None = None,
    ) -> BatchRecord:
        """Store a batch with its new stories and let its jobs wait, all in one step.

        Args:
            user_id: Whose batch.
            stories: New stories, and ids of kept ones; None for all that are kept.
            options: How to assess them.
            line: Where its jobs wait.
            receipt: As for stories.

        Raises:
            InvalidInput: There is no story, or a text can't be stored.
            NotFound: There is no such user, or the user has no such story.
            Conflict: The receipt's claim is lost.
        """
        engine, batch_id = self._database.engine, str(uuid4())
        made = await asyncio.to_thread(_write_out, engine, user_id, batch_id, stories or ())
        check_storable(options.webhook_url)

        def work(session: Session) -> BatchRecord:
            if made.new is not None:
                insert_stories(session, made.new)
            ids = made.ids
            if stories is None:
                ids = _all_stories(session, user_id)
            else:
                _require_stories(session, user_id, {story for story in stories if isinstance(story, str)})
            if not ids:
                raise InvalidInput("there is no story to assess", slug="no-stories")
            items = made.items or _write_out_items(engine, user_id, batch_id, ids)
            jobs = [Job(user_id, batch_id, number, 1) for number in range(len(ids))]
            after = find_last_turn(session, user_id)
            last_turn = line.join(session.connection(), jobs, after, options.interactive)
            row = _new_row(user_id, batch_id, options, len(ids), last_turn)
            session.add(row)
            session.flush()
            insert_rows(session.connection(), items)
            record = to_batch(session, row)
            if receipt is not None:
                save_reply(session, user_id, receipt.claim, receipt.write(record), story_id=None)
            return record

        return await self._database.write(work, user_id=user_id)

    async def get(self, user_id: str, batch_id: str) -> BatchRecord:
        """Return a batch.

        Raises:
            NotFound: The user has no such batch.
        """
        return await self._database.read(
            lambda session: to_batch(session, load_batch(session, user_id, batch_id)), user_id=user_id
        )

    async def page(self, user_id: str, *, cursor: str | None = None, limit: int = 50) -> Page[BatchRecord]:
        """Return the user's batches, newest first; arguments and errors as for stories."""
        check_limit(limit)
        place = read_cursor(cursor) if cursor is not None else None

        def work(session: Session) -> Page[BatchRecord]:
            query = select(BatchRow).where(BatchRow.user_id == user_id)
            if place:
                query = query.where(tuple_(col(BatchRow.created_at), col(BatchRow.id)) < tuple_(*place))
            query = query.order_by(col(BatchRow.created_at).desc(), col(BatchRow.id).desc()).limit(limit + 1)
            rows = session.exec(query).all()
            records = to_batches(session, user_id, rows)
            return cut_page(
                rows, limit, record=lambda row: records[row.id], place=lambda row: Place(row.created_at, row.id)
            )

        return await self._database.read(work, user_id=user_id)

    async def results(
        self, user_id: str, batch_id: str, *, after: int = 0, limit: int = MOST_RESULTS, whole: bool = True
    ) -> tuple[ItemRecord, ...]:
        """Return what has come to its end, in the order in which it did.

        Args:
            user_id: Whose batch.
            batch_id: The batch.
            after: The sequence of the last one that is known.
            limit: At most so many.
            whole: With the assessments.

        Raises:
            NotFound: The user has no such batch.
        """

        def work(session: Session) -> tuple[ItemRecord, ...]:
            load_batch(session, user_id, batch_id)
            query = select(ItemRow).where(is_item_of(user_id, batch_id), col(ItemRow.sequence) > after)
            rows = session.exec(query.order_by(col(ItemRow.sequence)).limit(limit)).all()
            ids = [row.assessment_id for row in rows if row.assessment_id and whole]
            bodies = select(AssessmentRow.id, AssessmentRow.body).where(AssessmentRow.user_id == user_id)
            found = dict(session.exec(bodies.where(col(AssessmentRow.id).in_(ids))).all()) if ids else {}
            return tuple(to_item(row, found.get(row.assessment_id or "")) for row in rows)

        return await self._database.read(work, user_id=user_id)

    async def cancel(self, user_id: str, batch_id: str, line: Line) -> BatchRecord:
        """Let nothing of a batch begin any more; what is under way comes to its end. Cancelling again changes nothing.

        Raises:
            NotFound: The user has no such batch.
        """

        def work(session: Session) -> BatchRecord:
            row = lock_batch(session, user_id, batch_id)
            if row.status == BatchStatus.RUNNING:
                _cancel_waiting(session, row, line.leave(session.connection(), batch_id))
                row.status = BatchStatus.CANCELLED
                end_if_done(session, row, line)
            return to_batch(session, row)

        return await self._database.write(work, user_id=user_id)

    async def retry(self, user_id: str, batch_id: str, line: Line) -> BatchRecord:
        """Let the failed stories of a batch wait for their turn again.

        Raises:
            NotFound: The user has no such batch.
            Conflict: It is under way, or was cancelled.
        """

        def work(session: Session) -> BatchRecord:
            row = lock_batch(session, user_id, batch_id)
            if row.status != BatchStatus.FINISHED:
                raise Conflict(
                    f"the batch is {row.status}; only a finished one can be tried again", slug="not-finished"
                )
            failed = is_item_of(user_id, batch_id) & (col(ItemRow.state) == State.FAILED)
            numbers = session.exec(select(ItemRow.number).where(failed).order_by(col(ItemRow.number))).all()
            if numbers:
                row.round += 1
                jobs = [Job(user_id, batch_id, number, row.round) for number in numbers]
                after = find_last_turn(session, user_id)
                row.last_turn = line.join(session.connection(), jobs, after, bool(row.options.get("interactive")))
                row.status, row.finished_at = BatchStatus.RUNNING, None
                waiting = {"state": State.QUEUED, "attempts": 0, "error": None, "sequence": None, "finished_at": None}
                session.connection().execute(update(ItemRow).where(failed).values(waiting))
            return to_batch(session, row)

        return await self._database.write(work, user_id=user_id)

    async def delete(self, user_id: str, batch_id: str, line: Line) -> None:
        """Delete a batch, whatever is under way of it; its stories and their assessments stay.

        Raises:
            NotFound: The user has no such batch.
        """

        def work(session: Session) -> None:
            lock_batch(session, user_id, batch_id)
            line.leave(session.connection(), batch_id)
            session.exec(delete(BatchRow).where(is_batch(user_id, batch_id)))

        await self._database.write(work, user_id=user_id)


class _Made(NamedTuple):
    """What can be said of a batch before its transaction; None where there is nothing."""

    ids: Sequence[str]
    new: NewStories | None
    items: Rows | None


def _write_out(engine: Engine, user_id: str, batch_id: str, stories: Sequence[StoryFields | str]) -> _Made:
    fresh = [story for story in stories if not isinstance(story, str)]
    for story in fresh:
        check_texts(story)
    new = write_out_stories(engine, user_id, fresh) if fresh else None
    made = iter(new.ids if new else ())
    ids = [story if isinstance(story, str) else next(made) for story in stories]
    return _Made(ids, new, _write_out_items(engine, user_id, batch_id, ids) if ids else None)


def _write_out_items(engine: Engine, user_id: str, batch_id: str, ids: Sequence[str]) -> Rows:
    common = {
        "user_id": user_id,
        "batch_id": batch_id,
        "state": State.QUEUED,
        "attempts": 0,
        **dict.fromkeys(("assessment_id", "error", "cost_nanousd", "sequence", "finished_at")),
    }
    rows = [{**common, "number": number, "story_id": story_id} for number, story_id in enumerate(ids)]
    return write_out(engine, metadata.tables["batch_items"], rows)


def _new_row(user_id: str, batch_id: str, options: BatchOptions, total: int, last_turn: int) -> BatchRow:
    return BatchRow(
        user_id=user_id,
        id=batch_id,
        status=BatchStatus.RUNNING,
        options=options.model_dump(mode="json", exclude_defaults=True),
        total=total,
        last_turn=last_turn,
        sequence=0,
        round=1,
        charged_nanousd=0,
        created_at=datetime.now(UTC),
        finished_at=None,
    )


def _all_stories(session: Session, user_id: str) -> list[str]:
    mine = select(StoryRow.id).where(StoryRow.user_id == user_id)
    return list(session.exec(mine.order_by(col(StoryRow.created_at), col(StoryRow.id))))


def _require_stories(session: Session, user_id: str, ids: set[str]) -> None:
    ordered = sorted(ids)
    found = 0
    for start in range(0, len(ordered), MANY):
        some = ordered[start : start + MANY]
        if all(map(is_id, some)):
            query = select(StoryRow.id).where(StoryRow.user_id == user_id, col(StoryRow.id).in_(some))
            found += len(session.exec(query).all())
    if found != len(ids):
        raise NotFound("there is no such story")


def _cancel_waiting(session: Session, row: BatchRow, numbers_of_jobs: Sequence[int]) -> None:
    """Cancel what waits; each gets its place among those that came to an end.

    Args:
        session: Of the transaction.
        row: The batch, locked.
        numbers_of_jobs: The stories whose jobs waited: some may have begun in a process that is gone.
    """
    mine, state = is_item_of(row.user_id, row.id), col(ItemRow.state)
    begun = set(session.exec(select(ItemRow.number).where(mine, state == State.RUNNING)))
    again = begun.intersection(numbers_of_jobs)
    waiting = mine & ((state == State.QUEUED) | ((state == State.RUNNING) & col(ItemRow.number).in_(again)))
    numbers = session.exec(select(ItemRow.number).where(waiting).order_by(col(ItemRow.number))).all()
    ended = {"state": State.CANCELLED, "finished_at": datetime.now(UTC)}
    place = row.sequence + 1 + col(ItemRow.number) - (numbers[0] if numbers else 0)
    session.connection().execute(update(ItemRow).where(waiting).values(**ended, sequence=place))
    if numbers:
        row.sequence += numbers[-1] - numbers[0] + 1
    session.add(row)
