"""The processes that work on batches: each under an id of its own, alive as long as it beats."""

import os
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from app.domain import Value
from app.store.batch_tables import ExecutorRow
from app.store.database import Database
from app.store.processes import describe_place, is_gone, name_host


class ExecutorRecord(Value):
    """A process that works, or worked, on batches.

    Attributes:
        beats: Grows while it lives; no clock is compared, so clocks may differ.
        host: Where it runs, as `describe_place` says; a plain name from releases before.
        process: Its number there.
        seen_at: When it last beat, by its own clock.
    """

    id: str
    token: str
    beats: int
    host: str
    process: int
    started_at: datetime
    seen_at: datetime

    @property
    def host_name(self) -> str:
        """The name of the host that it runs on; another may have the same."""
        return name_host(self.host)

    @property
    def is_gone(self) -> bool:
        """Tell whether it ran beside this process, and certainly runs no longer."""
        return is_gone(self.host, self.process)


class Executors:
    """Keeps who works."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> tuple[ExecutorRecord, ...]:
        """Return all that have not said good-bye, by id."""

        def work(session: Session) -> tuple[ExecutorRecord, ...]:
            rows = session.exec(select(ExecutorRow).order_by(col(ExecutorRow.id)))
            return tuple(ExecutorRecord.model_validate(row.model_dump()) for row in rows)

        return await self._database.read(work)

    async def claim(self, executor_id: str, *, instead_of: ExecutorRecord | None) -> str | None:
        """Take an id, and return the token that shows it; None when another process has it.

        Args:
            executor_id: The id.
            instead_of: Its holder, known to be dead; None for an id that nobody has.
        """
        now = datetime.now(UTC)
        row = ExecutorRow(
            id=executor_id,
            token=str(uuid4()),
            beats=0,
            host=describe_place(),
            process=os.getpid(),
            started_at=now,
            seen_at=now,
        )

        def work(session: Session) -> bool:
            found = session.get(ExecutorRow, executor_id, with_for_update=True)
            if found is not None:
                if instead_of is None or (found.token, found.beats) != (instead_of.token, instead_of.beats):
                    return False
                session.delete(found)
                session.flush()
            session.add(ExecutorRow(**row.model_dump()))
            return True

        return row.token if await self._database.write(work) else None

    def beat(self, executor_id: str, token: str) -> bool:
        """Show that a process lives, from the calling thread; False when its id is another one's by now."""
        beaten = {"beats": col(ExecutorRow.beats) + 1, "seen_at": datetime.now(UTC)}
        statement = update(ExecutorRow).where(_is(executor_id, token)).values(beaten)
        return self._database.write_here(lambda session: session.connection().execute(statement).rowcount == 1)

    async def remove(self, executor_id: str, token: str) -> None:
        """Give an id back."""
        statement = delete(ExecutorRow).where(_is(executor_id, token))
        await self._database.write(lambda session: session.connection().execute(statement))


def _is(executor_id: str, token: str):  # noqa: ANN202 - a condition of a statement
    return (col(ExecutorRow.id) == executor_id) & (col(ExecutorRow.token) == token)
