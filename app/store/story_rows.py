"""Read and write a story's rows in a session that is open."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import ColumnElement, Engine, and_, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.errors import Conflict, NotFound
from app.store.bulk import Rows, insert_rows, write_out
from app.store.records import Revision, StoryFields, StoryRecord
from app.store.tables import RevisionRow, StoryRow, metadata
from app.store.texts import hash_text, is_id


class NewStories(NamedTuple):
    """New stories with their first revisions, ready to be inserted."""

    ids: Sequence[str]
    stories: Rows
    revisions: Rows


def insert_story(session: Session, user_id: str, story: StoryRecord) -> None:
    """Insert a new story with its first revision.

    Raises:
        NotFound: There is no such user.
    """
    try:
        session.connection().execute(insert(StoryRow), {"user_id": user_id, **_columns(story)})
    except IntegrityError:
        user_is_gone = True
    else:
        user_is_gone = False
    if user_is_gone:
        raise NotFound("there is no such user")
    _insert_revision(session, user_id, story)


def write_out_stories(engine: Engine, user_id: str, stories: Sequence[StoryFields]) -> NewStories:
    """Write new stories of checked texts out; at least one.

    Their ids are random and grow, as their order does: so lists keep it, and the indexes grow at one place.
    """
    now = datetime.now(UTC)
    ids = sorted(str(uuid4()) for _ in stories)
    named = list(zip(ids, stories, strict=True))
    return NewStories(
        ids,
        write_out(engine, metadata.tables["stories"], [_new_story(user_id, *given, now) for given in named]),
        write_out(engine, metadata.tables["revisions"], [_new_revision(user_id, *given, now) for given in named]),
    )


def insert_stories(session: Session, new: NewStories) -> None:
    """Insert new stories with their first revisions.

    Raises:
        NotFound: There is no such user.
    """
    try:
        insert_rows(session.connection(), new.stories)
    except IntegrityError:
        user_is_gone = True
    else:
        user_is_gone = False
    if user_is_gone:
        raise NotFound("there is no such user")
    insert_rows(session.connection(), new.revisions)


def load_story(session: Session, user_id: str, story_id: str) -> StoryRecord:
    """Return a story with its newest revision.

    Raises:
        NotFound: The user has no such story.
    """
    query = select(StoryRow, RevisionRow).join(RevisionRow, is_newest()).where(is_story(user_id, story_id))
    found = session.exec(query).one_or_none() if is_id(story_id) else None
    if found is None:
        raise _no_story()
    return to_story(*found)


def lock_story(session: Session, user_id: str, story_id: str, expected_version: int | None) -> None:
    """Keep everyone else from changing a story until the transaction ends.

    The row is locked alone: PostgreSQL would join a row that it waited for with what other tables held before the wait.

    Raises:
        NotFound: The user has no such story.
        Conflict: The story's version is not the expected one.
    """
    query = select(StoryRow.version).where(is_story(user_id, story_id)).with_for_update()
    version = session.exec(query).one_or_none() if is_id(story_id) else None
    if version is None:
        raise _no_story()
    if expected_version is not None and version != expected_version:
        raise Conflict("the story has changed meanwhile", slug="version-differs")


def save_story(session: Session, user_id: str, before: StoryRecord, after: StoryRecord) -> None:
    """Write what has changed of a locked story."""
    if after is before:
        return
    session.connection().execute(update(StoryRow).where(is_story(user_id, after.id)).values(_columns(after)))
    if after.revision is not before.revision:
        _insert_revision(session, user_id, after)


def load_revision(session: Session, user_id: str, story_id: str, revision_id: str) -> Revision:
    """Return a revision of a story.

    Raises:
        NotFound: The user has no such story, or it has no such revision.
    """
    row = None
    if is_id(story_id) and is_id(revision_id):
        row = session.get(RevisionRow, (user_id, story_id, revision_id))
    if row is not None:
        return to_revision(row)
    load_story(session, user_id, story_id)
    raise NotFound("there is no such revision")


def is_story(user_id: str, story_id: str) -> ColumnElement[bool]:
    """Ask for one story of one user."""
    return and_(col(StoryRow.user_id) == user_id, col(StoryRow.id) == story_id)


def is_newest() -> ColumnElement[bool]:
    """Join a story with its newest revision."""
    return and_(
        col(RevisionRow.user_id) == col(StoryRow.user_id),
        col(RevisionRow.story_id) == col(StoryRow.id),
        col(RevisionRow.number) == col(StoryRow.revision_number),
    )


def to_revision(row: RevisionRow) -> Revision:
    """Return the value of a row."""
    return Revision(id=row.id, number=row.number, text=row.text, sha256=row.sha256, created_at=row.created_at)


def to_story(story: StoryRow, revision: RevisionRow) -> StoryRecord:
    """Return the value of a story's row and its newest revision's."""
    return StoryRecord(
        id=story.id,
        version=story.version,
        title=story.title,
        question=story.question,
        principles=tuple(story.principles),
        role=story.role,
        level=story.level,
        revision=to_revision(revision),
        created_at=story.created_at,
        updated_at=story.updated_at,
    )


def _insert_revision(session: Session, user_id: str, story: StoryRecord) -> None:
    named = {"user_id": user_id, "story_id": story.id}
    session.connection().execute(insert(RevisionRow), {**named, **story.revision.model_dump()})


def _columns(story: StoryRecord) -> dict[str, Any]:
    return {**story.model_dump(exclude={"revision"}), "revision_number": story.revision.number}


def _new_story(user_id: str, story_id: str, fields: StoryFields, now: datetime) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "id": story_id,
        "version": 1,
        "revision_number": 1,
        "title": fields.title,
        "question": fields.question,
        "principles": fields.principles,
        "role": fields.role,
        "level": fields.level,
        "created_at": now,
        "updated_at": now,
    }


def _new_revision(user_id: str, story_id: str, fields: StoryFields, now: datetime) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "story_id": story_id,
        "id": str(uuid4()),
        "number": 1,
        "text": fields.text,
        "sha256": hash_text(fields.text),
        "created_at": now,
    }


def _no_story() -> NotFound:
    return NotFound("there is no such story")
