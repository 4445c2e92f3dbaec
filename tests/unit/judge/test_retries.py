import pytest

from app.judge.retries import RetryBudget
from tests.unit.judge.clocks import Clock


@pytest.mark.parametrize(("calls", "granted"), [(0, 10), (50, 10), (100, 10), (200, 20), (1000, 100)])
def test_further_tries_are_a_tenth_of_the_calls_and_ten_at_least(calls: int, granted: int):
    budget = RetryBudget(clock=Clock())
    for _ in range(calls):
        budget.add_call()
    assert sum(budget.take() for _ in range(calls + 50)) == granted


def test_what_was_used_comes_back_when_the_window_has_passed():
    clock = Clock()
    budget = RetryBudget(clock=clock)
    assert sum(budget.take() for _ in range(30)) == 10
    clock.now += 59
    assert not budget.take()
    clock.now += 2
    assert sum(budget.take() for _ in range(30)) == 10
