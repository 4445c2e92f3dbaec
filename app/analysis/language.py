"""Tell whether a text can be assessed at all, and why not."""

import re
import unicodedata

_MIN_WORDS = 15
_MIN_DISTINCT = 10
_MIN_ENGLISH_SHARE = 0.17
_MIN_LATIN_SHARE = 0.7
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ENGLISH = frozenset(
    """
    the a an and or but so of to in on at for from with by as that this these those it its i me my we us our you
    he she they them their his her was were is are be been am had have has did do does not no which who what
    when where how if because then than after before into about out up down over one all some any more most
    other own would could can will there just also only
    """.split()
)


def find_obstacle(text: str) -> str | None:
    """Return why a text can't be assessed as an English story, as one sentence; None when it can."""
    if not text.strip():
        return "The story is empty."
    if not text.isascii() and _latin_share(text) < _MIN_LATIN_SHARE:
        return "The story is not written in Latin letters; only English stories can be assessed."
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    if len(words) < _MIN_WORDS:
        return f"The story has {len(words)} words; at least {_MIN_WORDS} are needed to assess anything."
    if len(set(words)) < _MIN_DISTINCT:
        return "The story repeats the same few words; there is nothing to assess."
    english = sum(1 for word in words if word in _ENGLISH or "'" in word)
    if english / len(words) < _MIN_ENGLISH_SHARE:
        return "The story does not read as English; only English stories can be assessed."
    return None


def _latin_share(text: str) -> float:
    """Return which share of a text's letters is Latin; 1 of a text without letters."""
    letters = [char for char in text if char.isalpha()]
    others = sum(1 for char in letters if not char.isascii() and "LATIN" not in unicodedata.name(char, ""))
    return (len(letters) - others) / len(letters) if letters else 1.0
