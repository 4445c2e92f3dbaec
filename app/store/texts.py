"""Check texts and ids before they reach a driver."""

import hashlib
import re

from app.documents import holds_half_a_pair
from app.errors import InvalidInput

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def check_storable(*texts: str | None) -> None:
    """Refuse texts that not every database can hold.

    Raises:
        InvalidInput: A text holds NUL or half a surrogate pair.
    """
    for given in texts:
        if given is None:
            continue
        if "\0" in given:
            raise InvalidInput("a text holds a NUL character, which can't be stored", slug="unstorable-text")
        if holds_half_a_pair(given):
            raise InvalidInput("a text holds half a surrogate pair, which can't be stored", slug="unstorable-text")


def hash_text(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_id(value: str) -> bool:
    """Tell whether a value is written as this store writes ids; anything else names nothing."""
    return _ID.fullmatch(value) is not None
