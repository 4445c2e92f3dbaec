"""Hold the shipped weights: integer tables that give the same sums on every machine."""

import json
import math
from collections.abc import Iterable
from importlib.resources import files
from math import exp
from typing import Any, NamedTuple, cast

from app.analysis.lanes import BYTE_ZERO, Lanes

_MAGIC = b"star-story-coach weights 1"
_FAR = 60.0  # log-odds beyond it are not told apart


class WeightsError(ValueError):
    """A weights file is not what it should be."""


class Total(NamedTuple):
    """The sum of some rows.

    Attributes:
        lanes: The rows' bytes added up, as `Lanes.spread` packs them.
        rows: How many rows are in it.
    """

    lanes: int
    rows: int

    def plus(self, other: "Total") -> "Total":
        """Return the sum of the rows of both."""
        return Total(self.lanes + other.lanes, self.rows + other.rows)

    def minus(self, other: "Total", times: int) -> "Total":
        """Return a sum without so many times the rows of another one."""
        return Total(self.lanes - times * other.lanes, self.rows - times * other.rows)


NO_ROWS = Total(0, 0)


class Weights:
    """A linear model over named features, one column for each output.

    A file is a magic line, a header line of JSON, the names one a line, then a row of unsigned bytes for each name: the
    weight in units of the output's scale, plus 128. Rows are added as big integers with a lane for each output, so a
    sum costs one addition a feature and is exact.

    Args:
        raw: The file's bytes.

    Raises:
        WeightsError: The bytes are no weights file.
    """

    def __init__(self, raw: bytes) -> None:
        magic, _, rest = raw.partition(b"\n")
        head, _, body = rest.partition(b"\n")
        if magic != _MAGIC:
            raise WeightsError("not a weights file")
        self.header = _read_header(head)
        self.outputs: tuple[str, ...] = tuple(self.header["outputs"])
        self.scales: list[float] = self.header["scales"]
        self.bias: list[float] = self.header["bias"]
        self._width = len(self.outputs)
        self._lanes = Lanes(self._width)
        self._zero = BYTE_ZERO * self._lanes.ones
        named: int = self.header["names"]
        try:
            names = body[:named].decode("utf-8").split("\n")
        except UnicodeDecodeError:
            raise WeightsError("the names are no text") from None
        rows = body[named:]
        if named > len(body) or len(rows) != len(names) * self._width:
            raise WeightsError("the rows do not fit the names")
        self._rows = rows
        # A row that was asked for before, with its lanes; of the others -1 minus their number.
        self._known = dict(zip(names, range(-1, -1 - len(names), -1), strict=True))
        if len(self._known) != len(names):
            raise WeightsError("a name is given twice")

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def add(self, names: Iterable[str]) -> tuple[list[float], int]:
        """Return the sum of the rows of all known names, and how many were known; the bias is not in it."""
        total = self.gather(names)
        return self.scale(total), total.rows

    def gather(self, names: Iterable[str], to: Total = NO_ROWS) -> Total:
        """Return a sum with the rows of all known names added to it."""
        find, widen = self._known.get, self._widen
        rows = [row if row >= 0 else widen(name, row) for name in names if (row := find(name)) is not None]
        return Total(sum(rows, to.lanes), to.rows + len(rows))

    def count(self, total: Total) -> tuple[int, ...]:
        """Return what a sum amounts to for each output, in units of its scale."""
        return self._lanes.unpack(total.lanes - total.rows * self._zero)

    def scale(self, total: Total) -> list[float]:
        """Return what a sum amounts to for each output."""
        return [value * scale for value, scale in zip(self.count(total), self.scales, strict=True)]

    def rows(self) -> list[list[int]]:
        """Return all rows in the file's order, in units of each output's scale."""
        starts = range(0, len(self._rows), self._width)
        return [[byte - BYTE_ZERO for byte in self._rows[start : start + self._width]] for start in starts]

    def _widen(self, name: str, place: int) -> int:
        """Return a row as an integer with its lanes; kept, since a few thousand names stand in most stories."""
        number = -1 - place
        bytes_of_row = self._rows[number * self._width : (number + 1) * self._width]
        row = self._known[name] = self._lanes.spread(bytes_of_row)
        return row


def _read_header(head: bytes) -> dict[str, Any]:
    """Return a header that holds what a table needs.

    Raises:
        WeightsError: It does not.
    """
    try:
        header: Any = json.loads(head)
    except (ValueError, RecursionError):  # no JSON, or no text
        raise WeightsError("the header is no JSON") from None
    if not isinstance(header, dict):
        raise WeightsError("the header is no object")
    fields = cast("dict[str, Any]", header)
    outputs, names = fields.get("outputs"), fields.get("names")
    if not _is_list(outputs, str) or not outputs:
        raise WeightsError("the header names no outputs")
    for field in ("scales", "bias"):
        if not _is_list(fields.get(field), int, float) or len(fields[field]) != len(outputs):
            raise WeightsError(f"the header has not one number for each output in {field}")
    if type(names) is not int or names < 0:
        raise WeightsError("the header does not say how long the names are")
    return fields


def _is_list(value: Any, *types: type) -> bool:
    """Tell whether a value is a list of these types; of numbers, finite ones."""
    return isinstance(value, list) and all(
        type(item) in types and (isinstance(item, str) or math.isfinite(item)) for item in cast("list[Any]", value)
    )


def write_weights(
    names: list[str], rows: list[list[float]], *, outputs: list[str], bias: list[float], note: dict[str, str]
) -> bytes:
    """Return the bytes of a weights file; rows are rounded to 8 bits in units of each output's largest weight."""
    largest = [max((abs(row[column]) for row in rows), default=1.0) or 1.0 for column in range(len(outputs))]
    scales = [value / 127 for value in largest]
    header = {
        "outputs": outputs,
        "scales": scales,
        "bias": bias,
        "names": len("\n".join(names).encode("utf-8")),
        **note,
    }
    body = bytearray()
    for row in rows:
        body.extend(round(value / scale) + BYTE_ZERO for value, scale in zip(row, scales, strict=True))
    return b"\n".join([_MAGIC, json.dumps(header, sort_keys=True).encode(), "\n".join(names).encode("utf-8")]) + bytes(
        body
    )


def load_weights(name: str) -> Weights:
    """Load a table that ships with the package."""
    return Weights(files("app.analysis").joinpath("model", name).read_bytes())


def sigmoid(score: float) -> float:
    """Return the probability of a log-odds score."""
    if score < 0:
        power = exp(max(score, -_FAR))
        return power / (1 + power)
    return 1 / (1 + exp(-min(score, _FAR)))


def sigmoids(scores: Iterable[float]) -> list[float]:
    """Return the probabilities of log-odds scores, each just what `sigmoid` returns for it."""
    return [
        1 / (1 + exp(-score))
        if 0 <= score <= _FAR
        else (power := exp(score)) / (1 + power)
        if -_FAR <= score < 0
        else sigmoid(score)
        for score in scores
    ]


def softmax(scores: list[float]) -> list[float]:
    """Return probabilities that add up to 1."""
    top = max(scores)
    powers = [exp(score - top) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]
