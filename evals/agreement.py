"""How far several ratings of the same things agree, in plain Python: the same figures on every machine."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations

from app.coach.evaluate_metrics import mean

Ratings = Sequence[Sequence[int]]
"""One row a thing, one rating a column; every row has as many."""

_SEED = 20261125
_RESAMPLES = 1000
_LOW, _HIGH = 0.025, 0.975


def exact(ratings: Ratings) -> float | None:
    """Return the share of all pairs of ratings of the same thing that are equal."""
    return _pairs(ratings, lambda one, other: one == other)


def within_one(ratings: Ratings) -> float | None:
    """Return the share of all pairs of ratings of the same thing that are at most one apart."""
    return _pairs(ratings, lambda one, other: abs(one - other) <= 1)


def _pairs(ratings: Ratings, agree: Callable[[int, int], bool]) -> float | None:
    return mean([float(agree(one, other)) for row in ratings for one, other in combinations(row, 2)])


def icc(ratings: Ratings) -> float | None:
    """Return the intraclass correlation ICC(2,1): of single ratings, absolute; None where nothing differs.

    Source: Shrout and Fleiss 1979, case 2.
    """
    things, raters = len(ratings), len(ratings[0]) if ratings else 0
    if things < 2 or raters < 2:  # noqa: PLR2004 - a variance takes two
        return None
    grand = sum(map(sum, ratings)) / (things * raters)
    rows = [sum(row) / raters for row in ratings]
    columns = [sum(row[column] for row in ratings) / things for column in range(raters)]
    between = raters * sum((value - grand) ** 2 for value in rows) / (things - 1)
    by_rater = things * sum((value - grand) ** 2 for value in columns) / (raters - 1)
    rest = sum(
        (rating - rows[i] - columns[j] + grand) ** 2 for i, row in enumerate(ratings) for j, rating in enumerate(row)
    ) / ((things - 1) * (raters - 1))
    whole = between + (raters - 1) * rest + raters * (by_rater - rest) / things
    return (between - rest) / whole if whole else None


def ordinal_alpha(ratings: Ratings) -> float | None:
    """Return Krippendorff's alpha for ordered ratings; None where nothing differs.

    Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability", with complete rows.
    """
    counts = Counter(rating for row in ratings for rating in row)
    values = sorted(counts)
    total = sum(counts.values())
    apart = {
        (one, other): (sum(counts[v] for v in values if one <= v <= other) - (counts[one] + counts[other]) / 2) ** 2
        for one, other in combinations(values, 2)
    }
    expected = sum(counts[one] * counts[other] * weight for (one, other), weight in apart.items())
    if not expected:
        return None
    observed = sum(
        apart[min(one, other), max(one, other)] / (len(row) - 1)
        for row in ratings
        for one, other in combinations(row, 2)
        if one != other
    )
    return 1 - (total - 1) * observed / expected


def interval(ratings: Ratings, figure: Callable[[Ratings], float | None]) -> tuple[float, float] | None:
    """Return the middle 95 % of a figure over resamples of the things; None where it is never defined."""
    dice = random.Random(_SEED)  # noqa: S311 - repeatable, not secret
    drawn = [figure(dice.choices(ratings, k=len(ratings))) for _ in range(_RESAMPLES)] if ratings else []
    found = sorted(value for value in drawn if value is not None)
    if not found:
        return None
    return found[int(_LOW * (len(found) - 1))], found[int(_HIGH * (len(found) - 1))]
