"""The judge that asks a model: lay out, render, ask, ground."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.catalog import Catalog
from app.errors import Misconfigured
from app.judge.budget import Purse, RunPurse
from app.judge.cache import AnswerCache
from app.judge.claims import read_claims
from app.judge.client import Limits, ModelClient
from app.judge.dialect import Options, find_form
from app.judge.endpoint import read_endpoint
from app.judge.failures import Fault
from app.judge.findings import Brief, Findings
from app.judge.grounding import Reply, ground_outcomes
from app.judge.patience import Patience
from app.judge.prices import Prices, load_prices
from app.judge.prompts import Prompter, draw_boundary, load_prompters
from app.judge.recall import Recall, Request, describe_circumstances
from app.judge.remarks import Vetting
from app.judge.sheets import Sheet, SheetName, lay_out
from app.judge.transport import open_http_client
from app.settings import Settings


class ModelJudge:
    """A judge behind an OpenAI-compatible endpoint; one a process, closed at its end.

    Args:
        client: Asks the model.
        prompters: Render the sheets.
        model: The model's configured name.
        recall: Remembers answers; None asks each time.
        draw_boundary: Makes the delimiter of each prompt; random unless a test wants the same bytes twice.
    """

    def __init__(
        self,
        client: ModelClient,
        prompters: Mapping[SheetName, Prompter],
        *,
        model: str,
        recall: Recall | None = None,
        draw_boundary: Callable[[], str] = draw_boundary,
    ) -> None:
        self._client = client
        self._prompters = prompters
        self._recall = recall or Recall(None, "", longest_s=0.0)
        self._vetting = Vetting()
        self._draw_boundary = draw_boundary
        self.model = model

    def __repr__(self) -> str:
        return f"ModelJudge(model={self.model!r})"

    async def judge(self, brief: Brief) -> Findings:
        """Return the model's findings whose quotes stand in the story.

        The sheets of a panel are asked at the same time. Where some are not answered, the findings say so.

        Raises:
            ModelUnavailable: No answer came in time; a later try may help.
            ModelMisbehaved: An answer came and can't be used.
            Misconfigured: The endpoint refuses the key, the model name or the request.
            LimitExceeded: A limit of this service or the provider's quota is reached.
        """
        boundary = self._draw_boundary()
        sheets = lay_out(brief)
        outcomes = await _all_of([self._ask(brief, sheet, boundary) for sheet in sheets])
        return ground_outcomes(brief, sheets, outcomes, self._vetting)

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

    async def _ask(self, brief: Brief, sheet: Sheet, boundary: str) -> Reply | Fault:
        prompter = self._prompters[sheet.name]
        inquiry = prompter.render(brief, boundary, sheet)
        request = Request(brief, sheet, inquiry, prompter.ref, boundary)
        try:
            answer = await self._recall.answer(
                request,
                read=lambda text: read_claims(text, inquiry.names, sheet.name),
                ask=lambda read: self._client.ask(inquiry, read, payer=brief.payer),
            )
        except Fault as fault:
            return fault
        return Reply(sheet, prompter.ref, answer)


async def _all_of(asking: Sequence[Coroutine[Any, Any, Reply | Fault]]) -> list[Reply | Fault]:
    """Wait for all; when one raises or this is cancelled, none goes on alone."""
    tasks = [asyncio.ensure_future(one) for one in asking]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def open_judge(  # noqa: PLR0913 - collaborators, all by name
    settings: Settings,
    catalog: Catalog,
    *,
    patience: Patience | None = None,
    purses: Sequence[Purse] = (),
    cache: AnswerCache | None = None,
    reserve: Callable[[str, int, float], Awaitable[float]] | None = None,
) -> ModelJudge:
    """Open a judge for the configured endpoint; no request is sent yet.

    Args:
        settings: The endpoint, its key and all limits.
        catalog: Where the prompt comes from.
        patience: Waits and deadlines; None for those of the settings.
        purses: What requests are paid from, beside the budget of this process.
        cache: Where answers are kept; None asks each time.
        reserve: Takes a turn of a model among all processes; None where this is the only one.

    Raises:
        Misconfigured: No endpoint is configured, its URL or key can't be used, the prompt is broken, or there is a
            budget in dollars and a model without a price.
    """
    endpoint = read_endpoint(settings)
    prices = load_prices(settings.prices_file)
    _check_prices(settings, prices)
    patience = patience or read_patience(settings)
    prompters = load_prompters(catalog, most_notes=settings.max_notes)
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
            options=Options(settings.temperature, settings.seed, find_form(settings.answer_form)),
            fallbacks=settings.fallback_models,
            prices=prices,
            purses=(*_own_purse(settings), *purses),
            reserve=reserve,
        )
    except Fault as fault:
        raise fault.as_error() from None
    recall = Recall(cache, describe_circumstances(endpoint, settings), longest_s=patience.deadline_s)
    return ModelJudge(client, prompters, model=settings.model, recall=recall)


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
