"""Keep a row of whole numbers in one big integer, so that adding a row or multiplying it costs one step for all."""

from collections.abc import Iterable
from struct import Struct

BYTE_ZERO = 128
"""The byte that stands for 0 where a byte stands for a number from -128 to 127."""
LANE = 32
"""Bits of a number; whatever is summed up must stay far below half of what they hold."""
_SIZE = LANE // 8


class Lanes:
    """How rows of a width are packed: one number a lane, the first in the lowest; a lane may hold a negative number.

    Args:
        width: How many numbers a row has.
    """

    def __init__(self, width: int) -> None:
        self._bytes = width * _SIZE
        self.ones = self.pack([1] * width)
        """A row of ones."""
        self._tops = self.ones << (LANE - 1)
        self._unpack = Struct(f"<{width}i").unpack

    def pack(self, numbers: Iterable[int]) -> int:
        """Return a row as one integer."""
        return sum(number << (LANE * place) for place, number in enumerate(numbers))

    def spread(self, row: bytes) -> int:
        """Return a row of bytes, each from 0 to 255, as one integer."""
        lanes = bytearray(self._bytes)
        lanes[::_SIZE] = row
        return int.from_bytes(lanes, "little")

    def unpack(self, row: int) -> tuple[int, ...]:
        """Return the numbers of a row."""
        return self._unpack(((row + self._tops) ^ self._tops).to_bytes(self._bytes, "little"))
