"""The HTTP client of a service: every request within a deadline, tried again where that can't cost twice."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from math import inf
from typing import Any, NamedTuple, TypeVar

import httpx
from tenacity import AsyncRetrying, retry_if_exception, stop_never

from app.errors import CoachError, Misconfigured, ModelMisbehaved, ModelUnavailable
from app.judge.patience import Patience, read_retry_after
from app.remote.problem import Refusal, read_refusal
from app.remote.server import Server

T = TypeVar("T")

_CONNECT_TIMEOUT_S = 10.0
_FIRST_CONTACT_S = 15.0
_SUCCESS = range(200, 300)
_UNREACHABLE = "server-unreachable"


class Reply(NamedTuple):
    """A reply with success."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Setback(Exception):  # noqa: N818 - it never leaves this module
    """One try that failed."""

    def __init__(self, refusal: Refusal, *, unreachable: bool = False) -> None:
        super().__init__(refusal.error.slug)
        self.refusal = refusal
        self.unreachable = unreachable


class ServiceClient:
    """One service and the connections to it; closed at the end.

    Args:
        server: Address and key.
        patience: The bounds of one request in time; the number of tries has none. A service that was never reached is
            given up after a quarter of a minute: it is more likely a wrong address than a restart.
        max_bytes: Longest reply.
        connections: So many at a time.
        trust_env: Use the environment's proxies.
    """

    def __init__(
        self, server: Server, *, patience: Patience, max_bytes: int, connections: int, trust_env: bool = False
    ) -> None:
        for name in ("httpx", "httpcore"):  # they log addresses and what a service sends
            logging.getLogger(name).setLevel(logging.WARNING)
        self._server = server
        self._patience = patience
        self._max_bytes = max_bytes
        self._is_down = False
        self._was_reached = False
        self._http = httpx.AsyncClient(
            verify=ssl.create_default_context(),
            follow_redirects=False,
            trust_env=trust_env,
            timeout=httpx.Timeout(patience.attempt_s, connect=min(_CONNECT_TIMEOUT_S, patience.attempt_s), pool=None),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "star-coach"},
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def post(self, path: str, body: bytes, *, key: str) -> Reply:
        """Send a request that is carried out once, however often it arrives.

        Args:
            path: Below the service's address.
            body: JSON.
            key: Stands for this request.

        Raises:
            CoachError: What the service answered, or that it did not.
        """
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        return await self.request("POST", path, body=body, headers=headers)

    async def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request that may be sent again.

        Raises:
            CoachError: What the service answered, or that it did not.
        """
        return await self._persist(self._try, method, path, body, dict(headers or {}))

    async def read_lines(self, path: str, take: Callable[[bytes], None]) -> None:
        """Hand each line of a reply to `take` as it comes; an end of the reply is no failure, nor is a long pause.

        Raises:
            CoachError: The service refuses, or did not answer.
        """
        await self._persist(self._try_lines, path, take)

    async def _persist(self, attempt: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        tries = _Tries(self._patience, only_one=self._is_down, was_reached=lambda: self._was_reached)
        try:
            result: T = await tries.retrying(attempt, *arguments)
        except _Setback as setback:
            self._is_down = setback.unreachable  # then others need not find out for as long
            error = setback.refusal.error
        else:
            self._is_down = False
            return result
        raise error

    async def _try(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        try:
            async with asyncio.timeout(self._patience.attempt_s):
                return await self._send(method, path, body, headers)
        except TimeoutError:
            raise _lost("the service did not answer in time", "server-timeout") from None
        except httpx.HTTPError as error:
            raise _connection_setback(error) from None
        except (httpx.InvalidURL, UnicodeError):
            raise _Setback(Refusal(Misconfigured("--server: the address can't be used"), may_pass=False)) from None

    async def _try_lines(self, path: str, take: Callable[[bytes], None]) -> None:
        try:
            response = await self._open("GET", path, None, {"Accept": "application/x-ndjson"})
            try:
                if response.status_code not in _SUCCESS:
                    await self._read(response)
                rest = b""
                async for chunk in response.aiter_raw():
                    *lines, rest = (rest + chunk).split(b"\n")
                    if len(rest) > self._max_bytes:
                        raise _Setback(Refusal(_too_large(), may_pass=False))
                    for line in lines:
                        take(line)
            finally:
                await response.aclose()
        except httpx.ReadTimeout:
            return
        except httpx.HTTPError as error:
            raise _connection_setback(error) from None

    async def _open(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> httpx.Response:
        headers["Authorization"] = f"Bearer {self._server.key}"
        request = self._http.build_request(method, f"{self._server.url}{path}", content=body, headers=headers)
        response = await self._http.send(request, stream=True)
        self._was_reached = True
        return response

    async def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        response = await self._open(method, path, body, headers)
        return await self._read(response)

    async def _read(self, response: httpx.Response) -> Reply:
        try:
            content = bytearray()
            async for chunk in response.aiter_raw():
                content += chunk
                if len(content) > self._max_bytes:
                    raise _Setback(Refusal(_too_large(), may_pass=False))
        finally:
            await response.aclose()
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _Setback(Refusal(_misshapen(), may_pass=False))
        if response.status_code in _SUCCESS:
            return Reply(response.status_code, response.headers, bytes(content))
        wait_s = read_retry_after(response.headers)
        media_type = response.headers.get("content-type", "")
        raise _Setback(read_refusal(response.status_code, media_type, bytes(content), retry_after_s=wait_s))


class _Tries:
    """One request on its way through tries."""

    def __init__(self, patience: Patience, *, only_one: bool, was_reached: Callable[[], bool]) -> None:
        self._patience = patience
        self._only_one = only_one
        self._was_reached = was_reached
        self._now = asyncio.get_running_loop().time
        self._started = self._now()
        self._tried = 0
        self._wait_s: float | None = None
        self.retrying = AsyncRetrying(
            retry=retry_if_exception(self._may_try_again),
            wait=lambda _: self._wait_s or 0.0,
            stop=stop_never,
            sleep=asyncio.sleep,
            reraise=True,
        )

    def _may_try_again(self, error: BaseException) -> bool:
        if not isinstance(error, _Setback) or not error.refusal.may_pass:
            return False
        self._tried += 1
        tries = 1 if self._only_one and error.unreachable else error.refusal.tries
        if tries is not None and self._tried >= tries:
            return False
        is_stranger = error.refusal.error.slug == _UNREACHABLE and not self._was_reached()
        deadline_s = min(self._patience.deadline_s, _FIRST_CONTACT_S if is_stranger else inf)
        remaining_s = self._started + deadline_s - self._now()
        floor_s = error.refusal.error.retry_after_s
        self._wait_s = self._patience.wait_s(self._tried, floor_s=floor_s, remaining_s=remaining_s)
        return self._wait_s is not None


def _connection_setback(error: httpx.HTTPError) -> _Setback:
    if isinstance(error, httpx.TimeoutException):
        return _lost("the service did not answer in time", "server-timeout")
    if any(isinstance(link, ssl.SSLError) for link in _chain(error)):
        return _Setback(
            Refusal(Misconfigured("no secure connection to the service can be made", slug="tls-failed"), may_pass=False)
        )
    if isinstance(error, httpx.UnsupportedProtocol):
        return _Setback(Refusal(Misconfigured("--server: the address can't be used"), may_pass=False))
    if isinstance(error, httpx.ConnectError):
        return _lost("the service can't be reached", _UNREACHABLE)
    return _lost("the connection to the service broke", "server-connection-lost")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _lost(detail: str, slug: str) -> _Setback:
    return _Setback(Refusal(ModelUnavailable(detail, slug=slug), may_pass=True), unreachable=True)


def _too_large() -> CoachError:
    return ModelMisbehaved("the service's reply is larger than allowed", slug="reply-too-large")


def _misshapen() -> CoachError:
    return ModelMisbehaved("the service's reply is encoded in a way that was not asked for", slug="bad-reply")
