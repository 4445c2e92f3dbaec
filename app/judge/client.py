"""Ask a model one thing and get a checked answer, or one fault of the closed list: the only place that retries."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Generic, NamedTuple, TypeVar

import httpx2
from openai import AsyncOpenAI, Omit
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from app.judge.dialect import Dialect, Form, Options
from app.judge.endpoint import Endpoint
from app.judge.failures import MEANINGS, Fault, Kind, RefusedParameter
from app.judge.patience import Patience
from app.judge.prompts import Inquiry
from app.judge.reply import Completion, Tokens, read_completion
from app.judge.translate import translated
from app.judge.transport import CappedClient

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Limits(NamedTuple):
    """How much one judge may ask for at a time."""

    output_tokens: int
    calls_in_flight: int


class Answer(NamedTuple, Generic[T]):
    """A checked answer and what it took to get it.

    Attributes:
        value: What the reader made of the answer's text.
        model: The model as reported, or as asked for.
        attempts: HTTP requests that were sent.
        tokens: Summed over all replies; None when one of them gave no plausible numbers.
    """

    value: T
    model: str
    attempts: int
    tokens: Tokens | None


class ModelClient:
    """One endpoint and model, shared by all calls of a process.

    Args:
        endpoint: Where the model is.
        http: The client under the SDK; closed with this one.
        patience: The bounds of a question in time and tries.
        limits: The bounds in size and number.
        options: What the operator asked for beyond the defaults.
    """

    def __init__(
        self, endpoint: Endpoint, http: CappedClient, *, patience: Patience, limits: Limits, options: Options
    ) -> None:
        self._endpoint = endpoint
        self._patience = patience
        self._limits = limits
        self._options = options
        self._places = asyncio.Semaphore(limits.calls_in_flight)
        first = Form.SCHEMA if endpoint.is_openai else Form.BOUNDED_SCHEMA
        self._dialects = {endpoint.model: Dialect(form=first)}
        self._headers: dict[str, Any] = {} if endpoint.key else {"Authorization": Omit()}
        with translated():
            self._sdk = AsyncOpenAI(
                api_key=endpoint.key or "",
                base_url=endpoint.base_url,
                max_retries=0,
                http_client=http,
                _enforce_credentials=False,
            )
        if not endpoint.is_openai:  # the SDK takes these from the environment; they are no one else's business
            self._sdk.organization = self._sdk.project = None

    async def ask(self, inquiry: Inquiry, read: Callable[[str], T]) -> Answer[T]:
        """Return the checked answer to an inquiry.

        Args:
            inquiry: What to ask.
            read: Checks an answer's text and raises `Fault` where it can't be used.

        Raises:
            Fault: No usable answer came within the bounds.
        """
        async with self._place():
            asking = _Asking(self._patience, self._limits.output_tokens)
            try:
                async with asyncio.timeout(self._patience.deadline_s):
                    return await asking.retrying(self._try, asking, inquiry, read)
            except TimeoutError:
                raise Fault(Kind.TIMEOUT) from None

    async def reach(self) -> None:
        """Ask for the list of models: shows whether the endpoint answers and takes the key; costs nothing.

        Raises:
            Fault: It does not. An endpoint without such a list counts as reached.
        """
        try:
            with translated():
                async with asyncio.timeout(self._patience.attempt_s):
                    await self._sdk.models.with_raw_response.list(extra_headers=self._headers)
        except Fault as fault:
            if fault.kind is not Kind.UNKNOWN_MODEL:
                raise

    async def aclose(self) -> None:
        """Close all connections."""
        await self._sdk.close()

    @asynccontextmanager
    async def _place(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._patience.queue_s):
                await self._places.acquire()
        except TimeoutError:
            raise Fault(Kind.OVERLOADED) from None
        try:
            yield
        finally:
            self._places.release()

    async def _try(self, asking: "_Asking", inquiry: Inquiry, read: Callable[[str], T]) -> Answer[T]:
        started = time.monotonic()
        try:
            completion = await self._complete(asking, inquiry)
            asking.add(completion.tokens)
            value = read(completion.take_content())
        except Fault as fault:
            asking.learn(fault)
            self._note(asking, started, kind=fault.kind.value, status=fault.status)
            raise
        except asyncio.CancelledError:
            self._note(asking, started, kind="cancelled", status=None)
            raise
        self._note(asking, started, kind="ok", status=200)
        return Answer(value, completion.model or self._endpoint.model, asking.attempts, asking.tokens)

    async def _complete(self, asking: "_Asking", inquiry: Inquiry) -> Completion:
        """Make one request; one more for each parameter that the endpoint turns out not to take."""
        while True:
            dialect = self._dialects[self._endpoint.model]
            try:
                return await self._post(asking, inquiry, dialect)
            except RefusedParameter as refused:
                learned = self._dialects[self._endpoint.model].without(refused.name, dialect)
                if learned == dialect:
                    raise
                self._dialects[self._endpoint.model] = learned
                _log.info("model parameter refused: name=%s model=%s", refused.name, self._endpoint.model)

    async def _post(self, asking: "_Asking", inquiry: Inquiry, dialect: Dialect) -> Completion:
        messages = inquiry.messages(show_schema=not dialect.enforces_schema, repair=asking.repair)
        parameters = dialect.parameters(inquiry.schema, self._options, asking.output_tokens)
        create: Any = self._sdk.chat.completions.with_raw_response.create
        asking.attempts += 1
        with translated(sent=tuple(parameters)):
            async with asyncio.timeout(min(self._patience.attempt_s, asking.remaining_s)):
                reply: httpx2.Response = (
                    await create(
                        model=self._endpoint.model,
                        messages=[message._asdict() for message in messages],
                        extra_headers=self._headers,
                        **parameters,
                    )
                ).http_response
        return read_completion(reply.content, reply.headers)

    def _note(self, asking: "_Asking", started: float, *, kind: str, status: int | None) -> None:
        """Log one try: names and numbers of our own, nothing that came from outside."""
        _log.log(
            logging.DEBUG if kind == "ok" else logging.INFO,
            "model call: kind=%s attempt=%d status=%s model=%s ms=%d",
            *(kind, asking.attempts, status, self._endpoint.model, (time.monotonic() - started) * 1000),
        )


class _Asking:
    """The state of one inquiry: what was tried, what it cost, what to change in the next try."""

    def __init__(self, patience: Patience, output_tokens: int) -> None:
        self._patience = patience
        self._deadline = time.monotonic() + patience.deadline_s
        self._kinds: Counter[Kind] = Counter()
        self._counts: list[Tokens | None] = []
        self._upcoming_s: float | None = None
        self.attempts = 0
        self.output_tokens = output_tokens
        self.repair = False
        self.retrying = AsyncRetrying(
            retry=retry_if_exception(self._may_try_again),
            wait=self._wait_s,
            stop=self._is_over,
            sleep=asyncio.sleep,
            reraise=True,
        )

    @property
    def remaining_s(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    @property
    def tokens(self) -> Tokens | None:
        known = [count for count in self._counts if count is not None]
        if not known or len(known) < len(self._counts):
            return None
        return Tokens(sum(count.input for count in known), sum(count.output for count in known))

    def add(self, tokens: Tokens | None) -> None:
        self._counts.append(tokens)

    def learn(self, fault: Fault) -> None:
        """Take note of a failed try and of what the next one must do differently."""
        self._kinds[fault.kind] += 1
        if fault.kind is Kind.TRUNCATED:
            self.output_tokens *= 2
        self.repair = self.repair or fault.kind is Kind.INVALID_OUTPUT

    def _may_try_again(self, error: BaseException) -> bool:
        if not isinstance(error, Fault) or error.final:
            return False
        tries = MEANINGS[error.kind].tries
        return tries is None or self._kinds[error.kind] < tries

    def _wait_s(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        floor_s = error.retry_after_s if isinstance(error, Fault) else None
        self._upcoming_s = self._patience.wait_s(state.attempt_number, floor_s=floor_s, remaining_s=self.remaining_s)
        return self._upcoming_s or 0.0

    def _is_over(self, state: RetryCallState) -> bool:
        return self._upcoming_s is None or state.attempt_number >= self._patience.attempts
