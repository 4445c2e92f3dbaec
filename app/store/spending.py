"""What calls to the model cost, a day and a user: charged before a call is made, settled after it."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import Insert, literal, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.domain import NANO, NOTHING_SPENT, Bill, Charge, Spent
from app.errors import LimitExceeded, StoreUnavailable
from app.store.database import Database
from app.store.records import DaySpending
from app.store.tables import SpendingRow, UserRow, UserSpendingRow

_log = logging.getLogger(__name__)


class DailyLimits(NamedTuple):
    """What may be spent a day (UTC) by all users together, and by each; None for no limit."""

    cost_usd: float | None = None
    tokens: int | None = None
    user_cost_usd: float | None = None
    user_tokens: int | None = None

    @property
    def is_any(self) -> bool:
        """Tell whether there is a limit."""
        return any(limit is not None for limit in self)


class _Day(NamedTuple):
    """A day of one user, or of all where `user_id` is None."""

    day: date
    user_id: str | None = None


class _Limit(NamedTuple):
    """What a day may be charged; None for no limit."""

    tokens: int | None
    usd: float | None


class _Change(NamedTuple):
    """What is added to a day."""

    requests: int
    unpriced_requests: int
    input_tokens: int
    output_tokens: int
    charged_tokens: int
    charged_nanousd: int


class Spending:
    """Keeps what was spent.

    The most that a call can cost is charged before it is made; what it did not take is given back after it. A process
    that dies in between leaves the most standing, since the call may have been made, and nothing that could be stuck.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def purse(self, limits: DailyLimits) -> "DailyPurse":
        """Return what calls are paid from, within limits."""
        return DailyPurse(self._database, limits)

    async def days(self, user_id: str | None = None, *, limit: int = 31) -> tuple[DaySpending, ...]:
        """Return what was spent, newest day first.

        Args:
            user_id: By whom; None for all users together.
            limit: At most so many days.
        """

        def work(session: Session) -> tuple[DaySpending, ...]:
            if user_id is None:
                all_users = select(SpendingRow).order_by(col(SpendingRow.day).desc()).limit(limit)
                return tuple(_record(row) for row in session.exec(all_users))
            own = select(UserSpendingRow).where(UserSpendingRow.user_id == user_id)
            newest = own.order_by(col(UserSpendingRow.day).desc()).limit(limit)
            return tuple(_record(row) for row in session.exec(newest))

        return await self._database.read(work, user_id=user_id)


class DailyPurse:
    """The budget of a day, one for all processes of a service; see `Purse` of the judge."""

    def __init__(self, database: Database, limits: DailyLimits) -> None:
        self._database = database
        self._limits = limits

    @asynccontextmanager
    async def paying(self, bill: Bill) -> AsyncGenerator[None]:
        """Charge the most that a request can cost while it runs, and what it took once it is over.

        Raises:
            LimitExceeded: The day's budget does not hold that much; nothing inside is run.
            StoreUnavailable: The database does not answer; nothing inside is run.
        """
        day, held = datetime.now(UTC).date(), Charge(0, 0)
        if self._limits.is_any:
            await self._charge(day, bill)
            held = bill.most
        try:
            yield
        finally:
            if held.tokens or bill.spent.requests:
                await self._settle(day, bill, held)

    async def _charge(self, day: date, bill: Bill) -> None:
        change = _change(NOTHING_SPENT._replace(charge=bill.most), Charge(0, 0))
        limits = self._limits

        def work(session: Session) -> None:
            _open(session, day, bill.payer)
            own = _Limit(limits.user_tokens, limits.user_cost_usd)
            fits = bill.payer is None or _add(session, _Day(day, bill.payer), change, own)
            if not (fits and _add(session, _Day(day), change, _Limit(limits.tokens, limits.cost_usd))):
                raise LimitExceeded(
                    "today's budget for model calls is used up", slug="over-budget", retry_after_s=_until_tomorrow_s()
                )

        await self._database.write(work, user_id=bill.payer)

    async def _settle(self, day: date, bill: Bill, held: Charge) -> None:
        change = _change(bill.spent, held)

        def work(session: Session) -> None:
            _open(session, day, bill.payer)
            if bill.payer is not None:
                _add(session, _Day(day, bill.payer), change)
            _add(session, _Day(day), change)

        try:
            await self._database.write(work, user_id=bill.payer)
        except StoreUnavailable as error:  # the answer is there and paid for; the most it can cost stays charged
            _log.warning("a model call could not be settled: %s", error.slug)


def _change(spent: Spent, held: Charge) -> _Change:
    """Return what a request adds to its day once it is over, or before it is sent."""
    nanousd = spent.charge.nanousd
    return _Change(
        requests=spent.requests,
        unpriced_requests=spent.requests if nanousd is None else 0,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        charged_tokens=spent.charge.tokens - held.tokens,
        charged_nanousd=(nanousd or 0) - (held.nanousd or 0),
    )


def _open(session: Session, day: date, user_id: str | None) -> None:
    """Make the rows of a day where they are missing; a user who was erased a moment ago gets none."""
    insert = postgresql.insert if session.connection().dialect.name == "postgresql" else sqlite.insert
    first: dict[str, Any] = {"day": day, "created_at": datetime.now(UTC), **dict.fromkeys(_Change._fields, 0)}
    statements: list[Insert] = [insert(SpendingRow).values(first).on_conflict_do_nothing()]
    if user_id is not None:
        columns = UserSpendingRow.metadata.tables["user_spending"].c
        typed = [literal(value, columns[name].type) for name, value in first.items()]
        chosen = sqlalchemy.select(col(UserRow.id), *typed).where(UserRow.id == user_id)
        statements.append(insert(UserSpendingRow).from_select(["user_id", *first], chosen).on_conflict_do_nothing())
    for statement in statements:
        session.connection().execute(statement)


def _add(session: Session, day: _Day, change: _Change, limit: _Limit | None = None) -> bool:
    """Add to a day in one statement, which no other transaction can come between; False where the limit forbids it."""
    table = SpendingRow if day.user_id is None else UserSpendingRow
    sums = {name: getattr(table, name) + value for name, value in change._asdict().items()}
    statement = update(table).where(col(table.day) == day.day).values(sums)
    if day.user_id is not None:
        statement = statement.where(col(UserSpendingRow.user_id) == day.user_id)
    if limit is not None and limit.tokens is not None:
        statement = statement.where(col(table.charged_tokens) <= limit.tokens - change.charged_tokens)
    if limit is not None and limit.usd is not None:
        statement = statement.where(col(table.charged_nanousd) <= int(limit.usd * NANO) - change.charged_nanousd)
    return session.connection().execute(statement).rowcount == 1


def _until_tomorrow_s() -> float:
    now = datetime.now(UTC)
    return (datetime.combine(now.date() + timedelta(days=1), time(), UTC) - now).total_seconds()


def _record(row: SpendingRow | UserSpendingRow) -> DaySpending:
    return DaySpending(
        day=row.day,
        requests=row.requests,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        charged_tokens=row.charged_tokens,
        charged_usd=None if row.unpriced_requests else row.charged_nanousd / NANO,
    )
