"""The assessments of each user, kept as they were published."""

from datetime import UTC, datetime
from typing import Any

from pydantic_core import PydanticSerializationError
from sqlalchemy import insert, tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.domain import Assessment
from app.errors import Conflict, InvalidInput, NotFound
from app.store.cursors import Place, check_limit, cut_page, read_cursor
from app.store.database import Database
from app.store.failures import is_duplicate
from app.store.records import Page, Receipt, StoryFields
from app.store.replies import save_reply
from app.store.stories import check_texts, make_story
from app.store.story_rows import insert_story, load_revision, load_story
from app.store.tables import AssessmentRow
from app.store.texts import is_id


class Assessments:
    """Keeps assessments; each method sees one user's only, and treats everyone else's as absent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        user_id: str,
        story_id: str,
        revision_id: str,
        assessment: Assessment,
        *,
        receipt: Receipt[Assessment] | None = None,
    ) -> Assessment:
        """Store an assessment of a stored revision; return it with the story's and revision's ids in place.

        Raises:
            InvalidInput: The assessment's id is not a UUID, or a text in it can't be stored.
            NotFound: The user has no such story, or it has no such revision.
            Conflict: The user has an assessment with this id already, or the receipt's claim is lost.
        """
        placed = _place(assessment, story_id, revision_id)
        columns = _columns(user_id, placed)

        def work(session: Session) -> None:
            load_revision(session, user_id, story_id, revision_id)
            _insert(session, columns)
            if receipt is not None:
                save_reply(session, user_id, receipt.claim, receipt.write(placed), story_id=story_id)

        await self._database.write(work, user_id=user_id)
        return placed

    async def add_with_story(
        self,
        user_id: str,
        fields: StoryFields,
        assessment: Assessment,
        *,
        receipt: Receipt[Assessment] | None = None,
    ) -> Assessment:
        """Store a story and its assessment in one step, so that neither is ever there without the other.

        Returns:
            The assessment with the new story's and revision's ids in place.

        Raises:
            InvalidInput: A text can't be stored, or the assessment's id is not a UUID.
            NotFound: There is no such user.
            Conflict: The user has an assessment with this id already, or the receipt's claim is lost.
        """
        check_texts(fields)
        story = make_story(fields)
        placed = _place(assessment, story.id, story.revision.id)
        columns = _columns(user_id, placed)

        def work(session: Session) -> None:
            insert_story(session, user_id, story)
            _insert(session, columns)
            if receipt is not None:
                save_reply(session, user_id, receipt.claim, receipt.write(placed), story_id=story.id)

        await self._database.write(work, user_id=user_id)
        return placed

    async def get(self, user_id: str, assessment_id: str) -> Assessment:
        """Return an assessment.

        Raises:
            NotFound: The user has no such assessment.
        """

        def work(session: Session) -> Assessment:
            row = session.get(AssessmentRow, (user_id, assessment_id)) if is_id(assessment_id) else None
            if row is None:
                raise NotFound("there is no such assessment")
            return _record(row)

        return await self._database.read(work, user_id=user_id)

    async def page(
        self, user_id: str, *, story_id: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[Assessment]:
        """Return the user's assessments, of one story or of all, newest first.

        Args:
            user_id: Whose assessments.
            story_id: The story; None for all.
            cursor: `next_cursor` of the page before; None for the first page.
            limit: 1 to 100.

        Raises:
            InvalidInput: The cursor or the limit can't be used.
            NotFound: The user has no such story.
        """
        check_limit(limit)
        place = read_cursor(cursor) if cursor is not None else None

        def work(session: Session) -> Page[Assessment]:
            query = select(AssessmentRow).where(AssessmentRow.user_id == user_id)
            if story_id is not None:
                load_story(session, user_id, story_id)
                query = query.where(AssessmentRow.story_id == story_id)
            if place:
                query = query.where(tuple_(col(AssessmentRow.created_at), col(AssessmentRow.id)) < tuple_(*place))
            query = query.order_by(col(AssessmentRow.created_at).desc(), col(AssessmentRow.id).desc())
            rows = session.exec(query.limit(limit + 1)).all()
            return cut_page(rows, limit, record=_record, place=lambda row: Place(row.created_at, row.id))

        return await self._database.read(work, user_id=user_id)


def insert_assessment(
    session: Session, user_id: str, story_id: str, revision_id: str, assessment: Assessment
) -> Assessment:
    """Store an assessment in a session that is open; as `Assessments.add`."""
    placed = _place(assessment, story_id, revision_id)
    load_revision(session, user_id, story_id, revision_id)
    _insert(session, _columns(user_id, placed))
    return placed


def _place(assessment: Assessment, story_id: str, revision_id: str) -> Assessment:
    story = assessment.story.model_copy(update={"id": story_id, "revision": revision_id})
    return assessment.model_copy(update={"story": story})


def _columns(user_id: str, assessment: Assessment) -> dict[str, Any]:
    if not is_id(assessment.id):
        raise InvalidInput("an assessment's id must be a UUID", slug="bad-id")
    return {
        "user_id": user_id,
        "id": assessment.id,
        "story_id": assessment.story.id,
        "revision_id": assessment.story.revision,
        "status": assessment.status.value,
        "strength": assessment.strength,
        "body": _write_body(assessment),
        "created_at": datetime.now(UTC),
    }


def _write_body(assessment: Assessment) -> str:
    try:
        return assessment.model_dump_json()
    except PydanticSerializationError:
        pass
    raise InvalidInput("a text holds half a surrogate pair, which can't be stored", slug="unstorable-text")


def _insert(session: Session, columns: dict[str, Any]) -> None:
    try:
        session.connection().execute(insert(AssessmentRow), columns)
    except IntegrityError as error:
        is_taken = is_duplicate(error)
    else:
        return
    if is_taken:
        raise Conflict("an assessment with this id is stored already", slug="id-taken")
    raise NotFound("there is no such story")  # it was deleted a moment ago


def _record(row: AssessmentRow) -> Assessment:
    return Assessment.model_validate_json(row.body)
