"""The HTTP client under the SDK: no redirects, no large replies, no calls to addresses that hold secrets."""

import ipaddress

import httpx2

from app.outbound import Address, CappedClient, GuardedBackend, GuardedTransport, quieten

_METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_CONNECT_TIMEOUT_S = 5.0
_KEEP_ALIVE_S = 30.0


def is_refused(address: Address) -> bool:
    """Tell whether an address is never called: link-local, cloud metadata, multicast, unspecified, reserved."""
    inner = _unwrapped(address)
    return (
        inner.is_link_local
        or inner.is_multicast
        or inner.is_unspecified
        or inner in _METADATA
        or (inner.is_reserved and not inner.is_loopback)
    )


def is_beyond_this_machine(address: Address) -> bool:
    """Tell whether an address is another machine's."""
    return not _unwrapped(address).is_loopback


def _unwrapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def open_http_client(
    *, max_bytes: int, max_connections: int, attempt_s: float, trust_env: bool, loopback_only: bool
) -> CappedClient:
    """Open the one HTTP client of a judge.

    With `trust_env` the environment's proxies and certificates are used and the proxy resolves names, so addresses are
    not checked here.

    Args:
        max_bytes: Longest reply, after decompression.
        max_connections: Connections at a time, idle ones included.
        attempt_s: Longest pause of the network within one request.
        trust_env: Use the environment's proxies and certificates.
        loopback_only: Refuse every address beyond this machine.
    """
    quieten("openai", "httpx2", "httpcore2")
    limits = httpx2.Limits(
        max_connections=max_connections, max_keepalive_connections=max_connections, keepalive_expiry=_KEEP_ALIVE_S
    )
    short_s = min(_CONNECT_TIMEOUT_S, attempt_s)
    timeout = httpx2.Timeout(attempt_s, connect=short_s, pool=short_s)
    if trust_env:
        return CappedClient(max_bytes=max_bytes, timeout=timeout, limits=limits, trust_env=True)
    backend = GuardedBackend(is_beyond_this_machine if loopback_only else is_refused)
    transport = GuardedTransport(backend, limits)
    return CappedClient(max_bytes=max_bytes, timeout=timeout, transport=transport, trust_env=False)
