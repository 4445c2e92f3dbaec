import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.judge.patience import Patience, read_retry_after

PATIENCE = Patience(deadline_s=60, attempt_s=40, queue_s=60)


def test_jitter_fills_the_window_above_the_floor():
    draws = [PATIENCE.wait_s(3, floor_s=1.0, remaining_s=50) for _ in range(1000)]

    waits = [draw for draw in draws if draw is not None]
    assert len(waits) == 1000
    assert min(waits) >= 1.0
    assert max(waits) <= 3.0
    assert max(waits) - min(waits) >= 1.0


@given(st.integers(1, 10), st.one_of(st.none(), st.floats(0, 100)), st.floats(0, 100))
def test_a_wait_is_never_below_the_floor_nor_past_the_deadline(tried: int, floor: float | None, remaining: float):
    wait = PATIENCE.wait_s(tried, floor_s=floor, remaining_s=remaining)

    if wait is None:
        assert remaining <= (floor or 0) + PATIENCE.margin_s + 1e-9
    else:
        assert (floor or 0) <= wait <= remaining


def test_windows_double_up_to_the_longest():
    def longest(tried: int) -> float:
        return max(PATIENCE.wait_s(tried, floor_s=None, remaining_s=1000) or 0 for _ in range(300))

    assert longest(1) <= 0.5 < longest(3) <= 2 < longest(9) <= 8


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "NaN"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e400"}, None),
        ({"retry-after": "8259"}, 8259),
        ({"retry-after": "1e9"}, 86_400),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        ({"retry-after": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
    ],
)
def test_a_wish_to_wait_is_read_or_ignored(headers: dict[str, str], seconds: float | None):
    assert read_retry_after(headers) == seconds


def test_a_date_means_the_time_until_then():
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)

    seconds = read_retry_after({"retry-after": date})

    assert seconds is not None
    assert 50 < seconds <= 100


@given(st.text(max_size=40))
def test_any_text_is_read_as_a_sane_wait_or_none(text: str):
    seconds = read_retry_after({"retry-after": text, "retry-after-ms": text})

    assert seconds is None or (math.isfinite(seconds) and 0 <= seconds <= 86_400)
