"""Look up answers that came by batch, and lay aside what is still to be asked."""

from typing import NamedTuple

from app.domain import NANO, Charge, ModelCall
from app.errors import Misconfigured
from app.judge.batch_drafts import Draft, Drafts, FileLimits
from app.judge.batch_ledger import Answered, Failed, Ledger
from app.judge.batch_lines import Question, write_line
from app.judge.cache import AnswerCache, Entry, Place
from app.judge.claims import Claims, read_claims
from app.judge.client import Answer
from app.judge.dialect import Dialect, Options
from app.judge.failures import MEANINGS, Fault, Kind
from app.judge.grounding import Reply
from app.judge.prices import Price
from app.judge.recall import Recall, Request
from app.judge.reply import Tokens
from app.judge.route import measure

_MOST_TRIES = 2
_ABSURD = 10  # as with single calls: so many times the most that a request can take is not what it took


class Terms(NamedTuple):
    """How questions are asked.

    Attributes:
        price: Of the model in a batch; None where it is not known.
        dialect: What the model is taken to understand at first.
        cost_nanousd: The budget; None for no limit.
        tokens: The budget, in and out together; None for no limit.
    """

    model: str
    price: Price | None
    dialect: Dialect
    options: Options
    output_tokens: int
    cost_nanousd: int | None = None
    tokens: int | None = None
    limits: FileLimits = FileLimits()


class Desk:
    """Where a round's questions come together and its answers are handed out.

    Args:
        terms: How questions are asked.
        cache: Where answers are kept, under the same names as those of single calls.
        recall: Names questions.
        ledger: What is under way.
    """

    def __init__(self, terms: Terms, *, cache: AnswerCache, recall: Recall, ledger: Ledger) -> None:
        self._terms = terms
        self._cache = cache
        self._recall = recall
        self._ledger = ledger
        self._drafts = Drafts(terms.limits)
        self._under_way: set[str] = set()
        self._spent = Charge(0, 0)
        self._told: set[str] = set()
        self._refused: set[str] = set()

    @property
    def waiting(self) -> tuple[int, Charge]:
        """How many questions are laid aside, and the most that they can take."""
        return self._drafts.count, self._drafts.most

    def begin(self, under_way: set[str]) -> None:
        """Begin to go through the stories once more; each answer is paid for by the first that asks for it.

        Args:
            under_way: The names of questions that are with the provider.
        """
        self._under_way = under_way
        self._spent = self._ledger.charge
        self._told.clear()

    def take_drafts(self) -> list[Draft]:
        """Return what has been laid aside, as files."""
        return self._drafts.take()

    async def look_up(self, request: Request) -> Reply | Fault | None:
        """Return the answer to a question, or its fault; None where the answer is still to come."""
        place = self._recall.place(request)
        if place is None:
            raise AssertionError("questions of a batch are named by their place in the cache")
        failed = self._ledger.failed.get(place.name)
        is_paid = place.name in self._ledger.answered
        entry = await self._cache.read(place) if is_paid or failed is None else None
        if entry is None and is_paid:
            raise Misconfigured(
                "an answer that was paid for is not in the cache folder any more: COACH_CACHE_MAX_BYTES must hold all",
                slug="cache-too-small",
            )
        if entry is not None:
            try:
                claims = read_claims(entry.text, request.inquiry.names, request.sheet.name)
            except Fault as fault:
                failed = await self._note(place, fault.kind)
            else:
                return self._reply(request, place.name, entry, claims)
        if failed is not None and _stands(failed):
            return Fault(Kind(failed.kinds[-1]))
        if place.name in self._refused:
            return Fault(Kind.OVER_BUDGET)
        if place.name in self._under_way or place.name in self._drafts:
            return None
        return self._lay_aside(request, place.name, failed)

    def _lay_aside(self, request: Request, name: str, failed: Failed | None) -> Fault | None:
        kinds = failed.kinds if failed else []
        output_tokens = self._terms.output_tokens * (2 if Kind.TRUNCATED in kinds else 1)
        dialect = self._ledger.dialect or self._terms.dialect
        inquiry = request.inquiry
        messages = inquiry.messages(show_schema=not dialect.enforces_schema, repair=Kind.INVALID_OUTPUT in kinds)
        size = measure(inquiry, messages, output_tokens)
        most = self.charge(Tokens(size.most_input, size.output))
        if not self._fits(most):
            self._refused.add(name)
            return Fault(Kind.OVER_BUDGET)
        parameters = dialect.parameters(inquiry.schema, self._terms.options, output_tokens)
        body = {"model": self._terms.model, "messages": [one._asdict() for one in messages], **parameters}
        custom_id = Question(name, request.boundary).custom_id
        self._drafts.add(name, custom_id, write_line(custom_id, body), most, dialect)
        return None

    def charge(self, tokens: Tokens) -> Charge:
        """Return what tokens cost in a batch."""
        price = self._terms.price
        nanousd = price.nanousd(tokens.input, tokens.output, cached_tokens=tokens.cached) if price else None
        return Charge(tokens.input + tokens.output, nanousd)

    def settle(self, tokens: Tokens | None, most: Charge) -> Charge:
        """Return what an answer took: the most it could, where nothing plausible is told."""
        if tokens is None or tokens.input + tokens.output > _ABSURD * most.tokens:
            return most
        return self.charge(tokens)

    def _fits(self, most: Charge) -> bool:
        spent, laid = self._spent, self._drafts.most
        nanousd = (spent.nanousd or 0) + (laid.nanousd or 0) + (most.nanousd or 0)
        limit, tokens = self._terms.cost_nanousd, self._terms.tokens
        if limit is not None and nanousd > limit:
            return False
        return tokens is None or spent.tokens + laid.tokens + most.tokens <= tokens

    async def _note(self, place: Place, kind: Kind) -> Failed | None:
        """Note that a kept answer can't be used; one from before this run is merely asked for anew."""
        paid = self._ledger.answered.pop(place.name, None)
        if paid is None:
            await self._cache.drop(place)
            return None
        failed = self._ledger.failed.setdefault(place.name, Failed(kinds=[]))
        failed.kinds.append(kind.value)
        failed.tokens += paid.charge.tokens
        failed.nanousd = (failed.nanousd or 0) + (paid.nanousd or 0)
        return failed

    def _reply(self, request: Request, name: str, entry: Entry, claims: Claims) -> Reply:
        paid = self._ledger.answered.get(name)
        if name in self._told:
            paid = None
        self._told.add(name)
        tokens = Tokens(paid.input, paid.output, paid.cached) if paid else Tokens(0, 0)
        call = ModelCall(
            model=entry.model,
            attempts=paid.attempts if paid else 0,
            parameters=entry.parameters,
            latency_ms=0,
            finish_reason="stop",
            request_id=entry.request_id,
            input_tokens=tokens.input,
            cached_tokens=tokens.cached,
            output_tokens=tokens.output,
            cost_usd=_usd(paid, self._ledger.failed.get(name)),
            asked=request.sheet.label,
            prompt=request.prompt,
            boundary=entry.boundary,
            sample=request.brief.sample,
            recalled=paid is None,
        )
        return Reply(request.sheet, request.prompt, Answer(claims, entry.model, call.attempts, tokens, call))


def _stands(failed: Failed) -> bool:
    """Tell whether a failure is not to be tried again."""
    tries = MEANINGS[Kind(failed.kinds[-1])].tries
    most = _MOST_TRIES if tries is None else min(tries, _MOST_TRIES)
    return failed.is_final or len(failed.kinds) >= _MOST_TRIES or failed.kinds.count(failed.kinds[-1]) >= most


def _usd(paid: Answered | None, failed: Failed | None) -> float | None:
    """Return what an answer cost, earlier tries included; nothing for one who did not pay for it."""
    if paid is None:
        return 0.0
    return None if paid.nanousd is None else (paid.nanousd + ((failed.nanousd or 0) if failed else 0)) / NANO
