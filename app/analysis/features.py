"""Name the features of a sentence that the shipped model weighs: words, cues, deeds, measures and place."""

import re
from itertools import pairwise
from typing import NamedTuple, Protocol

from app.analysis.agency import Act, Actor
from app.analysis.blocks import Kind
from app.analysis.quantities import Quantity
from app.analysis.quotes import straighten

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d[\d.,]*%?|[!?→:;()]|->")
_PLACES = 10


class Observed(Protocol):
    """What the features are read from."""

    @property
    def kind(self) -> Kind:
        """How the sentence stands on the page."""
        ...

    @property
    def acts(self) -> tuple[Act, ...]:
        """Its deeds."""
        ...

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Its measures."""
        ...

    @property
    def tokens(self) -> tuple[str, ...]:
        """Its words from `name_tokens`."""
        ...

    @property
    def cues(self) -> frozenset[str]:
        """The names of its cues."""
        ...

    @property
    def words(self) -> int:
        """How many words it has."""
        ...


def name_tokens(text: str) -> list[str]:
    """Return the words of a text in lower case; numbers become `0`."""
    return ["0" if token[0].isdigit() else token for token in _WORD.findall(straighten(text).lower())]


class Place(NamedTuple):
    """Where a sentence stands in its story.

    Attributes:
        number: Its place among the sentences that tell the story, from 0.
        total: How many there are.
        hint: The part that the nearest heading names, if any.
        opens: It begins a paragraph or a list item.
        following: An own deed was told before it.
    """

    number: int
    total: int
    hint: str | None
    opens: bool
    following: bool


PLACE_MARKS = "pfhies"
"""First letters of the features that tell a sentence's place; a lone sentence has none of them."""


def name_features(item: Observed, place: Place) -> list[str]:
    """Return the names of a sentence's features, each once, in the same order every time."""
    return [*name_own(item), *name_place(place)]


def name_own(item: Observed) -> list[str]:
    """Return the names of the features that a sentence has wherever it stands, each once."""
    tokens = item.tokens
    framed = ["^", *tokens, "$"]
    own = sum(act.actor is Actor.SELF for act in item.acts)
    names = [f"w {token}" for token in tokens]
    names += [f"b {left} {right}" for left, right in pairwise(framed)]
    names += [f"t {a} {b} {c}" for a, b, c in zip(framed, tokens, tokens[1:], strict=False)]
    names += [f"c {name}" for name in sorted(item.cues)]
    names += [f"a {act.actor}" for act in item.acts] or ["a none"]
    names += [f"q {quantity.measure}" for quantity in item.quantities]
    names += [
        f"o {min(own, 3)}",
        f"m {min(len(item.quantities), 3)}",
        f"l {min(item.words // 4, 8)}",
        f"k {item.kind}",
    ]
    return list(dict.fromkeys(names))


def name_place(place: Place) -> list[str]:
    """Return the names of the features that tell where a sentence stands; `name_own` returns none of them."""
    left = place.total - 1 - place.number
    names = [
        f"p {place.number * _PLACES // max(1, place.total)}",
        f"i {min(place.number, 4)}",
        f"e {min(left, 4)}",
        f"s {place.opens}",
        f"f {place.following}",
    ]
    return [*names, f"h {place.hint}"] if place.hint else names
