"""Answer an inquiry from the cache, or ask once for all who want the same at the same time."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from app.domain import ArtefactRef, ModelCall
from app.judge.cache import AnswerCache, Entry, Place
from app.judge.claims import Claims
from app.judge.client import Answer
from app.judge.endpoint import Endpoint
from app.judge.failures import Fault
from app.judge.findings import Brief
from app.judge.prompts import Inquiry
from app.judge.reply import Tokens
from app.judge.sheets import Sheet
from app.settings import Settings

Read = Callable[[str], Claims]


class Told(NamedTuple):
    """What an answer claims, with its text."""

    claims: Claims
    text: str


Ask = Callable[[Callable[[str], Told]], Awaitable[Answer[Told]]]


class Request(NamedTuple):
    """One sheet of a brief, rendered.

    Attributes:
        boundary: The random delimiter in the inquiry, which makes no difference to what is asked.
    """

    brief: Brief
    sheet: Sheet
    inquiry: Inquiry
    prompt: ArtefactRef
    boundary: str


class Recall:
    """Sees to it that the same request is paid for once.

    Args:
        cache: Where answers are kept; None asks each time.
        circumstances: What else decides an answer: endpoint, model and parameters.
        longest_s: How long to wait for another process that asks the same.
    """

    def __init__(self, cache: AnswerCache | None, circumstances: str, *, longest_s: float) -> None:
        self._cache = cache
        self._circumstances = circumstances
        self._longest_s = longest_s
        self._under_way: dict[Place, asyncio.Future[Answer[Claims]]] = {}

    def place(self, request: Request) -> Place | None:
        """Return where the answer to a request is kept; None where none is."""
        if self._cache is None:
            return None
        return self._cache.place(request.brief.payer, _describe(request, self._circumstances))

    async def knows(self, request: Request) -> bool:
        """Tell whether an answer is kept; whether it can be used shows when it is read."""
        place = self.place(request)
        return self._cache is not None and place is not None and await self._cache.read(place) is not None

    async def answer(self, request: Request, *, read: Read, ask: Ask) -> Answer[Claims]:
        """Return the answer to a request, paid for before or now.

        Args:
            request: What would be asked.
            read: Checks an answer's text, kept ones too, and raises `Fault` where it can't be used.
            ask: Asks the model.

        Raises:
            Fault: No usable answer came within the bounds.
            StoreUnavailable: The database that keeps the budget does not answer; nothing was sent.
        """
        place = self.place(request)
        if self._cache is None or place is None:
            return _plain(await ask(lambda text: Told(read(text), text)), request)
        while (flight := self._under_way.get(place)) is not None:
            await asyncio.wait([flight])
            if not flight.cancelled():  # else it was given up: somebody else asks
                return _recalled(flight.result())
        flight = self._under_way[place] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._answer(self._cache, place, request, read, ask)
        except Fault as fault:
            flight.set_exception(fault)
            flight.exception()  # nobody has to look at it
            raise
        except BaseException:
            flight.cancel()
            raise
        else:
            flight.set_result(answer)
            return answer
        finally:
            del self._under_way[place]

    async def _answer(self, cache: AnswerCache, place: Place, request: Request, read: Read, ask: Ask) -> Answer[Claims]:
        known = await _read(cache, place, request, read)
        if known is not None:
            return known
        async with cache.alone(place, self._longest_s):
            known = await _read(cache, place, request, read)  # another process may have asked meanwhile
            if known is not None:
                return known
            answer = await ask(lambda text: Told(read(text), text))
            call = answer.call
            if not call.degraded:  # the first model shall be asked again
                entry = Entry(
                    text=answer.value.text,
                    model=answer.model,
                    boundary=request.boundary,
                    parameters=call.parameters,
                    request_id=call.request_id,
                )
                await cache.write(place, entry)
            return _plain(answer, request)


def describe_circumstances(endpoint: Endpoint, settings: Settings) -> str:
    """Return what decides an answer beside what is asked; never the key."""
    given = (settings.temperature, settings.seed, settings.max_output_tokens, settings.answer_form)
    return json.dumps([endpoint.base_url, endpoint.model, given])


async def _read(cache: AnswerCache, place: Place, request: Request, read: Read) -> Answer[Claims] | None:
    entry = await cache.read(place)
    if entry is None:
        return None
    try:
        claims = read(entry.text)
    except Fault:
        await cache.drop(place)
        return None
    call = ModelCall(
        model=entry.model,
        attempts=0,
        parameters=entry.parameters,
        latency_ms=0,
        finish_reason="stop",
        request_id=entry.request_id,
        boundary=entry.boundary,
        **_origin(request),
    )
    return _recalled(Answer(claims, entry.model, 0, None, call))


def _origin(request: Request) -> dict[str, Any]:
    return {"asked": request.sheet.label, "prompt": request.prompt, "sample": request.brief.sample}


def _plain(answer: Answer[Told], request: Request) -> Answer[Claims]:
    call = answer.call.model_copy(update={"boundary": request.boundary, **_origin(request)})
    return Answer(answer.value.claims, answer.model, answer.attempts, answer.tokens, call)


def _recalled(answer: Answer[Claims]) -> Answer[Claims]:
    """Return an answer as it costs one who did not pay for it."""
    nothing = {"attempts": 0, "latency_ms": 0, "input_tokens": 0, "cached_tokens": 0, "output_tokens": 0}
    call = answer.call.model_copy(update={**nothing, "cost_usd": 0.0, "recalled": True})
    return Answer(answer.value, answer.model, 0, Tokens(0, 0), call)


def _describe(request: Request, circumstances: str) -> str:
    """Return all that decides an answer."""
    brief, inquiry = request.brief, request.inquiry
    told = (brief.story.text, brief.story.question, brief.story.title, brief.role, brief.level)
    fixed = (brief.rubric.sha256, request.prompt.sha256, inquiry.schema, inquiry.schema_note, inquiry.repair)
    asked = (*request.sheet, brief.sample, inquiry.system, inquiry.user.replace(request.boundary, ""))
    return json.dumps([circumstances, told, fixed, asked], ensure_ascii=False)
