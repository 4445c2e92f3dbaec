"""Tell whether a text can be assessed at all, and why not."""

import re
import unicodedata

from app.analysis.quotes import straighten
from app.analysis.small_words import ENGLISH, OTHERS

_MIN_WORDS = 15
_MIN_DISTINCT = 10
_MIN_ENGLISH_SHARE = 0.1
_PLAINLY_ENGLISH_SHARE = 0.4
_MIN_LATIN_SHARE = 0.7
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_ASCII = re.compile(r"[\x00-\x7f]+")
_SHORT_ENDS = frozenset("t s m d ve re ll".split())
"""What may stand behind the apostrophe of an English word; other languages write the short half first (l'eau)."""

_PLAIN = str.maketrans("łøßæœ", "losao")


def find_obstacle(text: str) -> str | None:
    """Return why a text can't be assessed as an English story, as one sentence; None when it can."""
    if not text.strip():
        return "The story is empty."
    if not text.isascii() and _latin_share(text) < _MIN_LATIN_SHARE:
        return "The story is not written in Latin letters; only English stories can be assessed."
    words = _WORD.findall(straighten(text).lower())
    if len(words) < _MIN_WORDS:
        return f"The story has {len(words)} words; at least {_MIN_WORDS} are needed to assess anything."
    if len(set(words)) < _MIN_DISTINCT:
        return "The story repeats the same few words; there is nothing to assess."
    if not _is_english(words):
        return "The story does not read as English; only English stories can be assessed."
    return None


def _is_english(words: list[str]) -> bool:
    """Tell whether the small words of English are many, and more than those of any other language known here."""
    english = sum(map(ENGLISH.__contains__, words)) + sum(map(_is_contraction, [word for word in words if "'" in word]))
    share = english / len(words)
    if share >= _PLAINLY_ENGLISH_SHARE:
        return True
    plain = [part for word in words for part in _strip_accents(word).split("'")]
    return share >= _MIN_ENGLISH_SHARE and all(sum(map(other.__contains__, plain)) <= english for other in OTHERS)


def _is_contraction(word: str) -> bool:
    """Tell whether an apostrophe stands where English has it: "don't", "owner's"."""
    head, _, end = word.partition("'")
    return end in _SHORT_ENDS and (len(head) > 1 or head == "i")


def _strip_accents(word: str) -> str:
    """Return a word as somebody writes it who has no accents on the keyboard."""
    if word.isascii():
        return word
    split = unicodedata.normalize("NFD", word.translate(_PLAIN))
    return "".join(char for char in split if not unicodedata.combining(char))


def _latin_share(text: str) -> float:
    """Return which share of a text's letters is Latin; 1 of a text without letters."""
    odd = [char for char in _ASCII.sub("", text) if char.isalpha() and "LATIN" not in unicodedata.name(char, "")]
    if not odd:
        return 1.0
    letters = sum(map(str.isalpha, text))
    return (letters - len(odd)) / letters
