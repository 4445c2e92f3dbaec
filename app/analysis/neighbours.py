"""Weigh each sentence once more, by what was found in it and around it."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from math import log
from operator import add

from app.analysis.mixing import Mixer
from app.analysis.weights import load_weights, sigmoids, softmax

BLOCKS = ("here", "before", "after", "earlier", "later")
"""Where what is weighed was found: in the sentence, in the one before or after it, anywhere earlier or later."""
STEPS = 16
"""Steps that the log-odds of a probability are counted in."""
_MOST = 110
_NEXT_TO_NOTHING = -4 * STEPS
_NOWHERE = -6 * STEPS
_LEAST = 1e-3
_MOST_LIKELY = 1 - _LEAST
_LOWEST = log(_LEAST / (1 - _LEAST))
_LOG_LEAST = log(_LEAST)
_HIGHEST = log(_MOST_LIKELY / (1 - _MOST_LIKELY))


def surround(likely: Sequence[tuple[float, ...]]) -> list[list[int]]:
    """Return the amounts that each sentence of a story is weighed by.

    Args:
        likely: Probabilities of each sentence, told in the story's order.

    Returns:
        For each sentence the log-odds of all probabilities, in steps, one block after the other.
    """
    here = [_steps(_odds(row)) for row in likely]
    return [[step for block in blocks for step in block] for blocks in _surround(here)]


def _surround(here: list[list[int]]) -> Iterator[tuple[list[int], ...]]:
    """Yield the blocks of each sentence."""
    if not here:
        return iter(())
    width = len(here[0])
    beside, nowhere = [_NEXT_TO_NOTHING] * width, [_NOWHERE] * width
    earlier = [nowhere, *accumulate(here[:-1], _highest)]
    later = [nowhere, *accumulate(here[:0:-1], _highest)]
    return zip(here, [beside, *here[:-1]], [*here[1:], beside], earlier, reversed(later), strict=True)


def reweigh(likely: Sequence[tuple[float, ...]], roles: int) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Return the probabilities of a story's sentences in the light of one another.

    Args:
        likely: Probabilities of each sentence by itself, in the story's order: of the roles, then of the signs.
        roles: How many of them are roles.
    """
    found: list[tuple[tuple[float, ...], tuple[float, ...]]] = []
    odds = [_odds(row) for row in likely]
    for row, beside, changes in zip(likely, odds, _mixer().mix([_steps(row) for row in odds]), strict=True):
        logs = [log(value) if value > _LEAST else _LOG_LEAST for value in row[:roles]]
        shares = softmax(list(map(add, logs, changes)))
        found.append((tuple(shares), tuple(sigmoids(map(add, beside[roles:], changes[roles:])))))
    return found


@cache
def _mixer() -> Mixer:
    return Mixer(load_weights("neighbours.bin"), beside=_NEXT_TO_NOTHING, nowhere=_NOWHERE)


def _steps(odds: list[float]) -> list[int]:
    steps = list(map(round, [value * STEPS for value in odds]))
    if min(steps) < -_MOST or max(steps) > _MOST:
        return [max(-_MOST, min(_MOST, step)) for step in steps]
    return steps


def _odds(row: tuple[float, ...]) -> list[float]:
    return [
        log(value / (1 - value)) if _LEAST <= value <= _MOST_LIKELY else _LOWEST if value < _LEAST else _HIGHEST
        for value in row
    ]


def _highest(left: list[int], right: list[int]) -> list[int]:
    return list(map(max, left, right))
