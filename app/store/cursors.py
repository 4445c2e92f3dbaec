"""Cut lists into pages, newest first, with opaque cursors that no insert shifts."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from app.errors import InvalidInput
from app.store.records import Page
from app.store.texts import is_id

MAX_LIMIT = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FORM = re.compile(r"1:(0|[1-9][0-9]{0,17}):(\S+)")

R = TypeVar("R")
T = TypeVar("T")


class Place(NamedTuple):
    """Where a page ended: the last item's time and id."""

    created_at: datetime
    id: str


def write_cursor(place: Place) -> str:
    """Return the cursor of a place."""
    plain = f"1:{(place.created_at - _EPOCH) // _MICROSECOND}:{place.id}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> Place:
    """Return the place of a cursor.

    A cursor is checked, not signed: it grants nothing, since every query names its user.

    Raises:
        InvalidInput: It is not a cursor that `write_cursor` can have written.
    """
    try:
        plain = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        match = _FORM.fullmatch(plain)
        if match and is_id(match[2]):
            place = Place(_EPOCH + int(match[1]) * _MICROSECOND, match[2])
            if write_cursor(place) == cursor:
                return place
    except (binascii.Error, ValueError, OverflowError):
        pass
    raise bad_cursor()


def bad_cursor() -> InvalidInput:
    """Return the failure of a cursor that this list did not give out."""
    return InvalidInput("the cursor is not one that this service gave out", slug="bad-cursor")


def check_limit(limit: int) -> None:
    """Refuse a page size that can't be served.

    Raises:
        InvalidInput: It is not from 1 to `MAX_LIMIT`.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"the limit must be from 1 to {MAX_LIMIT}", slug="bad-limit")


def cut_page(rows: Sequence[R], limit: int, *, record: Callable[[R], T], place: Callable[[R], Place]) -> Page[T]:
    """Return a page of rows.

    Args:
        rows: Up to one more than `limit`; the surplus one tells that there is a next page.
        limit: How many the page holds at most.
        record: Makes the published value of a row.
        place: Tells where a row stands.
    """
    shown = rows[:limit]
    following = write_cursor(place(shown[-1])) if len(rows) > limit else None
    return Page(tuple(record(row) for row in shown), following)
