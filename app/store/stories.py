"""The stories of each user, with every text they have had."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, tuple_
from sqlmodel import Session, col, select

from app.store.cursors import Place, bad_cursor, check_limit, cut_page, read_cursor
from app.store.database import Database
from app.store.records import Page, Receipt, Revision, StoryChanges, StoryFields, StoryRecord
from app.store.replies import save_reply
from app.store.story_rows import (
    insert_story,
    is_newest,
    is_story,
    load_revision,
    load_story,
    lock_story,
    save_story,
    to_revision,
    to_story,
)
from app.store.tables import RevisionRow, StoryRow
from app.store.texts import check_storable, hash_text


class Stories:
    """Keeps stories; each method sees one user's only, and treats everyone else's as absent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, user_id: str, fields: StoryFields, *, receipt: Receipt[StoryRecord] | None = None
    ) -> StoryRecord:
        """Store a new story with its first revision.

        Raises:
            InvalidInput: A text holds NUL or half a surrogate pair.
            NotFound: There is no such user.
            Conflict: The receipt's claim is lost.
        """
        check_texts(fields)
        story = make_story(fields)

        def work(session: Session) -> None:
            insert_story(session, user_id, story)
            if receipt is not None:
                save_reply(session, user_id, receipt.claim, receipt.write(story), story_id=story.id)

        await self._database.write(work, user_id=user_id)
        return story

    async def get(self, user_id: str, story_id: str) -> StoryRecord:
        """Return a story with its newest revision.

        Raises:
            NotFound: The user has no such story.
        """
        return await self._database.read(lambda session: load_story(session, user_id, story_id), user_id=user_id)

    async def page(self, user_id: str, *, cursor: str | None = None, limit: int = 50) -> Page[StoryRecord]:
        """Return the user's stories, newest first; stories added meanwhile shift nothing.

        Args:
            user_id: Whose stories.
            cursor: `next_cursor` of the page before; None for the first page.
            limit: 1 to 100.

        Raises:
            InvalidInput: The cursor or the limit can't be used.
        """
        check_limit(limit)
        place = read_cursor(cursor) if cursor is not None else None

        def work(session: Session) -> Page[StoryRecord]:
            query = select(StoryRow, RevisionRow).join(RevisionRow, is_newest()).where(StoryRow.user_id == user_id)
            if place:
                query = query.where(tuple_(col(StoryRow.created_at), col(StoryRow.id)) < tuple_(*place))
            query = query.order_by(col(StoryRow.created_at).desc(), col(StoryRow.id).desc()).limit(limit + 1)
            rows = session.exec(query).all()
            return cut_page(
                rows, limit, record=lambda row: to_story(*row), place=lambda row: Place(row[0].created_at, row[0].id)
            )

        return await self._database.read(work, user_id=user_id)

    async def update(
        self, user_id: str, story_id: str, changes: StoryChanges, *, expected_version: int | None = None
    ) -> StoryRecord:
        """Change the given fields, and add a revision when the text differs, in one step.

        A change that changes nothing leaves the version as it is.

        Raises:
            InvalidInput: A text holds NUL or half a surrogate pair.
            NotFound: The user has no such story.
            Conflict: The story's version is not the expected one.
        """
        check_texts(changes)

        def work(session: Session) -> StoryRecord:
            lock_story(session, user_id, story_id, expected_version)
            before = load_story(session, user_id, story_id)
            after = apply_changes(before, changes)
            save_story(session, user_id, before, after)
            return after

        return await self._database.write(work, user_id=user_id)

    async def delete(self, user_id: str, story_id: str, *, expected_version: int | None = None) -> None:
        """Delete a story with its revisions and assessments, and leave no copy in SQLite's files.

        Raises:
            NotFound: The user has no such story.
            Conflict: The story's version is not the expected one.
        """

        def work(session: Session) -> None:
            lock_story(session, user_id, story_id, expected_version)
            session.exec(delete(StoryRow).where(is_story(user_id, story_id)))

        await self._database.write(work, user_id=user_id, scrub=True)

    async def revisions(
        self, user_id: str, story_id: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Revision]:
        """Return the revisions of a story, newest first.

        Args:
            user_id: Whose story.
            story_id: The story.
            cursor: `next_cursor` of the page before; None for the first page.
            limit: 1 to 100.

        Raises:
            InvalidInput: The cursor or the limit can't be used.
            NotFound: The user has no such story.
        """
        check_limit(limit)
        place = read_cursor(cursor) if cursor is not None else None

        def work(session: Session) -> Page[Revision]:
            load_story(session, user_id, story_id)
            query = select(RevisionRow).where(RevisionRow.user_id == user_id, RevisionRow.story_id == story_id)
            if place:
                last = session.get(RevisionRow, (user_id, story_id, place.id))
                if last is None:
                    raise bad_cursor()
                query = query.where(RevisionRow.number < last.number)
            rows = session.exec(query.order_by(col(RevisionRow.number).desc()).limit(limit + 1)).all()
            return cut_page(rows, limit, record=to_revision, place=lambda row: Place(row.created_at, row.id))

        return await self._database.read(work, user_id=user_id)

    async def revision(self, user_id: str, story_id: str, revision_id: str) -> Revision:
        """Return one revision of a story.

        Raises:
            NotFound: The user has no such story, or it has no such revision.
        """
        return await self._database.read(
            lambda session: load_revision(session, user_id, story_id, revision_id), user_id=user_id
        )


def make_story(fields: StoryFields) -> StoryRecord:
    """Return a new story of checked texts, not yet stored."""
    now = datetime.now(UTC)
    return StoryRecord(
        **fields.model_dump(exclude={"text"}),
        id=str(uuid4()),
        version=1,
        revision=_make_revision(fields.text, number=1, now=now),
        created_at=now,
        updated_at=now,
    )


def apply_changes(story: StoryRecord, changes: StoryChanges) -> StoryRecord:
    """Return the story with the given fields changed; the same value when nothing differs."""
    given = changes.model_dump(include=changes.model_fields_set - {"text"})
    fresh: dict[str, Any] = {name: value for name, value in given.items() if getattr(story, name) != value}
    now = max(datetime.now(UTC), story.updated_at)
    if "text" in changes.model_fields_set and changes.text != story.revision.text:
        fresh["revision"] = _make_revision(changes.text, number=story.revision.number + 1, now=now)
    if not fresh:
        return story
    return story.model_copy(update={**fresh, "version": story.version + 1, "updated_at": now})


def check_texts(fields: StoryFields | StoryChanges) -> None:
    """Refuse a story of which a text can't be stored.

    Raises:
        InvalidInput: A text holds NUL or half a surrogate pair.
    """
    check_storable(fields.text, fields.title, fields.question, *fields.principles, fields.role, fields.level)


def _make_revision(text: str, *, number: int, now: datetime) -> Revision:
    return Revision(id=str(uuid4()), number=number, text=text, sha256=hash_text(text), created_at=now)
