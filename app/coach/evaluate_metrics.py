"""Measures of agreement between two readers, in plain Python: the same figures on every machine."""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")

RESAMPLES = 1000
_SEED = 20261124
_LOW, _HIGH = 0.025, 0.975
_MIN_PAIRS = 2


class Pair(NamedTuple):
    """A labelled score and the one that was given."""

    label: int
    said: int


def precision(tp: int, fp: int) -> float | None:
    """Return the share of findings that are right; None without a finding."""
    return tp / (tp + fp) if tp + fp else None


def recall(tp: int, fn: int) -> float | None:
    """Return the share of labels that were found; None without a label."""
    return tp / (tp + fn) if tp + fn else None


def f1(tp: int, fp: int, fn: int) -> float | None:
    """Return the harmonic mean of precision and recall; None where there is neither label nor finding."""
    return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else None


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None of nothing."""
    return sum(values) / len(values) if values else None


def share(flags: Sequence[bool]) -> float | None:
    """Return the share of true flags; None of nothing."""
    return sum(flags) / len(flags) if flags else None


def overlap(left: set[T], right: set[T]) -> float:
    """Return the Jaccard index of two sets: shared by all; 1 for two empty sets."""
    either = left | right
    return len(left & right) / len(either) if either else 1.0


def weighted_kappa(pairs: Sequence[Pair], *, scores: int = 5) -> float | None:
    """Return Cohen's kappa with quadratic weights; None where it is not defined: no pairs, or nothing ever differs.

    Args:
        pairs: Scores from 1 to `scores`.
        scores: How many scores there are.
    """
    labels, said = [0] * (scores + 1), [0] * (scores + 1)
    seen = 0
    for pair in pairs:
        labels[pair.label] += 1
        said[pair.said] += 1
        seen += (pair.label - pair.said) ** 2
    by_chance = sum(
        left * right * (i - j) ** 2 for i, left in enumerate(labels) if left for j, right in enumerate(said) if right
    )
    return 1 - seen * len(pairs) / by_chance if by_chance else None


def spearman(pairs: Sequence[Pair]) -> float | None:
    """Return the rank correlation, tied ranks averaged; None where one side never varies."""
    if len(pairs) < _MIN_PAIRS:
        return None
    left, right = _ranks([pair.label for pair in pairs]), _ranks([pair.said for pair in pairs])
    middle = (len(pairs) + 1) / 2
    both = sum((x - middle) * (y - middle) for x, y in zip(left, right, strict=True))
    spread = sum((x - middle) ** 2 for x in left) * sum((y - middle) ** 2 for y in right)
    return both / spread**0.5 if spread else None


def _ranks(values: Sequence[int]) -> list[float]:
    order = sorted(values)
    return [order.index(value) + (order.count(value) + 1) / 2 for value in values]


class Interval(NamedTuple):
    """The middle 95 % of a figure over resampled stories."""

    low: float
    high: float


def bootstrap(items: Sequence[T], measures: dict[str, Callable[[Sequence[T]], float | None]]) -> dict[str, Interval]:
    """Return the percentile interval of each measure over stories drawn anew with a fixed seed.

    A resample in which a measure is not defined is left out; a measure that never is has no interval.
    """
    draw = random.Random(_SEED)  # noqa: S311 - a repeatable sample, not a secret
    found: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(RESAMPLES if items else 0):
        sample = draw.choices(items, k=len(items))
        for name, measure in measures.items():
            value = measure(sample)
            if value is not None:
                found[name].append(value)
    return {name: Interval(_quantile(v, _LOW), _quantile(v, _HIGH)) for name, v in found.items() if v}


def _quantile(values: list[float], place: float) -> float:
    """Return a quantile, interpolated between neighbours."""
    ordered = sorted(values)
    whole, part = divmod(place * (len(ordered) - 1), 1)
    index = int(whole)
    following = ordered[min(index + 1, len(ordered) - 1)]
    return ordered[index] + (following - ordered[index]) * part
