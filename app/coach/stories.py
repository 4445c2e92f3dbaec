"""Assess stories and keep what came out, together."""

import asyncio
import uuid
from contextlib import nullcontext
from datetime import UTC, datetime

from app.coach.admission import Admission
from app.coach.assess import Assessor
from app.domain import Assessment, Effort, EngineChoice, Story
from app.errors import InvalidInput, NotFound
from app.judge.cache import AnswerCache
from app.store import Receipt, Store, StoryChanges, StoryFields, StoryRecord

_ANY = Effort()


class StoryCoach:
    """Assesses and keeps the stories of users; no transaction is open while a story is assessed.

    Args:
        store: Where stories and assessments are kept.
        assessor: Turns a story into an assessment.
        engine: Which engine to use where the caller does not say.
        admission: Who may be assessed now; None where nobody waits for the answer.
        answers: Where a model's answers are kept; None where they are not.
    """

    def __init__(
        self,
        store: Store,
        assessor: Assessor,
        *,
        engine: EngineChoice,
        admission: Admission | None = None,
        answers: AnswerCache | None = None,
    ) -> None:
        self._store = store
        self._assessor = assessor
        self._engine: EngineChoice = engine
        self._admission = admission
        self._answers = answers

    async def add(
        self, user_id: str, fields: StoryFields, *, receipt: Receipt[StoryRecord] | None = None
    ) -> StoryRecord:
        """Store a story without assessing it.

        Raises:
            CoachError: As `Assessor.check` and `Stories.add` do.
        """
        self._assessor.check(text=fields.text, role=fields.role, level=fields.level, principles=fields.principles)
        return await self._store.stories.add(user_id, fields, receipt=receipt)

    async def change(
        self, user_id: str, story_id: str, changes: StoryChanges, *, expected_version: int | None = None
    ) -> StoryRecord:
        """Change the given fields of a stored story; those that are not given are not checked again.

        Raises:
            CoachError: As `Assessor.check` and `Stories.update` do.
        """
        given = changes.model_dump(exclude_unset=True, include={"text", "role", "level", "principles"})
        self._assessor.check(**given)
        return await self._store.stories.update(user_id, story_id, changes, expected_version=expected_version)

    async def delete(self, user_id: str, story_id: str, *, expected_version: int | None = None) -> None:
        """Delete a story with all that was made of it.

        Nobody can tell which of a model's kept answers are about it, so all of the user's go.

        Raises:
            CoachError: As `Stories.delete` does.
        """
        await self._store.stories.delete(user_id, story_id, expected_version=expected_version)
        if self._answers is not None:
            await asyncio.to_thread(self._answers.erase, user_id)

    async def assess_new(  # noqa: PLR0913 - one call, all by name
        self,
        user_id: str,
        story: Story,
        *,
        engine: EngineChoice | None = None,
        rubric: str | None = None,
        effort: Effort = _ANY,
        receipt: Receipt[Assessment] | None = None,
    ) -> Assessment:
        """Assess a story that is not stored yet, then store both in one step.

        Raises:
            CoachError: As `Assessor.assess` and `Assessments.add_with_story` do.
            CoachError: As `Admission.place` does.
        """
        assessment = await self._assess_now(user_id, story, engine=engine, rubric=rubric, effort=effort)
        return await self._store.assessments.add_with_story(user_id, fields_of(story), assessment, receipt=receipt)

    async def assess_stored(  # noqa: PLR0913 - as above
        self,
        user_id: str,
        story_id: str,
        *,
        engine: EngineChoice | None = None,
        rubric: str | None = None,
        effort: Effort = _ANY,
        receipt: Receipt[Assessment] | None = None,
    ) -> Assessment:
        """Assess the newest revision of a stored story, then store the assessment.

        Raises:
            CoachError: As `Stories.get`, `Assessor.assess` and `Assessments.add` do.
            CoachError: As `Admission.place` does.
        """
        record = await self._store.stories.get(user_id, story_id)
        assessment = await self._assess_now(user_id, _story_of(record), engine=engine, rubric=rubric, effort=effort)
        return await self._store.assessments.add(user_id, record.id, record.revision.id, assessment, receipt=receipt)

    async def assess_kept(
        self,
        user_id: str,
        story_id: str,
        *,
        engine: EngineChoice | None = None,
        rubric: str | None = None,
        effort: Effort = _ANY,
    ) -> tuple[str, Assessment]:
        """Assess the newest revision of a stored story, and store nothing; return the revision's id too.

        Raises:
            CoachError: As `Stories.get` and `Assessor.assess` do.
        """
        record = await self._store.stories.get(user_id, story_id)
        assessment = await self._assess(user_id, _story_of(record), engine=engine, rubric=rubric, effort=effort)
        return record.revision.id, assessment

    def check(self, fields: StoryFields) -> None:
        """Return when a story could be assessed; as `Assessor.check`."""
        self._assessor.check(text=fields.text, role=fields.role, level=fields.level, principles=fields.principles)

    async def _assess_now(
        self, user_id: str, story: Story, *, engine: EngineChoice | None, rubric: str | None, effort: Effort
    ) -> Assessment:
        """Assess for a caller who waits; work for batches passes no door, since it has a line of its own."""
        async with self._admission.place(user_id) if self._admission else nullcontext():
            return await self._assess(user_id, story, engine=engine, rubric=rubric, effort=effort)

    async def _assess(
        self, user_id: str, story: Story, *, engine: EngineChoice | None, rubric: str | None, effort: Effort
    ) -> Assessment:
        try:
            assessment = await self._assessor.assess(
                story, engine=engine or self._engine, rubric=rubric, payer=user_id, effort=effort
            )
        except NotFound:
            raise InvalidInput("there is no such rubric", slug="unknown-rubric") from None
        # The assessor names an assessment by its content alone; each stored one is an event of its own.
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return assessment.model_copy(update={"id": str(uuid.uuid4()), "created_at": now})


def fields_of(story: Story) -> StoryFields:
    """Return a story for the store."""
    return StoryFields(
        text=story.text,
        title=story.title,
        question=story.question,
        principles=story.principles,
        role=story.role,
        level=story.level,
    )


def _story_of(record: StoryRecord) -> Story:
    return Story(
        id=record.id,
        text=record.revision.text,
        title=record.title,
        question=record.question,
        principles=record.principles,
        role=record.role,
        level=record.level,
    )
