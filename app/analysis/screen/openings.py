"""Tell by the first letters of a text's words what can't stand in it, before an expression is tried on it."""

from collections.abc import Iterable

OPENING = 4
"""Letters of a word that are looked at."""


class Openings:
    """What a text needs at least one of for some expression to match it.

    Args:
        words: First four letters of words, or shorter words, with blanks between.
        parts: What may stand anywhere in the text, with bars between.
    """

    def __init__(self, words: str, parts: str) -> None:
        self._words = frozenset(words.split())
        self._parts = tuple(parts.split("|"))

    def may_stand(self, heads: set[str], text: str) -> bool:
        """Tell whether a text has one of them.

        Args:
            heads: The first letters of its words.
            text: The text in lower case.
        """
        return not self._words.isdisjoint(heads) or has_any(text, self._parts)


def has_any(text: str, parts: Iterable[str]) -> bool:
    """Tell whether one of the parts stands anywhere in a text."""
    return any(map(text.__contains__, parts))
