"""The users, each known by a unique name."""

import unicodedata
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.errors import Conflict, InvalidInput
from app.store.database import Database
from app.store.records import User
from app.store.tables import UserRow
from app.store.texts import check_storable

MAX_NAME_CHARS = 64


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
        checked = check_name(name)

        def work(session: Session) -> User:
            row = insert_user(session, checked)
            if row is None:
                raise Conflict("a user has this name already", slug="name-taken")
            return _record(row)

        return await self._database.write(work)

    async def find(self, name: str) -> User | None:
        """Return the user of a name, or None.

        Raises:
            InvalidInput: No user can have this name.
        """
        checked = check_name(name)

        def work(session: Session) -> User | None:
            row = find_user(session, checked)
            return _record(row) if row else None

        return await self._database.read(work)

    async def list(self) -> tuple[User, ...]:
        """Return all users by name."""

        def work(session: Session) -> tuple[User, ...]:
            rows = session.exec(select(UserRow).order_by(col(UserRow.name)))
            return tuple(_record(row) for row in rows)

        return await self._database.read(work)


def check_name(name: str) -> str:
    """Return a user's name in its one written form (NFC).

    Raises:
        InvalidInput: It is empty, too long, or holds a control character or a space at either end.
    """
    check_storable(name)
    composed = unicodedata.normalize("NFC", name)
    if not 1 <= len(composed) <= MAX_NAME_CHARS or not composed.isprintable() or composed != composed.strip():
        raise InvalidInput(
            f"a user's name must be 1 to {MAX_NAME_CHARS} printable characters without a space at either end",
            slug="bad-name",
        )
    return composed


def find_user(session: Session, name: str) -> UserRow | None:
    """Return the row of a checked name, or None."""
    return session.exec(select(UserRow).where(UserRow.name == name)).one_or_none()


def insert_user(session: Session, name: str) -> UserRow | None:
    """Insert a user of a checked name; None when the name is taken, perhaps a moment ago by another process."""
    row = UserRow(id=str(uuid4()), name=name, created_at=datetime.now(UTC))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    return row


def _record(row: UserRow) -> User:
    return User(id=row.id, name=row.name, created_at=row.created_at)
