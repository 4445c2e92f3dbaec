import asyncio

import pytest

from app.judge.breaker import Breaker
from app.judge.failures import Fault, Kind
from tests.unit.judge.clocks import Clock


def fail(breaker: Breaker, kind: Kind = Kind.PROVIDER_UNAVAILABLE) -> None:
    with pytest.raises(Fault), breaker.passing():
        raise Fault(kind)


def succeed(breaker: Breaker) -> None:
    with breaker.passing():
        pass


def is_open(breaker: Breaker) -> bool:
    try:
        breaker.check()
    except Fault:
        return True
    return False


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(failures=5, window_s=60, rest_s=15, clock=clock)


def test_five_failures_in_a_row_open_it_and_four_do_not(breaker: Breaker):
    for _ in range(4):
        fail(breaker)
    assert not is_open(breaker)
    fail(breaker)
    assert is_open(breaker)


def test_while_it_is_open_nothing_inside_is_run_and_the_kind_and_the_wait_are_told(breaker: Breaker, clock: Clock):
    for _ in range(5):
        fail(breaker, Kind.TIMEOUT)
    clock.now += 5
    with pytest.raises(Fault) as caught, breaker.passing():
        pytest.fail("nothing may be sent")
    assert (caught.value.kind, caught.value.retry_after_s, caught.value.final) == (Kind.TIMEOUT, 10, True)


def test_a_success_in_between_starts_the_count_again(breaker: Breaker):
    for _ in range(4):
        fail(breaker)
    succeed(breaker)
    for _ in range(4):
        fail(breaker)
    assert not is_open(breaker)


def test_failures_outside_the_window_do_not_count(breaker: Breaker, clock: Clock):
    for _ in range(9):
        fail(breaker)
        clock.now += 16
    assert not is_open(breaker)


@pytest.mark.parametrize("kind", [Kind.PROVIDER_QUOTA, Kind.KEY_REFUSED])
def test_a_refusal_that_no_further_request_escapes_opens_it_at_once(breaker: Breaker, kind: Kind):
    fail(breaker, kind)
    with pytest.raises(Fault) as caught:
        breaker.check()
    assert caught.value.kind is kind


@pytest.mark.parametrize("kind", [Kind.INVALID_OUTPUT, Kind.BAD_REQUEST, Kind.RATE_LIMITED, Kind.CONTENT_FILTERED])
def test_an_endpoint_that_answers_is_not_left_alone(breaker: Breaker, kind: Kind):
    for _ in range(20):
        fail(breaker, kind)
    assert not is_open(breaker)


def open_and_rest(breaker: Breaker, clock: Clock) -> None:
    for _ in range(5):
        fail(breaker)
    clock.now += 15


def test_after_its_rest_exactly_one_request_is_let_through(breaker: Breaker, clock: Clock):
    open_and_rest(breaker, clock)
    with breaker.passing():
        assert all(is_open(breaker) for _ in range(50))
    assert not is_open(breaker)


def test_a_probe_that_fails_means_another_rest(breaker: Breaker, clock: Clock):
    open_and_rest(breaker, clock)
    fail(breaker)
    assert is_open(breaker)
    clock.now += 14
    assert is_open(breaker)
    clock.now += 1
    succeed(breaker)
    assert not is_open(breaker)


def test_a_cancelled_probe_leaves_the_next_request_to_probe(breaker: Breaker, clock: Clock):
    open_and_rest(breaker, clock)
    with pytest.raises(asyncio.CancelledError), breaker.passing():
        raise asyncio.CancelledError
    assert not is_open(breaker)
    succeed(breaker)
    assert not is_open(breaker)


def test_a_probe_told_to_slow_down_decides_nothing_and_does_not_wedge_it(breaker: Breaker, clock: Clock):
    open_and_rest(breaker, clock)
    fail(breaker, Kind.RATE_LIMITED)
    succeed(breaker)
    assert not is_open(breaker)


def test_what_was_under_way_when_it_opened_changes_nothing(breaker: Breaker):
    with breaker.passing():
        for _ in range(5):
            fail(breaker)
    assert is_open(breaker)
