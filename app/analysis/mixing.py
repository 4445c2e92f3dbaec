"""Multiply what was found in a story's sentences with the table of what neighbours change, exactly and all at once."""

from collections.abc import Iterable, Iterator, Sequence
from operator import mul, sub

from app.analysis.lanes import LANE, Lanes
from app.analysis.weights import Weights

_RAISE = 1 << (LANE - 4)  # lifts a lane above 0, and three of them still fit


class Mixer:
    """A table with five blocks of rows: for the sentence, those before and after it, all earlier and all later ones.

    What is found in one sentence counts for three, so the first three blocks lie side by side in one row and are
    multiplied together; of all earlier or later ones the highest counts, and only what rises is multiplied anew.

    Args:
        table: One row for each amount of each block.
        beside: The amount that stands for each one before the first sentence and after the last.
        nowhere: The amount that stands for each one where there is no earlier or later sentence.
    """

    def __init__(self, table: Weights, *, beside: int, nowhere: int) -> None:
        width = len(table.outputs)
        rows = table.rows()
        here, before, after, earlier, later = (rows[first : first + width] for first in range(0, 5 * width, width))
        wide, self._lanes = Lanes(3 * width), Lanes(width)
        self._near = [wide.pack([*now, *left, *right]) for now, left, right in zip(here, before, after, strict=True)]
        self._earlier = list(map(self._lanes.pack, earlier))
        self._later = list(map(self._lanes.pack, later))
        self._raise = _RAISE * wide.ones
        self._lower = 3 * _RAISE * self._lanes.ones
        self._shift = LANE * width
        self._lane_mask = (1 << self._shift) - 1
        self._beside = self._raise + beside * sum(self._near)
        self._nowhere = nowhere * sum(self._earlier), nowhere * sum(self._later)
        self._scaled = list(zip(table.bias, table.scales, strict=True))

    def mix(self, found: Sequence[list[int]]) -> Iterator[list[float]]:
        """Yield for each sentence the sum of the table's rows, each times its amount, with the bias.

        Args:
            found: The amounts of each sentence, in the story's order.
        """
        shift, mask, near = self._shift, self._lane_mask, self._near
        products = [self._beside, *(sum(map(mul, amounts, near), self._raise) for amounts in found), self._beside]
        earlier = _rise(found, self._earlier, self._nowhere[0])
        later = reversed(list(_rise(found[::-1], self._later, self._nowhere[1])))
        for left, now, right, early, late in zip(products, products[1:], products[2:], earlier, later, strict=False):
            total = (now & mask) + ((left >> shift) & mask) + (right >> (2 * shift)) + early + late - self._lower
            values = self._lanes.unpack(total)
            yield [bias + scale * value for (bias, scale), value in zip(self._scaled, values, strict=True)]


def _rise(found: Iterable[list[int]], table: list[int], nowhere: int) -> Iterator[int]:
    """Yield for each sentence the sum of the rows, each times the highest amount before it."""
    highest: list[int] = []
    total = nowhere
    for amounts in found:
        yield total
        if not highest:
            highest = amounts
            total = sum(map(mul, amounts, table))
        elif (higher := list(map(max, highest, amounts))) != highest:
            total += sum(map(mul, map(sub, higher, highest), table))
            highest = higher
