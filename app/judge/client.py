"""Ask a model one thing and get a checked answer, or one fault of the closed list: the only place that retries."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import httpx2
from openai import AsyncOpenAI, Omit

from app.domain import Bill, ModelCall, Spent
from app.errors import LimitExceeded
from app.judge.asking import LONGEST_WAIT_S, Asking
from app.judge.breaker import Breaker
from app.judge.budget import Purse, paying
from app.judge.dialect import Dialect, Form, Options
from app.judge.endpoint import Endpoint
from app.judge.failures import Fault, Kind, RefusedParameter
from app.judge.pace import Pace
from app.judge.patience import Patience
from app.judge.prices import Prices
from app.judge.prompts import Inquiry
from app.judge.reply import Completion, Tokens, read_completion
from app.judge.retries import RetryBudget
from app.judge.route import Route, Size, measure
from app.judge.translate import translated
from app.outbound import CappedClient

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Limits(NamedTuple):
    """How much one judge may ask for at a time.

    Attributes:
        requests_per_minute: Of each model; None until the endpoint tells a limit.
        tokens_per_minute: Of each model, in and out together; None until the endpoint tells a limit.
        rest_s: How long a model that keeps failing is left alone.
    """

    output_tokens: int
    calls_in_flight: int
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    rest_s: float = 15.0


class Answer(NamedTuple, Generic[T]):
    """A checked answer and what it took to get it.

    Attributes:
        value: What the reader made of the answer's text.
        model: The model as reported, or as asked for.
        attempts: HTTP requests that were sent.
        tokens: Summed over all replies; None when one of them gave no plausible numbers.
        call: What provenance keeps of it, cost included.
    """

    value: T
    model: str
    attempts: int
    tokens: Tokens | None
    call: ModelCall


class ModelClient:
    """One endpoint and its models, shared by all calls of a process.

    Args:
        endpoint: Where the model is.
        http: The client under the SDK; closed with this one.
        patience: The bounds of a question in time and tries.
        limits: The bounds in size, number and rate.
        options: What the operator asked for beyond the defaults.
        fallbacks: Models of the same endpoint that answer when the first can't, in this order.
        prices: What models cost; without one, costs are not known.
        purses: What every request is paid from.
        reserve: Takes a turn of a model among all processes; None where this is the only one.
    """

    def __init__(  # noqa: PLR0913 - collaborators arrive by constructor
        self,
        endpoint: Endpoint,
        http: CappedClient,
        *,
        patience: Patience,
        limits: Limits,
        options: Options,
        fallbacks: Sequence[str] = (),
        prices: Prices | None = None,
        purses: Sequence[Purse] = (),
        reserve: Callable[[str, int, float], Awaitable[float]] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._patience = patience
        self._limits = limits
        self._options = options
        self._purses = purses
        self._places = asyncio.Semaphore(limits.calls_in_flight)
        self._retries = RetryBudget()
        usual = Form.SCHEMA if endpoint.is_openai else Form.BOUNDED_SCHEMA
        form = usual if options.form is None else options.form
        rates = (limits.requests_per_minute, limits.tokens_per_minute)
        self._routes = tuple(
            Route(
                model,
                Dialect(form=form),
                price=prices.find(model) if prices else None,
                pace=Pace(*rates, reserve=reserve and partial(reserve, model)),
                breaker=Breaker(rest_s=limits.rest_s),
            )
            for model in dict.fromkeys((endpoint.model, *fallbacks))
        )
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

    async def ask(self, inquiry: Inquiry, read: Callable[[str], T], *, payer: str | None = None) -> Answer[T]:
        """Return the checked answer to an inquiry.

        Args:
            inquiry: What to ask.
            read: Checks an answer's text and raises `Fault` where it can't be used.
            payer: Id of the user whose budget it counts against; None where there are no users.

        Raises:
            Fault: No usable answer came within the bounds.
            StoreUnavailable: The database that keeps the budget does not answer; nothing was sent.
        """
        asking = Asking(
            self._patience, self._limits.output_tokens, routes=len(self._routes), retries=self._retries, payer=payer
        )
        async with self._place(asking), asking.within_deadline():
            self._retries.add_call()
            return await asking.retrying(self._try, asking, inquiry, read)

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
    async def _place(self, asking: Asking) -> AsyncGenerator[None]:
        try:
            with asking.queued() as longest_s:
                async with asyncio.timeout(longest_s):
                    await self._places.acquire()
        except TimeoutError:
            raise Fault(Kind.OVERLOADED) from None
        try:
            yield
        finally:
            self._places.release()

    async def _try(self, asking: Asking, inquiry: Inquiry, read: Callable[[str], T]) -> Answer[T]:
        started = time.monotonic()
        route = self._routes[asking.route]
        try:
            completion = await self._complete(asking, route, inquiry)
            value = read(completion.take_content())
        except Fault as fault:
            asking.learn(fault)
            _note(route, asking, started, kind=fault.kind.value, status=fault.status)
            raise
        except asyncio.CancelledError:
            _note(route, asking, started, kind="cancelled", status=None)
            raise
        _note(route, asking, started, kind="ok", status=200)
        call = self._describe(asking, route, completion)
        return Answer(value, call.model, asking.attempts, asking.tokens, call)

    async def _complete(self, asking: Asking, route: Route, inquiry: Inquiry) -> Completion:
        """Make one request; one more for each parameter that the endpoint turns out not to take."""
        while True:
            dialect = route.dialect
            try:
                return await self._post(asking, route, inquiry, dialect)
            except RefusedParameter as refused:
                learned = route.dialect.without(refused.name, dialect)
                if learned == dialect:
                    raise
                route.dialect = learned
                _log.info("model parameter refused: name=%s model=%s", refused.name, route.model)

    async def _post(self, asking: Asking, route: Route, inquiry: Inquiry, dialect: Dialect) -> Completion:
        messages = inquiry.messages(show_schema=not dialect.enforces_schema, repair=asking.repair)
        parameters = dialect.parameters(inquiry.schema, self._options, asking.output_tokens)
        size = measure(inquiry, messages, asking.output_tokens)
        body = {"model": route.model, "messages": [message._asdict() for message in messages], **parameters}
        await self._take_turn(asking, route, size)
        bill = Bill(route.most(size), asking.payer)
        async with self._paying(asking, bill):
            with route.breaker.passing(), _settling(route, size, bill):
                asking.send(bill)
                mark = route.pace.mark(size.likely)
                reply = await self._send(asking, body, sent=tuple(parameters))
                completion = read_completion(reply.content, reply.headers)
            bill.spent = route.spent(size, completion.tokens)
        asking.add(completion.tokens)
        route.pace.learn(reply.headers, mark)
        return completion

    async def _take_turn(self, asking: Asking, route: Route, size: Size) -> None:
        """Wait until the rate allows a request; rather raise than wait long where another model could answer."""
        route.breaker.check()
        if route.pace.is_free:
            return
        if asking.has_fallback and route.pace.paused_s > LONGEST_WAIT_S:
            raise Fault(Kind.RATE_LIMITED, retry_after_s=route.pace.paused_s, final=True)
        with asking.off_the_clock() as longest_s:
            await route.pace.turn(size.likely, longest_wait_s=longest_s)

    @asynccontextmanager
    async def _paying(self, asking: Asking, bill: Bill) -> AsyncGenerator[None]:
        if not self._purses:
            yield
            return
        try:
            async with paying(self._purses, bill, waiting=asking.off_the_clock):
                yield
        except LimitExceeded as refusal:
            raise Fault(Kind.OVER_BUDGET, retry_after_s=refusal.retry_after_s) from None

    async def _send(self, asking: Asking, body: dict[str, Any], *, sent: tuple[str, ...]) -> httpx2.Response:
        # `chat.completions.create` walks through the whole answer's form for each request, which took more time than
        # all that this project adds; what it would send is ready here. Nobody else's key goes along.
        options: Any = {"headers": self._headers, "security": {"bearer_auth": True}}
        with translated(sent=sent):
            async with asyncio.timeout(asking.attempt_s):
                return await self._sdk.post("/chat/completions", cast_to=httpx2.Response, body=body, options=options)

    def _describe(self, asking: Asking, route: Route, completion: Completion) -> ModelCall:
        tokens = asking.tokens
        return ModelCall(
            model=self._without_key(completion.model) or route.model,
            degraded=asking.route > 0,
            attempts=asking.attempts,
            parameters=route.dialect.describe(self._options, asking.output_tokens),
            latency_ms=asking.took_ms,
            finish_reason=str(completion.choice.get("finish_reason")),
            request_id=self._without_key(completion.request_id),
            input_tokens=tokens and tokens.input,
            cached_tokens=tokens and tokens.cached,
            output_tokens=tokens and tokens.output,
            cost_usd=asking.cost_usd,
        )

    def _without_key(self, name: str | None) -> str | None:
        """Return a name that the endpoint chose, unless it sends our key back in it."""
        key = self._endpoint.key
        return None if name is None or (key and (key in name or name in key)) else name


@contextmanager
def _settling(route: Route, size: Size, bill: Bill) -> Generator[None]:
    """Note what a request that fails or is cancelled may have cost, and what the endpoint says of its rate."""
    bill.spent = Spent(bill.most, requests=1)
    try:
        yield
    except Fault as fault:
        bill.spent = route.spent_in_vain(size, fault)
        if fault.retry_after_s is not None:
            route.pace.pause(fault.retry_after_s)
        raise


def _note(route: Route, asking: Asking, started: float, *, kind: str, status: int | None) -> None:
    """Log one try: names and numbers of our own, nothing that came from outside."""
    _log.log(
        logging.DEBUG if kind == "ok" else logging.INFO,
        "model call: kind=%s attempt=%d status=%s model=%s ms=%d",
        *(kind, asking.attempts, status, route.model, (time.monotonic() - started) * 1000),
    )
