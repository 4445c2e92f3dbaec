"""The API keys: made, listed, revoked and checked; only a hash of the secret is kept."""

from collections.abc import Collection
from datetime import datetime

from app.store.database import Database
from app.store.records import USER_SCOPES, Caller, KeyRecord, NewKey, Scope


class Keys:
    """Makes and checks keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        user_name: str,
        *,
        label: str = "",
        scopes: Collection[Scope] = USER_SCOPES,
        expires_at: datetime | None = None,
        create_user: bool = True,
    ) -> NewKey:
        """Make a key for a user; the token is in the answer and nowhere else.

        Args:
            user_name: Whose stories the key opens.
            label: What the key is for, up to 100 characters.
            scopes: What the key may be used for.
            expires_at: Time-zone aware; None for a key that stays valid until it is revoked.
            create_user: Add the user when there is none of this name.

        Raises:
            InvalidInput: The name or label can't be used, or `expires_at` has no time zone or is past.
            NotFound: There is no such user, and none was to be made.
        """
        raise NotImplementedError

    async def list(self, user_name: str | None = None) -> tuple[KeyRecord, ...]:
        """Return the keys of one user or of all, oldest first; revoked and expired ones too."""
        raise NotImplementedError

    async def revoke(self, key_id: str) -> KeyRecord:
        """Make a key useless from now on; revoking it again changes nothing.

        Raises:
            NotFound: There is no such key.
        """
        raise NotImplementedError

    async def authenticate(self, token: str | None) -> Caller:
        """Return whom a token speaks for.

        Raises:
            Unauthenticated: The token is missing, malformed, unknown, revoked or expired; the error is the same for all.
        """
        raise NotImplementedError
