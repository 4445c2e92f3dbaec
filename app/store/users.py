"""The users, each known by a unique name."""

from app.store.database import Database
from app.store.records import User


class Users:
    """Adds and finds users."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str) -> User:
        """Add a user.

        Args:
            name: 1 to 64 printable characters, no space at either end.

        Raises:
            InvalidInput: The name can't be used.
            Conflict: A user has this name.
        """
        raise NotImplementedError

    async def find(self, name: str) -> User | None:
        """Return the user of a name, or None."""
        raise NotImplementedError

    async def list(self) -> tuple[User, ...]:
        """Return all users by name."""
        raise NotImplementedError
