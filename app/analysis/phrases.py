"""Look phrases up in a text by the word they begin with, so that a pattern is tried only where it can match."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from app.analysis.openings import STEM, find_openings
from app.analysis.quotes import straighten

_TOKEN = re.compile(r"\w+")
_FOLDED = {"İ": "i", "ı": "i", "ſ": "s"}  # what IGNORECASE takes for an ASCII letter and lower() does not


def fold(text: str) -> str:
    """Return a text in which lower-case ASCII patterns match just where they match the text with `IGNORECASE`.

    Apostrophes and quotation marks are straight in it, and every place stays what it is.
    """
    if not text.isascii():
        text = straighten(text)
        for letter, plain in _FOLDED.items():
            text = text.replace(letter, plain)
    return text.lower()


class _Pattern:
    """One pattern of a cue; compiled when it is first tried, since most are not needed for one story."""

    def __init__(self, cue: str, pattern: str) -> None:
        self.cue = cue
        self._pattern = pattern

    @cached_property
    def match(self) -> re.Pattern[str]:
        return re.compile(self._pattern)


class _Index(NamedTuple):
    """Phrases by how they begin: by a whole word, by a word's first letters, or at the beginning of the text alone.

    Under a whole word stand those as well that begin with its first letters.
    """

    words: dict[str, list[_Pattern]]
    stems: dict[str, list[_Pattern]]
    anchored: list[_Pattern]


class Phrases:
    r"""Named sets of phrases.

    Args:
        patterns: For each name, regular expressions in lower case and ASCII, of which one must match; case does not
            matter. Each begins with `\b` and a letter or digit, or with `^`.
    """

    def __init__(self, patterns: Mapping[str, Iterable[str]]) -> None:
        self._patterns = patterns

    def find(self, text: str) -> frozenset[str]:
        """Return the names of the sets that a text has a phrase of."""
        folded = fold(text)
        words, stems, anchored = self._index
        found = {phrase.cue for phrase in anchored if phrase.match.match(folded)}
        for token in _TOKEN.finditer(folded):
            word = token.group()
            if phrases := words.get(word) or stems.get(word[:STEM]):
                _try(phrases, folded, token.start(), found)
        return frozenset(found)

    @cached_property
    def _index(self) -> _Index:
        index = _Index({}, {}, [])
        for cue, patterns in self._patterns.items():
            for pattern in patterns:
                phrase = _Pattern(cue, pattern)
                if pattern.startswith("^"):
                    index.anchored.append(phrase)
                    continue
                for text, is_word in find_openings(pattern):
                    table, key = (index.words, text) if is_word else (index.stems, text[:STEM])
                    if phrase not in (known := table.setdefault(key, [])):
                        known.append(phrase)
        for word, phrases in index.words.items():
            phrases += [phrase for phrase in index.stems.get(word[:STEM], ()) if phrase not in phrases]
        return index


def _try(phrases: list[_Pattern], text: str, start: int, found: set[str]) -> None:
    for phrase in phrases:
        if phrase.cue not in found and phrase.match.match(text, start):
            found.add(phrase.cue)
