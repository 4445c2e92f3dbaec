"""HTTP to others: connections to addresses that were checked, no redirects, no large replies."""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, cast

import httpcore2
import httpx2

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Refuses = Callable[[Address], bool]
Resolve = Callable[[str, int], Awaitable[list[str]]]

_UNWRAPPED_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class ReplyTooLarge(Exception):  # noqa: N818 - named for what happened
    """The reply is longer than allowed once decoded; the rest was not read."""


class AddressRefused(Exception):  # noqa: N818 - named for what happened
    """The host's address is one that is never called."""


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the system's order."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to the very address that was checked, so that a name can't change in between.

    Args:
        refuses: Tells whether an address is never called; one such address of a name refuses them all.
        resolve: Turns a host and a port into addresses.
    """

    def __init__(self, refuses: Refuses, *, resolve: Resolve = resolve) -> None:
        self._inner = cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())
        self._refuses = refuses
        self._resolve = resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address of the host that answers.

        Raises:
            AddressRefused: One of the addresses is never called.
            httpcore2.ConnectError: No address answers, or the name has none.
        """
        failure: Exception = httpcore2.ConnectError("the name has no address")
        for address in await self._checked(host, port):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = [str(ipaddress.ip_address(host))]
        except ValueError:
            try:
                addresses = await self._resolve(host, port)
            except (OSError, UnicodeError):
                raise httpcore2.ConnectError("the name can't be resolved") from None
        for text in addresses:
            if self._refuses(ipaddress.ip_address(text.partition("%")[0])):
                raise AddressRefused
        return addresses

    async def sleep(self, seconds: float) -> None:
        """Wait, for the pool's own purposes."""
        await self._inner.sleep(seconds)


class GuardedTransport(httpx2.AsyncHTTPTransport):
    """A connection pool whose every connection goes through a guarded backend."""

    def __init__(self, backend: httpcore2.AsyncNetworkBackend, limits: httpx2.Limits) -> None:
        context = httpx2.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False, limits=limits)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=backend,
        )


class CappedClient(httpx2.AsyncClient):
    """An HTTP client that reads no more than a fixed number of decoded bytes and follows no redirect.

    Args:
        max_bytes: Longest reply, after decompression.
        options: What `httpx2.AsyncClient` takes.
    """

    def __init__(self, *, max_bytes: int, **options: Any) -> None:
        super().__init__(follow_redirects=False, **options)
        self._max_bytes = max_bytes

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send a request and read the reply up to the cap.

        Raises:
            ReplyTooLarge: The reply goes on beyond the cap.
        """
        options.update(stream=True, follow_redirects=False)
        response = await super().send(request, **options)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._max_bytes:
                    raise ReplyTooLarge
        finally:
            await response.aclose()
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in _UNWRAPPED_HEADERS]
        return httpx2.Response(response.status_code, headers=headers, content=bytes(body), request=request)


def quieten(*libraries: str) -> None:
    """Keep what the other side chooses (reply headers, reason phrases, ids), and the URL, out of the logs.

    A hostile endpoint could send back what it was sent.
    """
    for name in libraries:
        logging.getLogger(name).setLevel(logging.WARNING)
