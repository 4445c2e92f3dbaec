"""The stories of each user, with every text they have had."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.errors import Conflict, NotFound
from app.store.cursors import Place, check_limit, cut_page, read_cursor
from app.store.database import Database
from app.store.records import Page, Revision, StoryChanges, StoryFields, StoryRecord
from app.store.tables import RevisionRow, StoryRow
from app.store.texts import check_storable, hash_text, is_id


class Stories:
    """Keeps stories; each method sees one user's only, and treats everyone else's as absent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user_id: str, fields: StoryFields) -> StoryRecord:
        """Store a new story with its first revision.

        Raises:
            InvalidInput: A text holds NUL or half a surrogate pair.
            NotFound: There is no such user.
        """
        check_texts(fields)
        return await self._database.write(lambda session: insert_story(session, user_id, fields), user_id=user_id)

    async def get(self, user_id: str, story_id: str) -> StoryRecord:
        """Return a story with its newest revision.

        Raises:
            NotFound: The user has no such story.
        """
        return await self._database.read(lambda session: _record(*_load(session, user_id, story_id)), user_id=user_id)

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
            query = select(StoryRow, RevisionRow).join(RevisionRow, _is_newest()).where(StoryRow.user_id == user_id)
            if place:
                query = query.where(tuple_(col(StoryRow.created_at), col(StoryRow.id)) < tuple_(*place))
            query = query.order_by(col(StoryRow.created_at).desc(), col(StoryRow.id).desc()).limit(limit + 1)
            rows = session.exec(query).all()
            return cut_page(
                rows, limit, record=lambda row: _record(*row), place=lambda row: Place(row[0].created_at, row[0].id)
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
            story = _lock(session, user_id, story_id, expected_version)
            newest = session.exec(
                select(RevisionRow).where(
                    RevisionRow.user_id == user_id,
                    RevisionRow.story_id == story_id,
                    RevisionRow.number == story.revision_number,
                )
            ).one()
            return _record(story, _change(session, story, newest, changes))

        return await self._database.write(work, user_id=user_id)

    async def add_revision(
        self, user_id: str, story_id: str, text: str, *, expected_version: int | None = None
    ) -> StoryRecord:
        """Add a text to a story; the same text as the newest revision's adds none.

        Raises:
            InvalidInput: The text holds NUL or half a surrogate pair.
            NotFound: The user has no such story.
            Conflict: The story's version is not the expected one.
        """
        return await self.update(user_id, story_id, StoryChanges(text=text), expected_version=expected_version)

    async def delete(self, user_id: str, story_id: str, *, expected_version: int | None = None) -> None:
        """Delete a story with its revisions and assessments, and leave no copy in SQLite's files.

        Raises:
            NotFound: The user has no such story.
            Conflict: The story's version is not the expected one.
        """

        def work(session: Session) -> None:
            _lock(session, user_id, story_id, expected_version)
            session.exec(delete(StoryRow).where(_is_story(user_id, story_id)))

        await self._database.write(work, user_id=user_id, scrub=True)

    async def revisions(self, user_id: str, story_id: str) -> tuple[Revision, ...]:
        """Return all revisions of a story, oldest first.

        Raises:
            NotFound: The user has no such story.
        """

        def work(session: Session) -> tuple[Revision, ...]:
            _load(session, user_id, story_id)
            query = select(RevisionRow).where(RevisionRow.user_id == user_id, RevisionRow.story_id == story_id)
            return tuple(_revision(row) for row in session.exec(query.order_by(col(RevisionRow.number))))

        return await self._database.read(work, user_id=user_id)

    async def revision(self, user_id: str, story_id: str, revision_id: str) -> Revision:
        """Return one revision of a story.

        Raises:
            NotFound: The user has no such story, or it has no such revision.
        """

        def work(session: Session) -> Revision:
            _load(session, user_id, story_id)
            row = session.get(RevisionRow, (user_id, story_id, revision_id)) if is_id(revision_id) else None
            if row is None:
                raise NotFound("there is no such revision")
            return _revision(row)

        return await self._database.read(work, user_id=user_id)


def insert_story(session: Session, user_id: str, fields: StoryFields) -> StoryRecord:
    """Insert a story of checked texts with its first revision.

    Raises:
        NotFound: There is no such user.
    """
    now = datetime.now(UTC)
    story = StoryRow(
        user_id=user_id,
        id=str(uuid4()),
        version=1,
        revision_number=1,
        title=fields.title,
        question=fields.question,
        principles=list(fields.principles),
        role=fields.role,
        level=fields.level,
        created_at=now,
        updated_at=now,
    )
    session.add(story)
    try:
        session.flush()
    except IntegrityError:
        user_is_gone = True
    else:
        user_is_gone = False
    if user_is_gone:
        raise NotFound("there is no such user")
    return _record(story, _insert_revision(session, story, fields.text, now))


def require_story(session: Session, user_id: str, story_id: str) -> None:
    """Return when the user has a story.

    Raises:
        NotFound: The user has no such story.
    """
    _load(session, user_id, story_id)


def _insert_revision(session: Session, story: StoryRow, text: str, now: datetime) -> RevisionRow:
    row = RevisionRow(
        user_id=story.user_id,
        story_id=story.id,
        id=str(uuid4()),
        number=story.revision_number,
        text=text,
        sha256=hash_text(text),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _load(session: Session, user_id: str, story_id: str) -> tuple[StoryRow, RevisionRow]:
    query = select(StoryRow, RevisionRow).join(RevisionRow, _is_newest()).where(_is_story(user_id, story_id))
    found = session.exec(query).one_or_none() if is_id(story_id) else None
    if found is None:
        raise _no_story()
    return found[0], found[1]


def _lock(session: Session, user_id: str, story_id: str, expected_version: int | None) -> StoryRow:
    """Return a story that nobody else can change until the transaction ends.

    It is read alone: PostgreSQL would join a row that it waited for with what the other tables held before the wait.
    """
    query = select(StoryRow).where(_is_story(user_id, story_id)).with_for_update()
    story = session.exec(query).one_or_none() if is_id(story_id) else None
    if story is None:
        raise _no_story()
    if expected_version is not None and story.version != expected_version:
        raise Conflict("the story has changed meanwhile", slug="version-differs")
    return story


def _no_story() -> NotFound:
    return NotFound("there is no such story")


def _change(session: Session, story: StoryRow, newest: RevisionRow, changes: StoryChanges) -> RevisionRow:
    given = changes.model_dump(include=changes.model_fields_set - {"text"})
    if "principles" in given:
        given["principles"] = list(given["principles"])
    fresh = {name: value for name, value in given.items() if getattr(story, name) != value}
    has_new_text = "text" in changes.model_fields_set and changes.text != newest.text
    if not fresh and not has_new_text:
        return newest
    for name, value in fresh.items():
        setattr(story, name, value)
    story.version += 1
    story.updated_at = max(datetime.now(UTC), story.updated_at)
    story.revision_number += has_new_text
    session.add(story)
    session.flush()
    return _insert_revision(session, story, changes.text, story.updated_at) if has_new_text else newest


def check_texts(fields: StoryFields | StoryChanges) -> None:
    """Refuse a story of which a text can't be stored.

    Raises:
        InvalidInput: A text holds NUL or half a surrogate pair.
    """
    check_storable(fields.text, fields.title, fields.question, *fields.principles, fields.role, fields.level)


def _is_story(user_id: str, story_id: str) -> ColumnElement[bool]:
    return and_(col(StoryRow.user_id) == user_id, col(StoryRow.id) == story_id)


def _is_newest() -> ColumnElement[bool]:
    return and_(
        col(RevisionRow.user_id) == col(StoryRow.user_id),
        col(RevisionRow.story_id) == col(StoryRow.id),
        col(RevisionRow.number) == col(StoryRow.revision_number),
    )


def _revision(row: RevisionRow) -> Revision:
    return Revision(id=row.id, number=row.number, text=row.text, sha256=row.sha256, created_at=row.created_at)


def _record(story: StoryRow, revision: RevisionRow) -> StoryRecord:
    return StoryRecord(
        id=story.id,
        version=story.version,
        title=story.title,
        question=story.question,
        principles=tuple(story.principles),
        role=story.role,
        level=story.level,
        revision=_revision(revision),
        created_at=story.created_at,
        updated_at=story.updated_at,
    )
