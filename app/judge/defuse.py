"""Make untrusted text harmless inside a prompt; the text itself stays as it is everywhere else."""

import json
import unicodedata

_LOOKALIKES = str.maketrans(
    {
        "<": "\uff1c",
        ">": "\uff1e",
        "[": "\uff3b",
        "]": "\uff3d",
        "{": "\uff5b",
        "}": "\uff5d",
        "|": "\uff5c",
        "`": "\uff40",
        "\u2028": "\n",
        "\u2029": "\n",
    }
)
_JOINERS = frozenset("\u200c\u200d")
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cn"})


def defuse(text: str) -> str:
    """Return a copy in which nothing can pass for a tag, a chat token, a fence or a hidden instruction.

    Brackets become their full-width twins, so that a quote of the copy still leads back to the original. Characters
    that nobody sees are left out.
    """
    kept = (_visible(char) for char in text.translate(_LOOKALIKES))
    return "".join(kept)


def as_data(text: str | None) -> str:
    """Return a text as one line of JSON, defused; `null` for no text."""
    return json.dumps(None if text is None else defuse(text), ensure_ascii=False)


def is_hidden(char: str) -> bool:
    """Tell whether a character shows nothing of itself and joins nothing."""
    if char in _JOINERS:
        return False
    if unicodedata.category(char) in _DROPPED:
        return char not in "\n\t"
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _visible(char: str) -> str:
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    return "" if is_hidden(char) else char
