"""Make untrusted text harmless inside a prompt; the text itself stays as it is everywhere else."""

import json
import re
import unicodedata

_LOOKALIKES = {
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
_WIDE = {char: chr(ord(char) + 0xFEE0) for char in "#*-:=_~"}
# What stands for structure in one place or another: rules and fences of a line, and who speaks next.
_STRUCTURE = re.compile(
    r"^[ \t#*_＞-]*(?:system|assistant|user|human|developer|tool|ai|instructions?|grader|end of \w+)[ \t*_]*:"
    r"|([#*=_~-])\1{2,}",
    re.IGNORECASE | re.MULTILINE,
)
_JOINERS = frozenset("\u200c\u200d")
_DROPPED = frozenset({"Cc", "Cf", "Co", "Cn"})
_MOST_REMEMBERED = 4_096


def defuse(text: str) -> str:
    """Return a copy in which nothing can pass for a tag, a chat token, a fence, a turn or a hidden instruction.

    Brackets and what makes a line a rule or a turn become their full-width twins, so that a quote of the copy still
    leads back to the original. Characters that nobody sees are left out.
    """
    return _STRUCTURE.sub(_widen, text.translate(_TABLE))


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


def _widen(found: re.Match[str]) -> str:
    return "".join(_WIDE.get(char, char) for char in found.group())


class _Table(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        shown = _show(chr(code))
        if len(self) < _MOST_REMEMBERED:
            self[code] = shown
        return shown


def _show(char: str) -> str:
    if char in _LOOKALIKES:
        return _LOOKALIKES[char]
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    return "" if is_hidden(char) else char


_TABLE = _Table()
