"""Take out of a text what no document may hold."""

import re

# What XML 1.0 forbids, lone surrogates included; HTML and JSON readers choke on the same.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BEYOND = re.compile(
    "[" + "".join(f"{chr(plane | 0xFFFE)}{chr(plane | 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)) + "]"
)
_SPACE = re.compile(r"[\s\u0085]+")


def clean(text: str) -> str:
    """Return a text in which characters that documents may not hold are replaced by U+FFFD, one for one."""
    return _BEYOND.sub("\ufffd", _ILLEGAL.sub("\ufffd", text))


def clean_line(text: str) -> str:
    """Return a clean text on one line."""
    return clean(_SPACE.sub(" ", text).strip())


def shorten(text: str, most: int) -> str:
    """Return a text of at most so many characters; a cut end shows as an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
