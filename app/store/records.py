"""What the store hands out: frozen values, never table rows."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Generic, NamedTuple, TypeVar

from pydantic import ConfigDict, Field

from app.domain import Value

T = TypeVar("T")


class Scope(StrEnum):
    """What a key may be used for."""

    READ = "read"
    EVALUATE = "evaluate"
    BATCH = "batch"
    EXPORT = "export"
    ERASE = "erase"
    ADMIN = "admin"


ALL_SCOPES = frozenset(Scope)
USER_SCOPES = ALL_SCOPES - {Scope.ADMIN}


class Page(NamedTuple, Generic[T]):
    """A stretch of a list, newest first; `next_cursor` is None on the last page."""

    items: tuple[T, ...]
    next_cursor: str | None


class User(Value):
    """Someone whose stories are kept apart from everyone else's."""

    id: str
    name: str
    created_at: datetime


class Caller(Value):
    """Who a valid key speaks for, and what the key may be used for."""

    user_id: str
    user_name: str
    key_id: str
    scopes: frozenset[Scope]


class KeyRecord(Value):
    """What is known of a key; its secret is not."""

    id: str
    user_name: str
    label: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class NewKey(Value):
    """A key just made; `token` can never be shown again."""

    token: Annotated[str, Field(repr=False)]
    record: KeyRecord


class PrivateValue(Value):
    """A value that holds a user's own words: neither `repr` nor a validation error shows them."""

    model_config = ConfigDict(hide_input_in_errors=True)


class Reply(PrivateValue):
    """An answer as it went out; the body holds the user's own words."""

    status: int
    headers: dict[str, str]
    body: Annotated[str, Field(repr=False)]


class Claim(NamedTuple):
    """The right of one request to carry out what its key stands for.

    Attributes:
        route: The operation; the same key may be used for another one.
        token: Tells this request from a later one that took the key over.
    """

    route: str
    key_sha256: str
    token: str


class Receipt(NamedTuple, Generic[T]):
    """A claim, and how to write the reply that is stored under it in one step with the work itself."""

    claim: Claim
    write: Callable[[T], Reply]


class StoryFields(PrivateValue):
    """A story as its author gives it."""

    text: Annotated[str, Field(repr=False)]
    title: Annotated[str | None, Field(repr=False)] = None
    question: Annotated[str | None, Field(repr=False)] = None
    principles: tuple[str, ...] = ()
    role: str | None = None
    level: str | None = None


class StoryChanges(PrivateValue):
    """What to change of a story: the fields that were given, so an explicit None clears a field.

    A `text` that differs from the newest revision's makes a new revision; the same text makes none.
    """

    text: Annotated[str, Field(repr=False)] = ""
    title: Annotated[str | None, Field(repr=False)] = None
    question: Annotated[str | None, Field(repr=False)] = None
    principles: tuple[str, ...] = ()
    role: str | None = None
    level: str | None = None


class Revision(PrivateValue):
    """An immutable text of a story, exactly as it was given.

    Attributes:
        number: Counts from 1 within the story.
        sha256: Of the text's UTF-8 bytes, in hexadecimal.
    """

    id: str
    number: Annotated[int, Field(ge=1)]
    text: Annotated[str, Field(repr=False)]
    sha256: str
    created_at: datetime


class StoryRecord(PrivateValue):
    """A stored story with its newest revision.

    Attributes:
        version: Grows with every change of the story; an ETag is made of it.
    """

    id: str
    version: Annotated[int, Field(ge=1)]
    title: Annotated[str | None, Field(repr=False)]
    question: Annotated[str | None, Field(repr=False)]
    principles: tuple[str, ...]
    role: str | None
    level: str | None
    revision: Revision
    created_at: datetime
    updated_at: datetime


class DaySpending(Value):
    """What calls to the model took on one day (UTC).

    Attributes:
        requests: HTTP requests that were sent.
        input_tokens: As the provider reported them.
        output_tokens: As the provider reported them.
        charged_tokens: What counts against budgets: a request without plausible numbers, or under way, counts as the
            most it can take.
        charged_usd: Likewise; None where a model without a known price was asked.
    """

    day: date
    requests: int
    input_tokens: int
    output_tokens: int
    charged_tokens: int
    charged_usd: float | None
