"""Where jobs wait: DBOS's tables, written to in the transactions of the store.

Only ids go into them. The queue has turns: a user's first waiting story comes beside the first of every other user's,
so nobody's ten thousand stand before another's one, and what somebody waits for stands before all that.
"""

import time
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from dbos import DBOSClient, EnqueueOptions
from dbos._enqueue_options import build_enqueue_status
from dbos._sys_db import SystemDatabase
from sqlalchemy import Connection, Engine

from app.store import Job, Line
from app.store.bulk import insert_rows, write_out
from app.store.engine import BEGIN_OPTION

APPLICATION = "star-coach"
VERSION = "jobs-1"  # pinned: a deploy takes over what waits. Another one only where steps change their order.
ASSESS = "assess_story"
TELL = "tell_receiver"
STORIES = "stories"
RECEIVERS = "receivers"

_FIRST_BATCH_TURN = 1_000_000  # turns below are for what somebody waits for
_MANY = 1000
_ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class JobQueue:
    """The jobs that wait or are under way.

    Args:
        engine: The store's: jobs are stored in the transactions that store what they are about.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._client = DBOSClient(system_database_engine=engine, application_name=APPLICATION, lazy=True)
        self._system = _system_of(self._client)  # the client itself has no bulk enqueue in a transaction
        self._serializer = self._system.serializer
        self._status = self._system.tables.workflow_status
        self._input = self._system.tables.workflow_input
        self.line = Line(self._join, self._leave, self._announce)

    def prepare(self) -> None:
        """Make DBOS's tables, or bring them up to date; nothing happens where they are."""
        plain = self._engine.execution_options(**{BEGIN_OPTION: None})  # on SQLite it begins by itself
        client = DBOSClient(system_database_engine=plain, application_name=APPLICATION, lazy=True)
        _system_of(client).run_migrations()  # `DBOS.migrate` takes a URL only, and opens it without WAL

    def find_holders(self) -> frozenset[str]:
        """Return the executors that have jobs under way."""
        status = self._status
        held = status.select().with_only_columns(status.c.executor_id).distinct()
        held = held.where(status.c.status == "PENDING", status.c.application_name == APPLICATION)
        with self._engine.begin() as connection:
            self._see_tables(connection)
            return frozenset(row[0] for row in connection.execute(held) if row[0] is not None)

    def recover(self, holders: Collection[str], alive: Collection[str]) -> int:
        """Let the jobs wait again of executors that are no longer alive; return how many.

        Args:
            holders: Who had jobs under way *before* it was asked who lives: whoever began since then is not known.
            alive: Who lives.
        """
        return sum(self.hand_back(holder) for holder in sorted(set(holders) - set(alive)))

    def hand_back(self, executor_id: str) -> int:
        """Let the jobs wait again that an executor began and did not end; return how many."""
        pending = self._system.get_pending_workflows(executor_id, VERSION)
        return sum(self._system.reenqueue_for_recovery(item.workflow_id, [executor_id], STORIES) for item in pending)

    def count(self) -> tuple[dict[str, int], int]:
        """Return how many stories each executor has under way, and how many wait."""
        status = self._status
        rows = status.select().with_only_columns(status.c.executor_id, status.c.status)
        rows = rows.where(status.c.queue_name == STORIES, status.c.status.in_(["ENQUEUED", "PENDING"]))
        with self._engine.begin() as connection:
            self._see_tables(connection)
            found = connection.execute(rows).all()
        held = Counter(holder for holder, state in found if state == "PENDING" and holder)
        return dict(held), sum(state == "ENQUEUED" for _, state in found)

    def prune(self, older_than_s: float) -> None:
        """Forget the jobs that ended long ago; what came of them is in the store."""
        status, before_ms = self._status, int((time.time() - older_than_s) * 1000)
        ended = status.select().with_only_columns(status.c.workflow_uuid)
        ended = ended.where(status.c.status.in_(_ENDED), status.c.completed_at < before_ms).limit(_MANY)
        while True:
            with self._engine.begin() as connection:
                self._see_tables(connection)
                ids = [row[0] for row in connection.execute(ended)]
            if not ids:
                return
            self._system.delete_workflows(ids)

    def _see_tables(self, connection: Connection) -> None:
        self._system._apply_caller_schema(connection)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    def _join(self, connection: Connection, jobs: Sequence[Job], after: int, interactive: bool) -> int:  # noqa: FBT001
        self._see_tables(connection)
        user_id = jobs[0].user_id
        first = self._interactive_turn(connection, user_id) if interactive else self._batch_turn(connection, after)
        self._insert(connection, jobs, first)
        return first + len(jobs) - 1

    def _leave(self, connection: Connection, batch_id: str) -> list[int]:
        self._see_tables(connection)
        status, inputs = self._status, self._input
        waiting = (
            (status.c.queue_name == STORIES)
            & (status.c.status == "ENQUEUED")
            & status.c.workflow_uuid.startswith(f"{batch_id}:")
        )
        ids = status.select().with_only_columns(status.c.workflow_uuid).where(waiting)
        connection.execute(inputs.delete().where(inputs.c.workflow_uuid.in_(ids)))
        gone = connection.execute(status.delete().where(waiting).returning(status.c.workflow_uuid))
        return [int(name.split(":")[1]) for name in gone.scalars()]

    def _announce(self, connection: Connection, user_id: str, batch_id: str, number: int) -> None:
        self.announce(connection, user_id, batch_id, number, attempt=1, delay_s=None)

    def announce(  # noqa: PLR0913 - all by name but the first
        self,
        connection: Connection,
        user_id: str,
        batch_id: str,
        number: int,
        *,
        attempt: int,
        delay_s: float | None,
    ) -> None:
        """Let the news wait that a round of a batch has come to its end."""
        self._see_tables(connection)
        options: EnqueueOptions = {
            "workflow_name": TELL,
            "queue_name": RECEIVERS,
            "workflow_id": f"{batch_id}:told:{number}:{attempt}",
            "authenticated_user": user_id,
            "app_version": VERSION,
        }
        if delay_s is not None:
            options["delay_seconds"] = delay_s
        self._client.enqueue_in_transaction(connection, options, user_id, batch_id, number, attempt)

    def announce_later(self, user_id: str, batch_id: str, number: int, *, attempt: int, delay_s: float) -> None:
        """Let the news wait for a further try."""
        with self._engine.begin() as connection:
            self.announce(connection, user_id, batch_id, number, attempt=attempt, delay_s=delay_s)

    def _batch_turn(self, connection: Connection, after: int) -> int:
        status = self._status
        waiting = (status.c.queue_name == STORIES) & (status.c.status == "ENQUEUED")
        turns = status.select().with_only_columns(status.c.priority)
        head = turns.where(waiting, status.c.priority >= _FIRST_BATCH_TURN).order_by(status.c.priority).limit(1)
        found = connection.execute(head).scalar()
        return max(found or _FIRST_BATCH_TURN, after + 1)

    def _interactive_turn(self, connection: Connection, user_id: str) -> int:
        status = self._status
        waiting = (status.c.queue_name == STORIES) & (status.c.status == "ENQUEUED")
        early = status.select().where(waiting, status.c.priority < _FIRST_BATCH_TURN)
        turns = early.with_only_columns(status.c.priority)
        head = connection.execute(turns.order_by(status.c.priority).limit(1)).scalar()
        own = turns.where(status.c.authenticated_user == user_id).order_by(status.c.priority.desc()).limit(1)
        last = connection.execute(own).scalar()
        return min(max(head or 1, (last or 0) + 1), _FIRST_BATCH_TURN - 1)

    def _insert(self, connection: Connection, jobs: Sequence[Job], first: int) -> None:
        """Insert the rows that `DBOSClient.enqueue_in_transaction` inserts one by one, which differ in little."""
        now_ms = int(time.time() * 1000)
        common = self._describe(jobs[0], now_ms)
        named = [(f"{job.batch_id}:{job.number}:{job.round}", job) for job in jobs]
        statuses = [{**common, "workflow_uuid": name, "priority": first + at} for at, (name, _) in enumerate(named)]
        insert_rows(connection, write_out(connection, self._status, statuses))
        inputs = [
            {"workflow_uuid": name, "inputs": self._write_input(job), "retention_timestamp": now_ms}
            for name, job in named
        ]
        insert_rows(connection, write_out(connection, self._input, inputs))

    def _describe(self, job: Job, now_ms: int) -> dict[str, Any]:
        """Return what DBOS writes of a job that waits, empty columns left out."""
        options: EnqueueOptions = {
            "workflow_name": ASSESS,
            "queue_name": STORIES,
            "workflow_id": job.batch_id,
            "authenticated_user": job.user_id,
            "app_version": VERSION,
        }
        status = build_enqueue_status(options, self._serializer, (), {})[1]
        columns = set(self._status.c.keys()) - {"inputs"}
        return {
            **{name: value for name, value in status.items() if name in columns and value is not None},
            "application_name": APPLICATION,
            "application_version": status["app_version"],
            "recovery_attempts": 0,
            "created_at": now_ms,
            "updated_at": now_ms,
        }

    def _write_input(self, job: Job) -> str:
        return self._serializer.serialize({"args": tuple(job), "kwargs": {}})


def _system_of(client: DBOSClient) -> SystemDatabase:
    return client._sys_db  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
