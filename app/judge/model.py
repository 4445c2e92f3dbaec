"""The judge that asks a model: render, ask, ground."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from app.catalog import Catalog
from app.domain import GapCode, Span, Usage
from app.errors import Misconfigured
from app.judge.budget import Purse, RunPurse
from app.judge.client import Answer, Limits, ModelClient
from app.judge.dialect import Options
from app.judge.endpoint import read_endpoint
from app.judge.failures import Fault
from app.judge.findings import Brief, Findings, GapFinding, SignalFinding
from app.judge.ground import Ground
from app.judge.patience import Patience
from app.judge.prices import Prices, load_prices
from app.judge.prompts import Prompter
from app.judge.reply import Claims, read_claims
from app.judge.transport import open_http_client
from app.settings import Settings

K = TypeVar("K")

_BOUNDARY_BYTES = 8


def _draw_boundary() -> str:
    return secrets.token_hex(_BOUNDARY_BYTES)


class ModelJudge:
    """A judge behind an OpenAI-compatible endpoint; one a process, closed at its end.

    Args:
        client: Asks the model.
        prompter: Renders the question.
        model: The model's configured name.
        draw_boundary: Makes the delimiter of each prompt; random unless a test wants the same bytes twice.
    """

    def __init__(
        self,
        client: ModelClient,
        prompter: Prompter,
        *,
        model: str,
        draw_boundary: Callable[[], str] = _draw_boundary,
    ) -> None:
        self._client = client
        self._prompter = prompter
        self._draw_boundary = draw_boundary
        self.model = model

    def __repr__(self) -> str:
        return f"ModelJudge(model={self.model!r})"

    async def judge(self, brief: Brief) -> Findings:
        """Return the model's findings whose quotes stand in the story.

        Raises:
            ModelUnavailable: No answer came in time; a later try may help.
            ModelMisbehaved: An answer came and can't be used.
            Misconfigured: The endpoint refuses the key, the model name or the request.
            LimitExceeded: A limit of this service or the provider's quota is reached.
        """
        boundary = self._draw_boundary()
        inquiry = self._prompter.render(brief, boundary)
        try:
            answer = await self._client.ask(inquiry, lambda text: read_claims(text, inquiry.names), payer=brief.payer)
        except Fault as fault:
            error = fault.as_error()
        else:
            return self._ground(brief, answer, boundary)
        # Raised out here, so that nothing of the request hangs on the error as its context.
        raise error

    async def reach(self) -> None:
        """Check that the endpoint answers and takes the key, without a story and at no cost.

        Raises:
            ModelUnavailable: It does not answer.
            Misconfigured: It refuses the key, or the address can't be used.
            CoachError: Any other failure of the closed list.
        """
        try:
            await self._client.reach()
        except Fault as fault:
            error = fault.as_error()
        else:
            return
        raise error

    async def aclose(self) -> None:
        """Close all connections to the endpoint."""
        await self._client.aclose()

    def _ground(self, brief: Brief, answer: Answer[Claims], boundary: str) -> Findings:
        ground = Ground(brief.story.text)
        signals: dict[tuple[str, str], list[Span]] = {}
        gaps: dict[GapCode, list[Span]] = {}
        dropped = 0
        asked = {
            (principle.id, signal.id)
            for principle in brief.rubric.principles
            if principle.id in brief.principles
            for signal in principle.signals
        }
        for claim in answer.value.signals:
            name = (claim.principle, claim.signal)
            spans = ground.find(claim.quote) if name in asked else ()
            dropped += not spans
            _add(signals, name, spans)
        for claim in answer.value.gaps:
            spans = ground.find(claim.quote)
            dropped += not spans
            _add(gaps, claim.code, spans)
        return Findings(
            signals=tuple(SignalFinding(principle=p, signal=s, spans=tuple(at)) for (p, s), at in signals.items()),
            gaps=tuple(GapFinding(code=code, spans=tuple(at)) for code, at in gaps.items()),
            dropped_quotes=dropped,
            model=answer.model,
            prompt=self._prompter.ref,
            boundary=boundary,
            usage=_usage(answer),
            attempts=answer.attempts,
            cost_usd=answer.call.cost_usd,
            degraded=answer.call.degraded,
            calls=(answer.call,),
        )


def _add(found: dict[K, list[Span]], name: K, spans: tuple[Span, ...]) -> None:
    new = [span for span in spans if span not in found.get(name, [])]
    if new:
        found.setdefault(name, []).extend(new)


def _usage(answer: Answer[Claims]) -> Usage | None:
    if answer.tokens is None:
        return None
    return Usage(input_tokens=answer.tokens.input, output_tokens=answer.tokens.output, calls=answer.attempts)


def open_judge(
    settings: Settings, catalog: Catalog, *, patience: Patience | None = None, purses: Sequence[Purse] = ()
) -> ModelJudge:
    """Open a judge for the configured endpoint; no request is sent yet.

    Args:
        settings: The endpoint, its key and all limits.
        catalog: Where the prompt comes from.
        patience: Waits and deadlines; None for those of the settings.
        purses: What requests are paid from, beside the budget of this process.

    Raises:
        Misconfigured: No endpoint is configured, its URL or key can't be used, the prompt is broken, or there is a
            budget in dollars and a model without a price.
    """
    endpoint = read_endpoint(settings)
    prices = load_prices(settings.prices_file)
    _check_prices(settings, prices)
    patience = patience or read_patience(settings)
    http = open_http_client(
        max_bytes=settings.max_response_bytes,
        max_connections=settings.max_model_calls,
        attempt_s=patience.attempt_s,
        trust_env=settings.trust_env,
        loopback_only=endpoint.loopback_only,
    )
    try:
        client = ModelClient(
            endpoint,
            http,
            patience=patience,
            limits=read_limits(settings),
            options=Options(settings.temperature, settings.seed),
            fallbacks=settings.fallback_models,
            prices=prices,
            purses=(*_own_purse(settings), *purses),
        )
    except Fault as fault:
        raise fault.as_error() from None
    return ModelJudge(client, Prompter(catalog.prompt("assess")), model=settings.model)


def read_patience(settings: Settings, *, queue_s: float | None = None) -> Patience:
    """Return the waits and deadlines of the settings.

    Args:
        settings: The settings.
        queue_s: How long a question may wait for its turn; None for as long as its answer may take.
    """
    patience = Patience(
        deadline_s=settings.deadline_s,
        attempt_s=min(settings.attempt_timeout_s, settings.deadline_s),
        queue_s=settings.deadline_s,
        attempts=settings.max_attempts,
    )
    return patience if queue_s is None else replace(patience, queue_s=queue_s)


def read_limits(settings: Settings) -> Limits:
    """Return the bounds in size, number and rate of the settings."""
    return Limits(
        settings.max_output_tokens,
        settings.max_model_calls,
        settings.requests_per_minute,
        settings.tokens_per_minute,
    )


def _own_purse(settings: Settings) -> tuple[RunPurse, ...]:
    if settings.max_cost_usd is None and settings.max_total_tokens is None:
        return ()
    return (RunPurse(cost_usd=settings.max_cost_usd, tokens=settings.max_total_tokens),)


def _check_prices(settings: Settings, prices: Prices) -> None:
    """Refuse a budget in dollars that could not be kept."""
    budgets = (settings.max_cost_usd, settings.daily_cost_usd, settings.user_daily_cost_usd)
    if all(budget is None for budget in budgets):
        return
    for model in (settings.model, *settings.fallback_models):
        if prices.find(model) is None:
            raise Misconfigured(
                f"there is a budget in dollars and no known price of the model {model!r}: give it in "
                "COACH_PRICES_FILE, or set a budget in tokens (COACH_MAX_TOTAL_TOKENS, COACH_DAILY_TOKENS)",
                slug="no-price",
            )
