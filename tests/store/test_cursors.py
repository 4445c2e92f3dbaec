"""Cursors: what is not one is refused, whoever wrote it."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInput
from app.store.cursors import Place, read_cursor, write_cursor

ID = "5f0c3a1e-9d2b-4c7a-8e6f-0123456789ab"
GOOD = write_cursor(Place(datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), ID))
TIMES = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(4000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(TIMES, st.uuids())
def test_a_cursor_names_its_place(created_at: datetime, uuid: UUID):
    place = Place(created_at, str(uuid))
    assert read_cursor(write_cursor(place)) == place


@given(st.text(max_size=90) | st.text("0123456789abcdefABCDEF-_=", max_size=90))
def test_any_other_text_is_refused(cursor: str):
    with pytest.raises(InvalidInput):
        read_cursor(cursor)


@pytest.mark.parametrize(
    "cursor",
    [
        GOOD + "=",
        GOOD[:-1],
        GOOD + "\n",
        " " + GOOD,
        GOOD.replace("_", "/").replace("-", "+") + "A",
        write_cursor(Place(datetime(1970, 1, 1, tzinfo=UTC) - timedelta(seconds=1), ID)),
        write_cursor(Place(datetime(2026, 1, 1, tzinfo=UTC), "' OR 1=1 --")),
        "MTo5OTk5OTk5OTk5OTk5OTk5OTo",
        "\ud800",
    ],
)
def test_a_near_cursor_is_refused(cursor: str):
    with pytest.raises(InvalidInput):
        read_cursor(cursor)


def test_a_time_past_the_calendar_is_refused():
    last = Place(datetime(9999, 12, 31, tzinfo=UTC), ID)
    assert read_cursor(write_cursor(last)) == last
    beyond = f"1:{4 * 10**17}:{ID}"
    with pytest.raises(InvalidInput):
        read_cursor(base64.urlsafe_b64encode(beyond.encode()).decode().rstrip("="))
