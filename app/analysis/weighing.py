"""Weigh a sentence by the shipped model: what it has wherever it stands once, and its place on top of it."""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from app.analysis.features import Place, name_own, name_place
from app.analysis.said import Said
from app.analysis.weights import NO_ROWS, Total, Weights, load_weights, sigmoids, softmax


class Weight(NamedTuple):
    """What a sentence weighs by itself, wherever it stands, and what followed from it in one place.

    Attributes:
        own: The sum of its own features' rows.
        meaning: What its words weigh by their meaning.
        place: Where it stood.
        likely: The probability of each role, then of each sign, there.
    """

    own: Total
    meaning: tuple[float, ...]
    place: Place | None
    likely: tuple[float, ...]


WEIGHTLESS = Weight(NO_ROWS, (), None, ())
"""What a heading weighs."""


def weigh(said: Said) -> Weight:
    """Return what a sentence weighs by itself."""
    table, words = _tables()
    meaning, known = words.add(said.vocabulary)
    root = known**0.5 or 1.0
    return Weight(table.gather(name_own(said)), tuple([value / root for value in meaning]), None, ())


def put(weight: Weight, place: Place, roles: int) -> Weight:
    """Return what follows from a sentence's weight where it stands now.

    Args:
        weight: What `weigh` or `put` returned for the sentence.
        place: Where it stands.
        roles: How many of the model's outputs are roles; the rest are signs.
    """
    if weight.place == place:
        return weight
    table, _ = _tables()
    counts = table.count(weight.own.plus(_gather_place(place)))
    parts = zip(table.bias, counts, table.scales, weight.meaning, strict=True)
    scores = [bias + count * scale + right for bias, count, scale, right in parts]
    return weight._replace(place=place, likely=(*softmax(scores[:roles]), *sigmoids(scores[roles:])))


@lru_cache(maxsize=2048)
def _gather_place(place: Place) -> Total:
    return _tables()[0].gather(name_place(place))


def count_known(words: Iterable[str]) -> int:
    """Return how many of some lower-case words are English words whose meaning is weighed."""
    return sum(map(_tables()[1].__contains__, words))


def count_known_pairs(pairs: Iterable[tuple[str, str]]) -> int:
    """Return how many pairs of lower-case words in a row are pairs that the shipped model has met."""
    return sum(map(_tables()[0].__contains__, [f"b {left} {right}" for left, right in pairs]))


@cache
def _tables() -> tuple[Weights, Weights]:
    return load_weights("sentences.bin"), load_weights("words.bin")
