"""A provider's batches and files: sent within bounds, tried again where that can't cost twice."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, BinaryIO, TypeVar

import httpx2
from openai import AsyncOpenAI, Omit
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tenacity import AsyncRetrying, retry_if_exception, stop_never

from app.judge.batch_lines import URL
from app.judge.endpoint import Endpoint
from app.judge.failures import Fault, Kind
from app.judge.patience import Patience
from app.judge.translate import translated
from app.outbound import CappedClient

T = TypeVar("T")

METADATA = "star_coach_batch"
_PAGE = 100
_MOST_PAGES = 50
_WINDOW = "24h"
_EXPIRY_S = 3 * 24 * 3600  # whatever is not deleted after a kill
_LONGEST_LINE = 2 * 1024 * 1024
_CHUNK = 64 * 1024
_PASSING = frozenset(
    {
        Kind.RATE_LIMITED,
        Kind.PROVIDER_UNAVAILABLE,
        Kind.UNREACHABLE,
        Kind.CONNECTION_LOST,
        Kind.TIMEOUT,
        Kind.BAD_RESPONSE,
    }
)
_ID = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class BatchView(_Lenient):
    """A batch as the provider tells of it."""

    id: str = Field(pattern=_ID)
    status: str = Field(pattern=r"^[a-z_]{1,32}$")
    created_at: int = 0
    input_file_id: str | None = Field(default=None, pattern=_ID)
    output_file_id: str | None = Field(default=None, pattern=_ID)
    error_file_id: str | None = Field(default=None, pattern=_ID)
    metadata: dict[str, str] | None = None
    errors: Any = None

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more comes of it."""
        return self.status in {"completed", "failed", "expired", "cancelled"}


class _Page(_Lenient):
    data: list[BatchView]
    has_more: bool = False


class _File(_Lenient):
    id: str = Field(pattern=_ID)


class FileClient(CappedClient):
    """An HTTP client that leaves replies unread, for files that are read piece by piece."""

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send a request; follows no redirect."""
        options.update(stream=True, follow_redirects=False)
        return await httpx2.AsyncClient.send(self, request, **options)


class BatchClient:
    """One endpoint's batches; closed at the end.

    Args:
        endpoint: Where the model is.
        http: The client under the SDK.
        files: The client that reads files.
        patience: The bounds of one step in time; the number of tries has none.
        largest_file: Longest file that is read, in bytes.
    """

    def __init__(
        self, endpoint: Endpoint, http: CappedClient, files: FileClient, *, patience: Patience, largest_file: int
    ) -> None:
        self._key = endpoint.key
        self._is_openai = endpoint.is_openai
        self._patience = patience
        self._largest_file = largest_file
        self._headers: dict[str, Any] = {} if endpoint.key else {"Authorization": Omit()}
        with translated():
            self._sdk = AsyncOpenAI(
                api_key=endpoint.key or "",
                base_url=endpoint.base_url,
                max_retries=0,
                http_client=http,
                _enforce_credentials=False,
            )
            if not endpoint.is_openai:
                self._sdk.organization = self._sdk.project = None
            self._reader = self._sdk.copy(http_client=files)
            self._reader.organization, self._reader.project = self._sdk.organization, self._sdk.project

    async def aclose(self) -> None:
        """Close all connections."""
        await self._sdk.close()
        await self._reader.close()

    def without_key(self, name: str | None) -> str | None:
        """Return a name that the endpoint chose, unless it sends our key back in it."""
        key = self._key
        return None if name is None or (key and (key in name or name in key)) else name

    async def upload(self, name: str, content: BinaryIO) -> str:
        """Upload a file of requests and return its id.

        Raises:
            Fault: It was not taken.
        """

        async def once() -> str:
            content.seek(0)
            file = (name, content, "application/jsonl")
            create = self._sdk.files.with_raw_response.create
            expiry: Any = {"anchor": "created_at", "seconds": _EXPIRY_S} if self._is_openai else Omit()
            reply = await create(
                file=file, purpose="batch", expires_after=expiry, extra_headers=self._headers, timeout=None
            )
            return _read(_File, reply.http_response.content).id

        return await self._persist(once, longest_s=self._patience.deadline_s)

    async def create(self, submission_id: str, file_id: str, *, created_after: int) -> BatchView:
        """Have a file carried out; looks for the batch first wherever an earlier try may have made it.

        Raises:
            Fault: The provider refuses, or can't be asked.
        """
        is_first = True

        async def once() -> BatchView:
            nonlocal is_first
            if not is_first:
                found = await self._find_once(submission_id, created_after)
                if found is not None:
                    return found
            is_first = False
            create = self._sdk.batches.with_raw_response.create
            reply = await create(
                input_file_id=file_id,
                endpoint=URL,
                completion_window=_WINDOW,
                metadata={METADATA: submission_id},
                extra_headers={**self._headers, "Idempotency-Key": submission_id},
            )
            return _read(BatchView, reply.http_response.content)

        return await self._persist(once)

    async def find(self, submission_id: str, *, created_after: int) -> BatchView | None:
        """Return the batch that carries a submission's id, or None.

        Args:
            submission_id: Our own id.
            created_after: Unix time; older batches are not looked at.

        Raises:
            Fault: The list can't be read.
        """
        return await self._persist(lambda: self._find_once(submission_id, created_after))

    async def look(self, batch_id: str) -> BatchView:
        """Return a batch as it stands.

        Raises:
            Fault: It can't be read.
        """

        async def once() -> BatchView:
            reply = await self._sdk.batches.with_raw_response.retrieve(batch_id, extra_headers=self._headers)
            return _read(BatchView, reply.http_response.content)

        return await self._persist(once)

    async def read_lines(self, file_id: str, take: Callable[[bytes], None]) -> None:
        """Hand each line of a file to `take`; after a broken connection, all of them again from the first.

        Raises:
            Fault: It can't be read.
        """

        async def once() -> None:
            async with aclosing(self._lines(file_id)) as lines:
                async for line in lines:
                    take(line)

        await self._persist(once, longest_s=self._patience.deadline_s)

    async def delete(self, file_id: str) -> None:
        """Delete a file; where that fails it stays until it expires.

        Raises:
            Fault: It was not deleted.
        """
        with translated():
            async with asyncio.timeout(self._patience.attempt_s):
                await self._sdk.files.with_raw_response.delete(file_id, extra_headers=self._headers)

    async def _find_once(self, submission_id: str, created_after: int) -> BatchView | None:
        after: str | Omit = Omit()
        for _ in range(_MOST_PAGES):
            listing: Any = self._sdk.batches.with_raw_response.list
            reply = await listing(limit=_PAGE, after=after, extra_headers=self._headers)
            page = _read(_Page, reply.http_response.content)
            for batch in page.data:
                if (batch.metadata or {}).get(METADATA) == submission_id:
                    return batch
            if not page.has_more or not page.data or page.data[-1].created_at < created_after:
                return None
            after = page.data[-1].id
        return None

    async def _lines(self, file_id: str) -> AsyncGenerator[bytes]:
        content = self._reader.files.with_streaming_response.content
        async with content(file_id, extra_headers=self._headers, timeout=self._patience.attempt_s) as reply:
            rest, total = b"", 0
            async for chunk in reply.iter_bytes(_CHUNK):
                total += len(chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                if total > self._largest_file or len(rest) > _LONGEST_LINE:
                    raise Fault(Kind.REPLY_TOO_LARGE)
                for line in lines:
                    yield line
            if rest:
                yield rest

    async def _persist(self, once: Callable[[], Awaitable[T]], *, longest_s: float | None = None) -> T:
        """Try until it succeeds, is refused for good, or the deadline is over."""
        loop = asyncio.get_running_loop()
        deadline, tried, wait_s = loop.time() + self._patience.deadline_s, 0, 0.0

        def may_pass(error: BaseException) -> bool:
            nonlocal tried, wait_s
            if not isinstance(error, Fault) or error.final or error.kind not in _PASSING:
                return False
            tried += 1
            if error.kind is Kind.BAD_RESPONSE and tried > 1:
                return False
            wish = self._patience.wait_s(tried, floor_s=error.retry_after_s, remaining_s=deadline - loop.time())
            wait_s = wish or 0.0
            return wish is not None

        async def attempt() -> T:
            with translated():
                async with asyncio.timeout(longest_s or self._patience.attempt_s):
                    return await once()

        retrying = AsyncRetrying(
            retry=retry_if_exception(may_pass),
            wait=lambda _: wait_s,
            stop=stop_never,
            sleep=asyncio.sleep,
            reraise=True,
        )
        result: T = await retrying(attempt)
        return result


M = TypeVar("M", bound=BaseModel)


def _read(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate_json(body)
    except ValidationError:
        raise Fault(Kind.BAD_RESPONSE) from None
