"""Where a webhook may go: hosts that the operator allows, by https, at public addresses."""

import ipaddress
import re
from typing import NamedTuple

import httpx2

from app.errors import InvalidInput, Misconfigured
from app.outbound import Address
from app.settings import Settings
from app.webhooks.signing import read_keys

MAX_URL_CHARS = 2000
_HTTPS_PORT = 443
_HTTP_PORT = 80
_MAX_PORT = 65535
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_AUTHORITY = re.compile("[/?#]")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})

# Ranges that lead elsewhere than they look: tunnels, translations, the cloud's own services. `is_global` knows those
# that are private, shared, link-local, reserved or for examples, and differs between releases of Python.
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/3",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})


class Target(NamedTuple):
    """A URL that may be called.

    Attributes:
        is_local: Only this machine may answer it; otherwise only a public address may.
    """

    url: httpx2.URL
    is_local: bool


def check_target(url: str, settings: Settings) -> Target:
    """Return a webhook's URL as it will be called.

    Raises:
        InvalidInput: The URL is none, or may not be called; never shows it.
    """
    if not settings.webhook_hosts:
        raise _refused("this service sends no webhooks")
    if len(url) > MAX_URL_CHARS or not url.isascii() or not url.isprintable() or set(url) & set(" \\"):
        raise _refused(f"a webhook's URL is up to {MAX_URL_CHARS} plain characters")
    try:
        parsed = httpx2.URL(url)
        host = parsed.raw_host.decode("ascii")
    except (httpx2.InvalidURL, TypeError, ValueError):
        raise _refused("the webhook's URL can't be read") from None
    if parsed.userinfo or parsed.fragment or "@" in _AUTHORITY.split(url.partition("//")[2])[0]:
        raise _refused("a webhook's URL holds no user and no fragment")
    local = _check_scheme(parsed.scheme, host, loopback=settings.webhook_loopback)
    port = parsed.port if parsed.port is not None else _HTTP_PORT if local else _HTTPS_PORT
    if not _is_well_written(host) or (host, port) not in _read_hosts(settings.webhook_hosts):
        raise _refused("the operator of this service has not allowed the webhook's host and port")
    return Target(parsed, local)


def _check_scheme(scheme: str, host: str, *, loopback: bool) -> bool:
    """Tell whether a URL is for this machine alone."""
    if scheme == "https":
        return False
    if scheme == "http" and loopback and host in _LOCAL:
        return True
    raise _refused("a webhook's URL begins with https://")


def check_webhooks(settings: Settings) -> None:
    """Refuse settings that no webhook could be sent with; where no host is allowed, none is meant to be.

    Raises:
        Misconfigured: A host can't be read, or the secret is missing or has another form.
    """
    if settings.webhook_hosts:
        _read_hosts(settings.webhook_hosts)
        read_keys(settings)


def _read_hosts(entries: tuple[str, ...]) -> frozenset[tuple[str, int]]:
    """Return the allowed hosts, each with its port: 443 unless said."""
    return frozenset(_read_host(entry) for entry in entries)


def _read_host(entry: str) -> tuple[str, int]:
    try:
        parsed = httpx2.URL(f"https://{entry}/")
        host, port = parsed.raw_host.decode("ascii"), parsed.port if parsed.port is not None else _HTTPS_PORT
    except (httpx2.InvalidURL, ValueError):
        host, port = "", 0
    if set(entry) & set("/?#@\\") or not _is_well_written(host) or not 0 < port <= _MAX_PORT:
        raise Misconfigured("COACH_WEBHOOK_HOSTS: write host or host:port, with commas between", slug="bad-setting")
    return host, port


def _is_well_written(host: str) -> bool:
    """Tell whether a host is written in the one way that every reader reads alike."""
    try:
        return str(ipaddress.ip_address(host)) == host
    except ValueError:
        return _NAME.fullmatch(host) is not None and not _NUMBER.fullmatch(host.rpartition(".")[2])


def is_not_local(address: Address) -> bool:
    """Tell whether an address is not this machine's own."""
    return not address.is_loopback


def is_not_public(address: Address) -> bool:
    """Tell whether an address is anything else than one of the public internet, also by a detour."""
    if any(address in network for network in _NEVER) or not address.is_global or address.is_multicast:
        return True
    if isinstance(address, ipaddress.IPv6Address):
        return address not in _PUBLIC_IPV6 or int(address) >> 32 & 0xFFFF_FFFF in _ISATAP
    return False


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(reason, slug="webhook-refused")
