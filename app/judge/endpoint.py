"""Where the model is: a base URL that is safe to send a story to, and the key for it."""

import ipaddress
import re
from dataclasses import dataclass, field

import httpx2

from app.errors import Misconfigured
from app.judge.transport import is_refused
from app.settings import Settings

OPENAI_URL = "https://api.openai.com/v1"
_HOST = re.compile(rb"[a-z0-9._-]+|\[?[0-9a-f:.]+\]?", re.IGNORECASE)
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible endpoint.

    Attributes:
        key: None for a server that needs none.
        loopback_only: The URL is plain http, and only this machine may answer it.
    """

    base_url: str
    model: str
    key: str | None = field(repr=False)
    loopback_only: bool

    @property
    def is_openai(self) -> bool:
        """Tell whether this is OpenAI's own service, whose schema rules differ from its imitators'."""
        return self.base_url.rstrip("/") == OPENAI_URL


def read_endpoint(settings: Settings) -> Endpoint:
    """Return the configured endpoint.

    Plain http sends story and key unencrypted. It is taken for this machine alone, unless COACH_ALLOW_HTTP says that
    the network in between is trusted.

    Raises:
        Misconfigured: No endpoint is configured, or the base URL or key can't be used; values are never shown.
    """
    if not settings.has_model:
        raise Misconfigured("no model is configured: set OPENAI_API_KEY or COACH_BASE_URL", slug="no-model")
    key = settings.api_key.get_secret_value() if settings.api_key is not None else None
    if key is not None and (not key or not key.isascii() or not key.isprintable() or " " in key):
        raise Misconfigured("COACH_API_KEY: a key is printable ASCII without spaces", slug="bad-setting")
    if settings.base_url is None:
        return Endpoint(OPENAI_URL, settings.model, key, loopback_only=False)
    plain = _check_url(settings.base_url, allow_http=settings.allow_http)
    return Endpoint(settings.base_url, settings.model, key, loopback_only=plain and not settings.allow_http)


def _check_url(text: str, *, allow_http: bool) -> bool:
    """Refuse a URL that a story must not be sent to; tell whether it is plain http."""
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, TypeError, ValueError):
        raise _bad_url("is not a URL") from None
    if url.scheme not in {"http", "https"} or not _HOST.fullmatch(url.raw_host):
        raise _bad_url("must begin with https:// or http:// and name a host")
    if not 0 < (url.port or 443) < 65536:  # noqa: PLR2004 - the ports there are
        raise _bad_url("must name a port below 65536")
    if url.userinfo or url.query or url.fragment:
        raise _bad_url("must hold no user, query or fragment")
    if _is_loopback(url.host):
        return url.scheme == "http"
    if url.scheme == "http" and not allow_http:
        raise _bad_url("must be https beyond this machine; COACH_ALLOW_HTTP=true allows http on a trusted network")
    return url.scheme == "http"


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            raise _bad_url("must write an address as four decimal numbers") from None
        return host.lower() in {"localhost", "localhost."}
    if is_refused(address):
        raise _bad_url("names an address that is never called")
    return address.is_loopback


def _bad_url(reason: str) -> Misconfigured:
    return Misconfigured(f"COACH_BASE_URL {reason}", slug="bad-base-url")
