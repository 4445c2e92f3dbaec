"""The tables of batches: what is asked for, how far it has come, and which processes work on it."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Index, Text
from sqlmodel import Field

from app.store.tables import Row, metadata

__all__ = ["BatchRow", "ExecutorRow", "ItemRow", "PaceRow", "metadata"]

_ID = 36


class BatchRow(Row, table=True):
    """A batch; `sequence` counts what has come to an end, `last_turn` is the place of its last story in the queue."""

    __tablename__: ClassVar[Any] = "batches"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        Index(None, "user_id", "created_at", "id"),
    )

    user_id: str = Field(primary_key=True, max_length=_ID)
    id: str = Field(primary_key=True, max_length=_ID)
    status: str = Field(max_length=16)
    options: dict[str, Any] = Field(sa_type=JSON)
    total: int
    last_turn: int
    sequence: int
    round: int
    charged_nanousd: int = Field(sa_type=BigInteger)
    created_at: datetime
    finished_at: datetime | None


class ItemRow(Row, table=True):
    """A story of a batch; `sequence` is its place among those that came to an end.

    `cost_nanousd` is what it took. While it is under way, it is what its batch's budget holds back for its calls.
    """

    __tablename__: ClassVar[Any] = "batch_items"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["user_id", "batch_id"], ["batches.user_id", "batches.id"], ondelete="CASCADE"),
        Index(None, "user_id", "batch_id", "state"),
        Index(None, "user_id", "batch_id", "sequence"),
    )

    user_id: str = Field(primary_key=True, max_length=_ID)
    batch_id: str = Field(primary_key=True, max_length=_ID)
    number: int = Field(primary_key=True)
    story_id: str = Field(max_length=_ID)
    state: str = Field(max_length=16)
    attempts: int
    assessment_id: str | None = Field(max_length=_ID)
    error: str | None = Field(max_length=64)
    cost_nanousd: int | None = Field(sa_type=BigInteger)
    sequence: int | None
    finished_at: datetime | None


class ExecutorRow(Row, table=True):
    """A process that works on batches; while it lives, `beats` grows."""

    __tablename__: ClassVar[Any] = "executors"

    id: str = Field(primary_key=True, max_length=100)
    token: str = Field(max_length=_ID)
    beats: int = Field(sa_type=BigInteger)
    host: str = Field(sa_type=Text)
    process: int
    started_at: datetime
    seen_at: datetime


class PaceRow(Row, table=True):
    """When the next request, or token, of a model may go: microseconds since 1970, by the database's clock."""

    __tablename__: ClassVar[Any] = "paces"

    model: str = Field(primary_key=True, max_length=200)
    kind: str = Field(primary_key=True, max_length=16)
    free_at_us: int = Field(sa_type=BigInteger)
