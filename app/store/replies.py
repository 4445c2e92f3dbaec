"""The replies to requests that must be carried out once, each kept for a day under its caller's key."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.errors import Conflict, InvalidInput
from app.store.database import Database
from app.store.records import Claim, Reply
from app.store.tables import ReplyRow, UserRow

KEPT = timedelta(hours=24)

_RETRY_AFTER_S = 1.0
_TRIES = 3


class Replies:
    """Claims keys, and keeps what was answered under them; each method sees one user's only.

    A claim is a lease: when its holder dies, the key is free again after a while. A reply is stored by `save_reply` in
    the transaction that stores the work itself, so neither is ever there without the other.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, user_id: str, route: str, key: str, fingerprint: str, *, lease_s: float) -> Claim | Reply:
        """Return the reply that is stored under a key, or else the right to carry out the request.

        Args:
            user_id: Whose key.
            route: The operation, up to 64 characters.
            key: As the caller chose it; only its hash is stored.
            fingerprint: Hash of all that the request says.
            lease_s: Longer than the work can take.

        Raises:
            Conflict: The request is under way.
            InvalidInput: The key stands for another request.
        """
        now = datetime.now(UTC)
        fresh = ReplyRow(
            user_id=user_id,
            route=route,
            key_sha256=hashlib.sha256(key.encode()).hexdigest(),
            token=str(uuid4()),
            fingerprint=fingerprint,
            leased_until=now + timedelta(seconds=lease_s),
            story_id=None,
            status=None,
            headers=None,
            body=None,
            created_at=now,
        )
        claim = Claim(route, fresh.key_sha256, fresh.token)

        def work(session: Session) -> Claim | Reply:
            _prune(session, user_id, now)
            for _ in range(_TRIES):
                if _insert(session, fresh):
                    return claim
                found = session.exec(select(ReplyRow).where(_is_key(user_id, claim)).with_for_update()).one_or_none()
                if found is not None:
                    return _read(session, found, fresh) or claim
            raise _under_way()  # it was given up again and again in between

        return await self._database.write(work, user_id=user_id)

    async def release(self, user_id: str, claim: Claim) -> None:
        """Give a claim back of which nothing came; a reply that is stored stays."""
        held = and_(_is_key(user_id, claim), col(ReplyRow.token) == claim.token, col(ReplyRow.status).is_(None))
        await self._database.write(lambda session: session.exec(delete(ReplyRow).where(held)), user_id=user_id)

    async def prune(self) -> None:
        """Delete what has been kept long enough, of all users: an idle user's replies too."""
        now = datetime.now(UTC)
        users = await self._database.read(lambda session: tuple(session.exec(select(UserRow.id))))
        for user_id in users:  # one by one: PostgreSQL shows no more at once
            await self._database.write(lambda session, user_id=user_id: _prune(session, user_id, now), user_id=user_id)


def save_reply(session: Session, user_id: str, claim: Claim, reply: Reply, *, story_id: str | None) -> None:
    """Store a reply under its claim; it goes when its story goes, where it is about one.

    Raises:
        Conflict: The lease had run out, and another request has taken the key over.
    """
    held = and_(_is_key(user_id, claim), col(ReplyRow.token) == claim.token, col(ReplyRow.status).is_(None))
    changed = session.connection().execute(update(ReplyRow).where(held).values(**reply.model_dump(), story_id=story_id))
    if changed.rowcount != 1:
        raise _under_way()


def _insert(session: Session, fresh: ReplyRow) -> bool:
    try:
        with session.begin_nested():
            session.add(ReplyRow(**fresh.model_dump()))
    except IntegrityError:
        return False
    return True


def _read(session: Session, found: ReplyRow, fresh: ReplyRow) -> Reply | None:
    """Return the reply that was found; None when nothing came of an earlier request, whose place is taken over.

    Raises:
        Conflict: The request is under way.
        InvalidInput: The key stands for another request.
    """
    if found.status is None and found.leased_until <= fresh.created_at:
        for name in ("token", "fingerprint", "leased_until", "created_at"):
            setattr(found, name, getattr(fresh, name))
        session.add(found)
        return None
    if found.fingerprint != fresh.fingerprint:
        raise InvalidInput("the Idempotency-Key was sent with another request before", slug="key-reused")
    if found.status is None:
        raise _under_way()
    return Reply(status=found.status, headers=found.headers or {}, body=found.body or "")


def _prune(session: Session, user_id: str, now: datetime) -> None:
    is_over = or_(col(ReplyRow.status).is_not(None), col(ReplyRow.leased_until) <= now)
    is_old = and_(col(ReplyRow.user_id) == user_id, col(ReplyRow.created_at) < now - KEPT)
    session.connection().execute(delete(ReplyRow).where(is_old, is_over))


def _is_key(user_id: str, claim: Claim) -> ColumnElement[bool]:
    return and_(
        col(ReplyRow.user_id) == user_id,
        col(ReplyRow.route) == claim.route,
        col(ReplyRow.key_sha256) == claim.key_sha256,
    )


def _under_way() -> Conflict:
    return Conflict("the same request is under way", slug="in-progress", retry_after_s=_RETRY_AFTER_S)
