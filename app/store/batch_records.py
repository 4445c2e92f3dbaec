"""What the store hands out of batches: frozen values."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field
from sqlalchemy import Connection

from app.domain import Assessment, Depth, EngineChoice, Samples, Value


class State(StrEnum):
    """How far a story of a batch has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BatchStatus(StrEnum):
    """How far a batch has come."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class BatchOptions(Value):
    """How to assess the stories of a batch.

    Attributes:
        max_cost_usd: What all calls to the model for it may cost together.
        webhook_url: Whom to tell when it has come to its end.
        interactive: Somebody waits for it, so it goes before all that are not.
    """

    engine: EngineChoice | None = None
    rubric: str | None = None
    depth: Depth | None = None
    samples: Samples | None = None
    max_cost_usd: float | None = Field(default=None, gt=0)
    webhook_url: str | None = None
    interactive: bool = False


class Counts(Value):
    """How many stories of a batch are where."""

    queued: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def ended(self) -> int:
        """Those that nothing more is done for."""
        return self.done + self.failed + self.cancelled

    @property
    def total(self) -> int:
        """All of them."""
        return self.queued + self.running + self.ended


class BatchRecord(Value):
    """A batch as it is now.

    Attributes:
        sequence: Of the newest story that came to its end; 0 before the first.
        round: Counts from 1, one more each time that failed stories are tried again.
        cost_usd: What the assessments took; None where a price is not known.
    """

    id: str
    status: BatchStatus
    options: BatchOptions
    counts: Counts
    sequence: int
    round: int
    cost_usd: float | None
    created_at: datetime
    finished_at: datetime | None


class ItemRecord(Value):
    """A story of a batch that came to its end; `assessment` is None where there is none, or none any more."""

    sequence: int
    number: int
    story_id: str
    state: State
    error: str | None
    attempts: int
    finished_at: datetime
    assessment: Assessment | None = None


class Job(NamedTuple):
    """Which story of which batch to assess, by ids alone; `round` tells one try from the next."""

    user_id: str
    batch_id: str
    number: int
    round: int


class Assignment(NamedTuple):
    """What to do for a job, and how often it was begun, this time included."""

    story_id: str
    attempt: int
    options: BatchOptions


class Line(NamedTuple):
    """Where jobs wait.

    Attributes:
        join: Lets jobs wait, in a transaction that is open; gets the turn of the user's last one before, and returns
            the turn of the last one now.
        leave: Takes all of a batch's jobs away that wait, and returns the numbers of their stories; some may have begun
            before, in a process that died or handed them back.
        announce: Lets the news wait that a batch has come to its end.
    """

    join: Callable[[Connection, Sequence[Job], int, bool], int]
    leave: Callable[[Connection, str], list[int]]
    announce: Callable[[Connection, str, str, int], None]
