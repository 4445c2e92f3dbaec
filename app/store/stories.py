"""The stories of each user, with every text they have had."""

from app.store.database import Database
from app.store.records import Page, Revision, StoryChanges, StoryFields, StoryRecord


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
        raise NotImplementedError

    async def get(self, user_id: str, story_id: str) -> StoryRecord:
        """Return a story with its newest revision.

        Raises:
            NotFound: The user has no such story.
        """
        raise NotImplementedError

    async def page(self, user_id: str, *, cursor: str | None = None, limit: int = 50) -> Page[StoryRecord]:
        """Return the user's stories, newest first; stories added meanwhile shift nothing.

        Args:
            cursor: `next_cursor` of the page before; None for the first page.
            limit: 1 to 100.

        Raises:
            InvalidInput: The cursor or the limit can't be used.
        """
        raise NotImplementedError

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
        raise NotImplementedError

    async def add_revision(
        self, user_id: str, story_id: str, text: str, *, expected_version: int | None = None
    ) -> StoryRecord:
        """Add a text to a story; the same text as the newest revision's adds none.

        Raises:
            InvalidInput: The text holds NUL or half a surrogate pair.
            NotFound: The user has no such story.
            Conflict: The story's version is not the expected one.
        """
        raise NotImplementedError

    async def delete(self, user_id: str, story_id: str, *, expected_version: int | None = None) -> None:
        """Delete a story with its revisions and assessments, and leave no copy in the database's files.

        Raises:
            NotFound: The user has no such story.
            Conflict: The story's version is not the expected one.
        """
        raise NotImplementedError

    async def revisions(self, user_id: str, story_id: str) -> tuple[Revision, ...]:
        """Return all revisions of a story, oldest first.

        Raises:
            NotFound: The user has no such story.
        """
        raise NotImplementedError

    async def revision(self, user_id: str, story_id: str, revision_id: str) -> Revision:
        """Return one revision of a story.

        Raises:
            NotFound: The user has no such story, or it has no such revision.
        """
        raise NotImplementedError
