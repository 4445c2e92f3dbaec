"""The rate at which all processes together may ask a model: one moment a model and kind, moved on by each request."""

import time
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.errors import LimitExceeded
from app.store.batch_tables import PaceRow
from app.store.database import Database

_SECOND_US = 1_000_000
_MINUTE_S = 60.0
_BURST_S = 5.0  # of a minute's allowance, at once; as much is taken off the flow, so no minute sees more


class Rates(NamedTuple):
    """What a model may be asked a minute by all processes together; None for no limit."""

    requests: int | None = None
    tokens: int | None = None

    @property
    def is_any(self) -> bool:
        """Tell whether there is a limit."""
        return self.requests is not None or self.tokens is not None


class Pacing:
    """Hands out turns. The database's clock counts, so the clocks of machines may differ."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, model: str, rates: Rates, tokens: int, *, longest_wait_s: float) -> float:
        """Take the next turn, and return the seconds until it comes.

        Args:
            model: Whose rate it is.
            rates: The limits.
            tokens: What the request may take.
            longest_wait_s: A turn that would come later is not taken.

        Raises:
            LimitExceeded: It would come later.
            StoreUnavailable: The database does not answer.
        """
        amounts = {"requests": (rates.requests, 1), "tokens": (rates.tokens, tokens)}
        limited = {kind: (limit, min(amount, limit)) for kind, (limit, amount) in amounts.items() if limit is not None}
        if not limited:
            return 0.0

        def work(session: Session) -> float:
            rows = {kind: _lock(session, model, kind) for kind in sorted(limited)}
            now_us = _now_us(session)
            costs = {kind: int(amount / _per_second(limit) * _SECOND_US) for kind, (limit, amount) in limited.items()}
            ends = {kind: max(row.free_at_us, now_us) + costs[kind] for kind, row in rows.items()}
            early = {kind: max(int(_BURST_S * _SECOND_US), cost) for kind, cost in costs.items()}
            wait_s = max(0.0, max(ends[kind] - early[kind] - now_us for kind in rows) / _SECOND_US)
            if wait_s > longest_wait_s:
                raise LimitExceeded("the rate of this service is used up", slug="rate-limited", retry_after_s=wait_s)
            for kind, row in rows.items():
                row.free_at_us = ends[kind]
                session.add(row)
            return wait_s

        return await self._database.write(work)


def _per_second(limit: int) -> float:
    return limit * (1 - _BURST_S / _MINUTE_S) / _MINUTE_S


def _lock(session: Session, model: str, kind: str) -> PaceRow:
    insert = postgresql.insert if session.connection().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(PaceRow).values(model=model[:200], kind=kind, free_at_us=0).on_conflict_do_nothing()
    session.connection().execute(fresh)
    query = select(PaceRow).where(PaceRow.model == model[:200], col(PaceRow.kind) == kind)
    return session.exec(query.with_for_update()).one()


def _now_us(session: Session) -> int:
    if session.connection().dialect.name != "postgresql":
        return time.time_ns() // 1000  # one machine, one clock
    now = session.connection().scalar(text("SELECT extract(epoch FROM clock_timestamp()) * 1000000"))
    return int(now or 0)
