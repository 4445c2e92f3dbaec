"""The tables. What belongs to a user has the user's id first in its key, so a foreign key can't cross users."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Index, MetaData, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

_ID = 36  # a UUID as text: readable in any database shell, the same on both databases
_SHA256 = 64

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Row(SQLModel):
    """What the tables of this store share: one metadata of their own."""

    metadata = metadata


class UserRow(Row, table=True):
    """A user."""

    __tablename__: ClassVar[Any] = "users"

    id: str = Field(primary_key=True, max_length=_ID)
    name: str = Field(unique=True, max_length=64)
    created_at: datetime


class KeyRow(Row, table=True):
    """An API key; looked up before its user is known, so `id` alone is its key."""

    __tablename__: ClassVar[Any] = "api_keys"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        Index(None, "user_id", "created_at"),
    )

    id: str = Field(primary_key=True, max_length=12)
    user_id: str = Field(max_length=_ID)
    label: str = Field(sa_type=Text)
    scopes: str = Field(sa_type=Text)
    secret_sha256: str = Field(max_length=_SHA256)
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class StoryRow(Row, table=True):
    """A story without its texts; `revision_number` is the newest revision's."""

    __tablename__: ClassVar[Any] = "stories"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        Index(None, "user_id", "created_at", "id"),
    )

    user_id: str = Field(primary_key=True, max_length=_ID)
    id: str = Field(primary_key=True, max_length=_ID)
    version: int
    revision_number: int
    title: str | None = Field(sa_type=Text)
    question: str | None = Field(sa_type=Text)
    principles: list[str] = Field(sa_type=JSON)
    role: str | None = Field(sa_type=Text)
    level: str | None = Field(sa_type=Text)
    created_at: datetime
    updated_at: datetime


class RevisionRow(Row, table=True):
    """A text of a story."""

    __tablename__: ClassVar[Any] = "revisions"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["user_id", "story_id"], ["stories.user_id", "stories.id"], ondelete="CASCADE"),
        UniqueConstraint("user_id", "story_id", "number"),
    )

    user_id: str = Field(primary_key=True, max_length=_ID)
    story_id: str = Field(primary_key=True, max_length=_ID)
    id: str = Field(primary_key=True, max_length=_ID)
    number: int
    text: str = Field(sa_type=Text)
    sha256: str = Field(max_length=_SHA256)
    created_at: datetime


class AssessmentRow(Row, table=True):
    """An assessment: `body` is its JSON, the other columns are what queries ask for."""

    __tablename__: ClassVar[Any] = "assessments"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(
            ["user_id", "story_id", "revision_id"],
            ["revisions.user_id", "revisions.story_id", "revisions.id"],
            ondelete="CASCADE",
        ),
        Index(None, "user_id", "created_at", "id"),
        Index(None, "user_id", "story_id", "created_at", "id"),
    )

    user_id: str = Field(primary_key=True, max_length=_ID)
    id: str = Field(primary_key=True, max_length=_ID)
    story_id: str = Field(max_length=_ID)
    revision_id: str = Field(max_length=_ID)
    status: str = Field(sa_type=String(16))  # pyright: ignore[reportArgumentType]
    strength: int | None
    body: str = Field(sa_type=Text)
    created_at: datetime


class ReplyRow(Row, table=True):
    """What was answered to a request that must be carried out once; `status` is None while it is under way."""

    __tablename__: ClassVar[Any] = "replies"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["user_id", "story_id"], ["stories.user_id", "stories.id"], ondelete="CASCADE"),
        Index(None, "user_id", "created_at"),
        Index(None, "user_id", "story_id"),
    )

    user_id: str = Field(primary_key=True, max_length=_ID)
    route: str = Field(primary_key=True, max_length=64)
    key_sha256: str = Field(primary_key=True, max_length=_SHA256)
    token: str = Field(max_length=_ID)
    fingerprint: str = Field(max_length=_SHA256)
    leased_until: datetime
    story_id: str | None = Field(max_length=_ID)
    status: int | None
    headers: dict[str, str] | None = Field(sa_type=JSON)
    body: str | None = Field(sa_type=Text)
    created_at: datetime


class DayFigures(Row):
    """What calls to the model took on one day (UTC), and what they were charged: the most they could, while they run.

    Money is in billionths of a US dollar; `unpriced_requests` are those of models without a known price.
    """

    created_at: datetime
    requests: int = Field(sa_type=BigInteger)
    unpriced_requests: int = Field(sa_type=BigInteger)
    input_tokens: int = Field(sa_type=BigInteger)
    output_tokens: int = Field(sa_type=BigInteger)
    charged_tokens: int = Field(sa_type=BigInteger)
    charged_nanousd: int = Field(sa_type=BigInteger)


class SpendingRow(DayFigures, table=True):
    """A day of all users together."""

    __tablename__: ClassVar[Any] = "spending"

    day: date = Field(primary_key=True)


class UserSpendingRow(DayFigures, table=True):
    """A day of one user."""

    __tablename__: ClassVar[Any] = "user_spending"
    __table_args__: ClassVar[Any] = (ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),)

    user_id: str = Field(primary_key=True, max_length=_ID)
    day: date = Field(primary_key=True)
