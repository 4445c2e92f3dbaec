"""Which service to ask: an address that a story may be sent to, and the key for it."""

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from app.errors import Misconfigured
from app.settings import Settings

_PREFIX = "ssc_"
_KEY = re.compile(r"[!-~]{1,512}")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Server:
    """A running service.

    Attributes:
        url: Its address, without a slash at the end.
        key: A key that it gave out.
    """

    url: str
    key: str = field(repr=False)


def read_server(url: str, settings: Settings) -> Server:
    """Return the service at an address, with the key of the settings.

    A key of a model's provider is never sent to a service: what COACH_API_KEY or OPENAI_API_KEY holds is taken only
    where it has the form of a service's key.

    Raises:
        Misconfigured: A story must not be sent there, or there is no key; values are never shown.
    """
    return Server(_check_url(url, allow_http=settings.allow_http), _find_key(settings))


def _find_key(settings: Settings) -> str:
    if settings.server_key is not None:
        key = settings.server_key.get_secret_value()
        if not _KEY.fullmatch(key):
            raise Misconfigured("COACH_SERVER_KEY: a key is printable ASCII without spaces", slug="bad-setting")
        return key
    shared = settings.api_key.get_secret_value() if settings.api_key is not None else ""
    if shared.startswith(_PREFIX) and _KEY.fullmatch(shared):
        return shared
    raise Misconfigured(
        "--server needs a key that the service gave out (star-coach keys create): set COACH_SERVER_KEY, or "
        "COACH_API_KEY where that is not the key of a model's provider",
        slug="no-server-key",
    )


def _check_url(text: str, *, allow_http: bool) -> str:
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        raise _bad_url("is not a URL") from None
    if url.scheme not in {"http", "https"} or not url.hostname or not _HOST.fullmatch(url.hostname):
        raise _bad_url("must begin with https:// or http:// and name a host")
    if "@" in url.netloc or "?" in text or "#" in text or not text.isascii() or not text.isprintable() or " " in text:
        raise _bad_url("must hold no user, query, fragment or space")
    if url.scheme == "http" and not allow_http and not _is_loopback(url):
        raise _bad_url("must be https beyond this machine; COACH_ALLOW_HTTP=true allows http on a trusted network")
    return text.rstrip("/")


def _is_loopback(url: SplitResult) -> bool:
    host = url.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bad_url(reason: str) -> Misconfigured:
    return Misconfigured(f"--server: the address {reason}", slug="bad-server")
