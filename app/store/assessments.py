"""The assessments of each user, kept as they were published."""

from app.domain import Assessment
from app.store.database import Database
from app.store.records import Page, StoryFields


class Assessments:
    """Keeps assessments; each method sees one user's only, and treats everyone else's as absent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user_id: str, story_id: str, revision_id: str, assessment: Assessment) -> Assessment:
        """Store an assessment of a stored revision; return it with the story's and revision's ids in place.

        Raises:
            NotFound: The user has no such story, or it has no such revision.
            Conflict: An assessment with this id is stored already.
        """
        raise NotImplementedError

    async def add_with_story(self, user_id: str, fields: StoryFields, assessment: Assessment) -> Assessment:
        """Store a story and its assessment in one step, so that neither is ever there without the other.

        Returns:
            The assessment with the new story's and revision's ids in place.

        Raises:
            InvalidInput: A text holds NUL or half a surrogate pair.
            NotFound: There is no such user.
            Conflict: An assessment with this id is stored already.
        """
        raise NotImplementedError

    async def get(self, user_id: str, assessment_id: str) -> Assessment:
        """Return an assessment.

        Raises:
            NotFound: The user has no such assessment.
        """
        raise NotImplementedError

    async def page(
        self, user_id: str, *, story_id: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[Assessment]:
        """Return the user's assessments, of one story or of all, newest first.

        Raises:
            InvalidInput: The cursor or the limit can't be used.
            NotFound: The user has no such story.
        """
        raise NotImplementedError
