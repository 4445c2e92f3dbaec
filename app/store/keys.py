"""The API keys: made, listed, revoked and checked; only a hash of the secret is kept."""

import hmac
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from app.errors import InvalidInput, NotFound, Unauthenticated
from app.store.database import Database
from app.store.records import USER_SCOPES, Caller, KeyRecord, NewKey, Scope
from app.store.tables import KeyRow, UserRow
from app.store.texts import check_storable
from app.store.tokens import make_token, read_token
from app.store.users import check_name, find_user, insert_user

MAX_LABEL_CHARS = 100
LAST_USED_EVERY_S = 60.0

_NOBODY_SHA256 = "0" * 64  # compared with when a key is unknown, so that it takes as long


class Keys:
    """Makes and checks keys."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[str, float] = {}  # key id to the monotonic time its use was last written down

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
            label: What the key is for, up to 100 printable characters.
            scopes: What the key may be used for, at least one thing.
            expires_at: Time-zone aware; None for a key that stays valid until it is revoked.
            create_user: Add the user when there is none of this name.

        Raises:
            InvalidInput: The name, the label or the scopes can't be used, or `expires_at` has no time zone or is past.
            NotFound: There is no such user, and none was to be made.
        """
        name, now = check_name(user_name), datetime.now(UTC)
        _check_key(label, scopes, expires_at, now)
        token = make_token()

        def work(session: Session) -> KeyRecord:
            user = find_user(session, name)
            if user is None and create_user:
                user = insert_user(session, name) or find_user(session, name)
            if user is None:
                raise NotFound("there is no such user")
            row = KeyRow(
                id=token.id,
                user_id=user.id,
                label=label,
                scopes=" ".join(scope for scope in Scope if scope in scopes),
                secret_sha256=token.secret_sha256,
                created_at=now,
                expires_at=expires_at,
                revoked_at=None,
                last_used_at=None,
            )
            session.add(row)
            return _record(row, user.name)

        return NewKey(token=token.text, record=await self._database.write(work))

    async def list(self, user_name: str | None = None) -> tuple[KeyRecord, ...]:
        """Return the keys of one user or of all, oldest first; revoked and expired ones too.

        Raises:
            InvalidInput: No user can have this name.
        """
        name = None if user_name is None else check_name(user_name)

        def work(session: Session) -> tuple[KeyRecord, ...]:
            query = select(KeyRow, UserRow.name).join(UserRow, col(UserRow.id) == KeyRow.user_id)
            if name is not None:
                query = query.where(UserRow.name == name)
            rows = session.exec(query.order_by(col(KeyRow.created_at), col(KeyRow.id)))
            return tuple(_record(row, owner) for row, owner in rows)

        return await self._database.read(work)

    async def revoke(self, key_id: str) -> KeyRecord:
        """Make a key useless from now on; revoking it again changes nothing.

        Raises:
            InvalidInput: The id can't be one.
            NotFound: There is no such key.
        """
        check_storable(key_id)

        def work(session: Session) -> KeyRecord:
            found = _find(session, key_id)
            if found is None:
                raise NotFound("there is no such key")
            row, owner = found
            row.revoked_at = row.revoked_at or datetime.now(UTC)
            session.add(row)
            return _record(row, owner)

        return await self._database.write(work)

    async def authenticate(self, token: str | None) -> Caller:
        """Return whom a token speaks for; nothing is cached, so a revoked key ends at once.

        Raises:
            Unauthenticated: The token is missing, malformed, unknown, revoked or expired; the error tells no more.
        """
        parts = read_token(token) if token else None
        if parts is None:
            raise _refusal()
        found = await self._database.read(lambda session: _find(session, parts.id))
        known = found[0].secret_sha256 if found else _NOBODY_SHA256
        matches = hmac.compare_digest(known, parts.secret_sha256)
        if found is None or not matches or not _is_live(found[0]):
            raise _refusal()
        row, owner = found
        self._note_use(row.id)
        return Caller(user_id=row.user_id, user_name=owner, key_id=row.id, scopes=_scopes(row))

    def _note_use(self, key_id: str) -> None:
        """Write down that a key is in use: at most once a minute, and no request waits for it."""
        now = time.monotonic()
        if now - self._noted.get(key_id, -LAST_USED_EVERY_S) < LAST_USED_EVERY_S:
            return
        self._noted[key_id] = now
        seen = datetime.now(UTC)
        stale = seen - timedelta(seconds=LAST_USED_EVERY_S)  # another process may have written it
        self._database.write_later(
            lambda session: session.exec(
                update(KeyRow)
                .where(col(KeyRow.id) == key_id)
                .where(or_(col(KeyRow.last_used_at).is_(None), col(KeyRow.last_used_at) < stale))
                .values(last_used_at=seen)
            )
        )


def _check_key(label: str, scopes: Collection[Scope], expires_at: datetime | None, now: datetime) -> None:
    check_storable(label)
    if len(label) > MAX_LABEL_CHARS or not label.isprintable():
        raise InvalidInput(f"a label must be at most {MAX_LABEL_CHARS} printable characters", slug="bad-label")
    if not scopes:
        raise InvalidInput("a key needs at least one scope", slug="bad-scopes")
    if expires_at is not None and (expires_at.utcoffset() is None or expires_at <= now):
        raise InvalidInput("the expiry must have a time zone and lie in the future", slug="bad-expiry")


def _refusal() -> Unauthenticated:
    return Unauthenticated("the API key is missing, malformed, unknown, revoked or expired")


def _find(session: Session, key_id: str) -> tuple[KeyRow, str] | None:
    query = select(KeyRow, UserRow.name).join(UserRow, col(UserRow.id) == KeyRow.user_id).where(KeyRow.id == key_id)
    found = session.exec(query).one_or_none()
    return (found[0], found[1]) if found else None


def _is_live(row: KeyRow) -> bool:
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > datetime.now(UTC))


def _scopes(row: KeyRow) -> frozenset[Scope]:
    return frozenset(Scope(name) for name in row.scopes.split())


def _record(row: KeyRow, user_name: str) -> KeyRecord:
    return KeyRecord(
        id=row.id,
        user_name=user_name,
        label=row.label,
        scopes=_scopes(row),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
