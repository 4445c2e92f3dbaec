"""The judge that asks through a provider's batches: what it does not know yet, it asks for with the next round."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2

from app.catalog import Catalog
from app.domain import NANO
from app.errors import CoachError, InvalidInput, Misconfigured
from app.judge.batch_client import BatchClient, FileClient
from app.judge.batch_desk import Desk, Terms
from app.judge.batch_drafts import FileLimits
from app.judge.batch_ledger import Ledger, Slot, open_ledger
from app.judge.batch_round import Rounds, Tell
from app.judge.cache import AnswerCache
from app.judge.dialect import Dialect, Form, Options, find_form
from app.judge.endpoint import Endpoint, read_endpoint
from app.judge.failures import Fault, Kind
from app.judge.findings import Brief, Findings
from app.judge.grounding import Reply, ground_outcomes
from app.judge.patience import Patience
from app.judge.prices import load_prices
from app.judge.prompts import Prompter, draw_boundary, load_prompters
from app.judge.recall import Recall, Request, describe_circumstances
from app.judge.remarks import Vetting
from app.judge.sheets import SheetName, lay_out
from app.judge.transport import is_beyond_this_machine, is_refused, open_http_client
from app.outbound import GuardedBackend, GuardedTransport
from app.settings import Settings

_CONNECTIONS = 4
_LARGEST_FILE = 4 * 1024 * 1024 * 1024
_PATIENCE = Patience(deadline_s=900.0, attempt_s=60.0, queue_s=0.0, first_wait_s=1.0, longest_wait_s=30.0)


class Deferred(Exception):  # noqa: N818 - it says what happened, and callers expect it
    """The answer is still to come: it is asked for with the next round."""


class _Group:
    """The questions about one story that are looked up at the same time."""

    def __init__(self) -> None:
        self.busy = 0
        self.idle = asyncio.Event()


class BatchJudge:
    """A judge behind a provider's batches. Not all at once: ask about every story, run a round, ask again.

    Args:
        prompters: Render the sheets.
        desk: Knows answers and lays questions aside.
        rounds: Takes questions to the provider and back.
        client: Closed with this one.
        ledger: What is under way.
    """

    def __init__(
        self,
        prompters: Mapping[SheetName, Prompter],
        *,
        desk: Desk,
        rounds: Rounds,
        ledger: Ledger,
    ) -> None:
        self._prompters = prompters
        self._desk = desk
        self._rounds = rounds
        self._ledger = ledger
        self._vetting = Vetting()
        self._groups: dict[int, _Group] = {}

    async def judge(self, brief: Brief) -> Findings:
        """Return the findings, as `ModelJudge.judge` does.

        Raises:
            Deferred: An answer is still to come. All that is looked up about the story at this time is laid aside
                before, so that it goes with the same round.
            CoachError: As `ModelJudge.judge`.
        """
        group = self._groups.setdefault(id(brief.story), _Group())
        group.busy += 1
        try:
            outcomes = await self._look_up_all(brief)
        finally:
            group.busy -= 1
            if not group.busy:
                group.idle.set()
                del self._groups[id(brief.story)]
        known = [outcome for outcome in outcomes if outcome is not None]
        if len(known) < len(outcomes):
            await group.idle.wait()
            raise Deferred
        return ground_outcomes(brief, lay_out(brief), known, self._vetting)

    async def recover(self) -> None:
        """Find out what a killed run left under way.

        Raises:
            CoachError: The provider can't be asked.
        """
        try:
            await self._rounds.recover()
        except Fault as fault:
            error = _as_error(fault)
        else:
            return
        raise error

    def begin(self) -> None:
        """Begin to go through the stories once more."""
        self._desk.begin(self._rounds.names_under_way)

    async def run_round(self) -> None:
        """Send what was laid aside, wait for all that is under way, and keep the answers.

        Raises:
            CoachError: The provider refuses, or can't be asked.
        """
        try:
            await self._rounds.send(self._desk.take_drafts())
            await self._rounds.bring_home()
        except Fault as fault:
            error = _as_error(fault)
        else:
            return
        raise error

    def finish(self) -> None:
        """Forget the run: all of it has been told."""
        self._ledger.close()

    async def _look_up_all(self, brief: Brief) -> list[Reply | Fault | None]:
        boundary = draw_boundary()
        outcomes: list[Reply | Fault | None] = []
        for sheet in lay_out(brief):
            prompter = self._prompters[sheet.name]
            inquiry = prompter.render(brief, boundary, sheet)
            outcomes.append(await self._desk.look_up(Request(brief, sheet, inquiry, prompter.ref, boundary)))
        return outcomes


class Workshop(NamedTuple):
    """What a batch judge is opened with.

    Attributes:
        folder: The cache folder, where what is under way is noted.
        tell: Says what happens, in words without anything of a story.
    """

    settings: Settings
    catalog: Catalog
    cache: AnswerCache
    folder: Path
    tell: Tell
    patience: Patience = _PATIENCE
    limits: FileLimits = FileLimits()


@asynccontextmanager
async def open_batch_judge(workshop: Workshop) -> AsyncGenerator[BatchJudge]:
    """Give a judge that asks through the batches of the configured endpoint; no request is sent yet.

    Raises:
        Conflict: Another process asks like this, with the same model and cache.
        Misconfigured: No endpoint is configured, its URL or key can't be used, a prompt is broken, or there is a budget
            in dollars and a model without a price.
    """
    settings, cache = workshop.settings, workshop.cache
    endpoint = read_endpoint(settings)
    if settings.fallback_models:
        raise InvalidInput(
            "a provider's batch asks one model: leave COACH_FALLBACK_MODELS out with --via batch-api", slug="bad-option"
        )
    terms = _read_terms(settings, endpoint, workshop.limits)
    circumstances = describe_circumstances(endpoint, settings)
    slot = Slot(workshop.folder, cache.place(None, f"batches:{circumstances}").name[:32])
    prompters = load_prompters(workshop.catalog, most_notes=settings.max_notes)
    with open_ledger(slot) as ledger:
        recall = Recall(cache, circumstances, longest_s=0.0)
        desk = Desk(terms, cache=cache, recall=recall, ledger=ledger)
        client = _open_client(settings, endpoint, workshop.patience)
        rounds = Rounds(
            client,
            ledger,
            desk,
            cache,
            model=terms.model,
            options=terms.options,
            output_tokens=terms.output_tokens,
            poll_s=settings.batch_poll_s,
            tell=workshop.tell,
        )
        try:
            yield BatchJudge(prompters, desk=desk, rounds=rounds, ledger=ledger)
        finally:
            await client.aclose()


def _read_terms(settings: Settings, endpoint: Endpoint, limits: FileLimits) -> Terms:
    price = load_prices(settings.prices_file).find(endpoint.model)
    if settings.max_cost_usd is not None and price is None:
        raise Misconfigured(
            f"there is a budget in dollars and no known price of the model {settings.model!r}: give it in "
            "COACH_PRICES_FILE, or set a budget in tokens (COACH_MAX_TOTAL_TOKENS)",
            slug="no-price",
        )
    options = Options(settings.temperature, settings.seed, find_form(settings.answer_form))
    usual = Form.SCHEMA if endpoint.is_openai else Form.BOUNDED_SCHEMA
    return Terms(
        model=endpoint.model,
        price=price.in_a_batch() if price else None,
        dialect=Dialect(form=usual if options.form is None else options.form),
        options=options,
        output_tokens=settings.max_output_tokens,
        cost_nanousd=None if settings.max_cost_usd is None else int(settings.max_cost_usd * NANO),
        tokens=settings.max_total_tokens,
        limits=limits,
    )


def _open_client(settings: Settings, endpoint: Endpoint, patience: Patience) -> BatchClient:
    http = open_http_client(
        max_bytes=settings.max_response_bytes,
        max_connections=_CONNECTIONS,
        attempt_s=patience.attempt_s,
        trust_env=settings.trust_env,
        loopback_only=endpoint.loopback_only,
    )
    timeout = httpx2.Timeout(patience.attempt_s)
    if settings.trust_env:
        files = FileClient(max_bytes=0, timeout=timeout, trust_env=True)
    else:
        backend = GuardedBackend(is_beyond_this_machine if endpoint.loopback_only else is_refused)
        transport = GuardedTransport(backend, httpx2.Limits(max_connections=_CONNECTIONS))
        files = FileClient(max_bytes=0, timeout=timeout, transport=transport, trust_env=False)
    return BatchClient(endpoint, http, files, patience=patience, largest_file=_LARGEST_FILE)


def _as_error(fault: Fault) -> CoachError:
    if fault.kind is Kind.UNKNOWN_MODEL:
        return Misconfigured("the model's endpoint has no batches, or not these", slug="no-batch-api")
    return fault.as_error()
