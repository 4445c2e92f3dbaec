import pytest

from evals.agreement import exact, icc, interval, ordinal_alpha, within_one

# Shrout and Fleiss 1979, table 2: six things, four raters.
SHROUT = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_the_intraclass_correlation_is_that_of_the_published_example():
    assert icc(SHROUT) == pytest.approx(0.29, abs=0.005)


def test_alpha_is_worked_out_by_hand_for_two_raters():
    # Values 1, 1, 2, 3: from 1 to 2 lie (2 + 1 - 1.5)^2, from 2 to 3 (1 + 1 - 1)^2, from 1 to 3 (2 + 1 + 1 - 1.5)^2.
    # Expected 2*1*2.25 + 1*1*1 + 2*1*6.25 = 18, observed 1, four ratings: 1 - 3 * 1 / 18.
    assert ordinal_alpha([[1, 1], [2, 3]]) == pytest.approx(1 - 3 / 18)


def test_ratings_that_agree_agree():
    ratings = [[1, 1, 1], [3, 3, 3], [5, 5, 5]]
    assert (exact(ratings), within_one(ratings), icc(ratings), ordinal_alpha(ratings)) == (1, 1, 1, 1)
    assert interval(ratings, exact) == (1, 1)


def test_ratings_that_never_differ_say_nothing_of_agreement():
    assert icc([[3, 3], [3, 3]]) is None
    assert ordinal_alpha([[3, 3], [3, 3]]) is None
    assert interval([[3, 3], [3, 3]], ordinal_alpha) is None
    assert interval([], exact) is None


def test_pairs_are_counted_over_all_ratings_of_a_thing():
    assert exact([[1, 1, 2]]) == pytest.approx(1 / 3)
    assert within_one([[1, 1, 3]]) == pytest.approx(1 / 3)


def test_an_interval_is_the_same_each_time_and_holds_the_figure():
    low, high = interval(SHROUT, icc) or (1.0, 0.0)
    assert (low, high) == interval(SHROUT, icc)
    assert low <= (icc(SHROUT) or 0) <= high
