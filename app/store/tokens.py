"""The form of an API key: `ssc_live_<id>_<secret><checksum>`."""

import binascii
import hashlib
import re
import secrets
import string
from typing import NamedTuple

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PREFIX = "ssc_live_"
_ID_LENGTH = 12
_SECRET_LENGTH = 43  # 62 ** 43 > 2 ** 256
_CHECKSUM_LENGTH = 6  # 62 ** 6 > 2 ** 32
_FORM = re.compile(rf"{_PREFIX}([0-9A-Za-z]{{{_ID_LENGTH}}})_([0-9A-Za-z]{{{_SECRET_LENGTH}}})([0-9A-Za-z]{{6}})")


class Token(NamedTuple):
    """The parts of a key: the public id it is looked up by, and the secret that only its owner has."""

    id: str
    secret: str

    @property
    def text(self) -> str:
        """The whole key, as its owner sends it."""
        body = f"{_PREFIX}{self.id}_{self.secret}"
        return body + _checksum(body)

    @property
    def secret_sha256(self) -> str:
        """What is stored of the secret. It has 256 bits, so a fast hash can't be searched."""
        return hashlib.sha256(self.secret.encode()).hexdigest()


def make_token() -> Token:
    """Return a new random key."""
    key_id = "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
    return Token(key_id, _write_base62(secrets.randbits(256), _SECRET_LENGTH))


def read_token(text: str) -> Token | None:
    """Return the parts of a key; None when it is malformed or its checksum shows a typing error."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    token = Token(match[1], match[2])
    return token if token.text == text else None


def _checksum(body: str) -> str:
    return _write_base62(binascii.crc32(body.encode()), _CHECKSUM_LENGTH)


def _write_base62(number: int, length: int) -> str:
    digits: list[str] = []
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
