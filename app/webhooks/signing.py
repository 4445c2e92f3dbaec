"""Signatures as Standard Webhooks has them: HMAC-SHA256 over id, time and body, by each key that is in use.

Source: https://www.standardwebhooks.com
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from pydantic import SecretStr

from app.errors import Misconfigured
from app.settings import Settings

PREFIX = "whsec_"
_MIN_BYTES = 24
_MAX_BYTES = 64


def read_keys(settings: Settings) -> tuple[bytes, ...]:
    """Return the keys to sign with: the present one, then the one before it while receivers change over.

    Raises:
        Misconfigured: There is none, or one has not the form of a secret; never shows it.
    """
    if settings.webhook_secret is None:
        raise Misconfigured("COACH_WEBHOOK_SECRET: webhooks need a secret to be signed with", slug="bad-setting")
    given = (("webhook_secret", settings.webhook_secret), ("webhook_previous_secret", settings.webhook_previous_secret))
    return tuple(_read_key(name, secret) for name, secret in given if secret is not None)


def _read_key(name: str, secret: SecretStr) -> bytes:
    text = secret.get_secret_value()
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(PREFIX) or not _MIN_BYTES <= len(key) <= _MAX_BYTES:
        form = f"{PREFIX} and then {_MIN_BYTES} to {_MAX_BYTES} bytes in base64"
        raise Misconfigured(f"COACH_{name.upper()}: a secret is {form}", slug="bad-setting")
    return key


def sign(keys: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of `webhook-signature`: one signature a key, with spaces between."""
    content = f"{message_id}.{timestamp}.".encode() + body
    digests = (hmac.new(key, content, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
