"""Weigh each sentence once more, by what was found in it and around it."""

import math
from collections.abc import Sequence
from functools import cache
from itertools import accumulate

from app.analysis.weights import Weights, load_weights, sigmoid, softmax

BLOCKS = ("here", "before", "after", "earlier", "later")
"""Where what is weighed was found: in the sentence, in the one before or after it, anywhere earlier or later."""
STEPS = 16
"""Steps that the log-odds of a probability are counted in."""
_MOST = 110
_NEXT_TO_NOTHING = -4 * STEPS
_NOWHERE = -6 * STEPS
_LEAST = 1e-3
_MOST_LIKELY = 1 - _LEAST


def surround(likely: Sequence[tuple[float, ...]]) -> list[list[int]]:
    """Return the amounts that each sentence of a story is weighed by.

    Args:
        likely: Probabilities of each sentence, told in the story's order.

    Returns:
        For each sentence the log-odds of all probabilities, in steps, one block after the other.
    """
    return _surround([[_odds(value) for value in row] for row in likely])


def _surround(odds: list[list[float]]) -> list[list[int]]:
    if not odds:
        return []
    here = [[_step(value) for value in row] for row in odds]
    width = len(here[0])
    beside, nowhere = [_NEXT_TO_NOTHING] * width, [_NOWHERE] * width
    earlier = [nowhere, *accumulate(here[:-1], _highest)]
    later = [nowhere, *accumulate(here[:0:-1], _highest)]
    return [
        row + before + after + first + last
        for row, before, after, first, last in zip(
            here, [beside, *here[:-1]], [*here[1:], beside], earlier, reversed(later), strict=True
        )
    ]


def reweigh(likely: Sequence[tuple[float, ...]], roles: int) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Return the probabilities of a story's sentences in the light of one another.

    Args:
        likely: Probabilities of each sentence by itself, in the story's order: of the roles, then of the signs.
        roles: How many of them are roles.
    """
    table = _table()
    found: list[tuple[tuple[float, ...], tuple[float, ...]]] = []
    odds = [[_odds(value) for value in row] for row in likely]
    for row, beside, amounts in zip(likely, odds, _surround(odds), strict=True):
        scores = [_log(value) for value in row[:roles]] + beside[roles:]
        scores = [score + change for score, change in zip(scores, table.mix(amounts), strict=True)]
        found.append((tuple(softmax(scores[:roles])), tuple(sigmoid(score) for score in scores[roles:])))
    return found


@cache
def _table() -> Weights:
    return load_weights("neighbours.bin")


def _step(odds: float) -> int:
    steps = round(odds * STEPS)
    return steps if -_MOST <= steps <= _MOST else max(-_MOST, min(_MOST, steps))


def _odds(probability: float) -> float:
    value = probability if _LEAST <= probability <= _MOST_LIKELY else min(max(probability, _LEAST), _MOST_LIKELY)
    return math.log(value / (1 - value))


def _log(probability: float) -> float:
    return math.log(max(probability, _LEAST))


def _highest(left: list[int], right: list[int]) -> list[int]:
    return list(map(max, left, right))
