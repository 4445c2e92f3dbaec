import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.judge.failures import Fault, Kind
from app.judge.pace import Pace, read_duration
from tests.unit.judge.clocks import Clock

HEADERS = [f"x-ratelimit-{what}-{of}" for what in ("limit", "remaining", "reset") for of in ("requests", "tokens")]


def run(pace: Pace, clock: Clock, sizes: list[int]) -> list[float]:
    """Return when each of some requests, all there at once, got its turn."""
    times: list[float] = [0.0] * len(sizes)

    async def one(number: int) -> None:
        await pace.turn(sizes[number], longest_wait_s=1e9)
        times[number] = clock.now

    async def all_of_them() -> None:
        await asyncio.gather(*(one(number) for number in range(len(sizes))))

    asyncio.run(all_of_them())
    return times


def most_within_a_minute(times: list[float], amounts: list[int]) -> int:
    return max(
        sum(amount for time, amount in zip(times, amounts, strict=True) if start <= time < start + 60)
        for start in times
    )


@pytest.mark.parametrize("limit", [1, 3, 10, 60, 500])
def test_no_minute_sees_more_requests_than_allowed(limit: int):
    clock = Clock()
    count = min(3 * limit, 600)
    times = run(Pace(requests=limit, clock=clock, sleep=clock.sleep), clock, [1] * count)
    assert most_within_a_minute(times, [1] * count) <= limit


@pytest.mark.parametrize("late_s", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("limit", [60, 100, 1200])
def test_a_first_request_that_arrives_late_does_not_make_the_next_ones_too_many(limit: int, late_s: float):
    clock = Clock()
    times = run(Pace(requests=limit, clock=clock, sleep=clock.sleep), clock, [1] * limit)
    arrivals = [max(time, times[0] + late_s) for time in times]

    level = most = limit / 10
    for before, now in pairwise(arrivals):
        level = min(most, level - 1 + (now - before) * limit / 60)
        assert level >= 1 - 1e-6


def test_what_a_reply_says_was_left_is_not_added_to_while_its_request_may_have_been_under_way():
    clock = Clock()
    pace = Pace(requests=600, clock=clock, sleep=clock.sleep)
    mark = pace.mark(1)
    clock.now += 0.9
    pace.learn({"x-ratelimit-remaining-requests": "2"}, mark)
    times = run(pace, clock, [1] * 3)
    assert times[:2] == [1000.9, 1000.9]
    assert times[2] == pytest.approx(1000.9 + 60 / 550)


def test_nine_tenths_of_the_limit_are_used():
    clock = Clock()
    times = run(Pace(requests=100, clock=clock, sleep=clock.sleep), clock, [1] * 1000)
    assert (times[-1] - times[0]) / 60 <= 1000 / 90


@given(st.lists(st.integers(1, 1000), min_size=20, max_size=80))
def test_no_minute_sees_more_tokens_than_allowed(sizes: list[int]):
    clock = Clock()
    times = run(Pace(tokens=10_000, clock=clock, sleep=clock.sleep), clock, sizes)
    assert most_within_a_minute(times, sizes) <= 10_000


def test_a_request_larger_than_the_limit_is_sent_once_everything_is_free():
    clock = Clock()
    times = run(Pace(tokens=1000, clock=clock, sleep=clock.sleep), clock, [5000, 5000])
    assert times[1] - times[0] >= 60


def test_first_come_first_served_whatever_the_size():
    clock = Clock()
    times = run(Pace(tokens=1000, clock=clock, sleep=clock.sleep), clock, [100, 900, 1, 1, 300, 1])
    assert times == sorted(times)


def test_a_turn_that_would_come_too_late_is_refused_at_once_and_says_when():
    clock = Clock()
    pace = Pace(requests=10, clock=clock, sleep=clock.sleep)

    async def ask() -> Fault:
        await pace.turn(1, longest_wait_s=0)
        with pytest.raises(Fault) as caught:
            await pace.turn(1, longest_wait_s=1)
        return caught.value

    fault = asyncio.run(ask())
    assert (fault.kind, clock.now) == (Kind.RATE_LIMITED, 1000)
    assert fault.retry_after_s == pytest.approx(60 / 9)


def test_a_cancelled_wait_gives_its_place_up():
    clock = Clock()

    async def ask() -> None:
        held = asyncio.Event()
        pace = Pace(requests=10, clock=clock, sleep=lambda _: held.wait())
        await pace.turn(1, longest_wait_s=0)
        waiting = [asyncio.create_task(pace.turn(1, longest_wait_s=1e9)) for _ in range(5)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        clock.now += 7
        await asyncio.wait_for(pace.turn(1, longest_wait_s=0), 5)

    asyncio.run(ask())


def test_without_a_limit_everything_is_free_until_the_endpoint_tells_one():
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    assert pace.is_free
    pace.learn({"x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "9"}, pace.mark(1))
    assert not pace.is_free
    assert most_within_a_minute(run(pace, clock, [1] * 30), [1] * 30) <= 10


@pytest.mark.parametrize(("told", "most"), [("100000", 20), ("5", 5)])
def test_an_own_limit_is_narrowed_and_never_widened(told: str, most: int):
    clock = Clock()
    pace = Pace(requests=20, clock=clock, sleep=clock.sleep)
    pace.learn({"x-ratelimit-limit-requests": told}, pace.mark(1))
    assert most_within_a_minute(run(pace, clock, [1] * 50), [1] * 50) <= most


def test_the_endpoints_word_on_what_is_left_is_believed():
    clock = Clock()
    pace = Pace(requests=100, clock=clock, sleep=clock.sleep)
    pace.learn({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2.5s"}, pace.mark(1))
    assert pace.paused_s == 2.5
    assert run(pace, clock, [1])[0] >= 1002.5


def test_what_was_sent_since_is_not_left_and_what_flowed_since_is():
    clock = Clock()
    pace = Pace(requests=600, clock=clock, sleep=clock.sleep)
    mark = pace.mark(1)
    for _ in range(20):
        pace.mark(1)
    clock.now += 2
    pace.learn({"x-ratelimit-remaining-requests": "15"}, mark)
    times = run(pace, clock, [1] * 5)
    assert times[:4] == [1002] * 4  # 15 were left, 20 sent since, 9 flowed in: for a second it may have been under way
    assert times[4] > 1002


def test_a_pause_is_a_minute_at_most_and_never_shortened():
    clock = Clock()
    pace = Pace(clock=clock)
    pace.pause(8259)
    pace.pause(1)
    assert pace.paused_s == 60


@given(st.dictionaries(st.sampled_from(HEADERS), st.text(max_size=40)))
def test_no_header_upsets_it(headers: dict[str, str]):
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    pace.learn(headers, pace.mark(1))
    assert pace.paused_s <= 60


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1),
        ("6m0s", 360),
        ("20ms", 0.02),
        ("1h2m3.5s", 3723.5),
        ("7", 7),
        ("", None),
        (None, None),
        ("soon", None),
    ],
)
def test_durations_are_read(text: str | None, seconds: float | None):
    assert read_duration(text) == seconds
