"""Ask a judge the same several times, no more often than it can matter, and find what its answers agree on."""

import asyncio
import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from app.domain import GapCode, Part, Span, Usage
from app.errors import CoachError
from app.judge.findings import Brief, Findings, GapFinding, Judge, PartFinding, Remark, SignalFinding, Silence


class Bound(NamedTuple):
    """Between which levels a model can move a principle."""

    low: int
    high: int


Tell = Callable[[Findings], Sequence[int]]


class Wish(NamedTuple):
    """How many answers are wanted at most, and in what time; None for as long as it takes."""

    answers: int
    longest_s: float | None = None


async def ask_repeatedly(judge: Judge, brief: Brief, wish: Wish, tell: Tell, bounds: Sequence[Bound]) -> Findings:
    """Return what up to so many answers agree on; stop as soon as no further one can move the median of any level.

    Args:
        judge: Whom to ask.
        brief: What to ask.
        wish: The most answers, and when to ask for no more.
        tell: Returns the level of each principle that one answer would make.
        bounds: Between what and what each of these levels can be.

    Raises:
        CoachError: The first answer did not come, so that none of the others is worth its price.
    """
    now = asyncio.get_running_loop().time
    end = None if wish.longest_s is None else now() + wish.longest_s
    answers = [await judge.judge(brief)]
    lost: list[Silence] = []
    wanted = wish.answers
    while (left := wanted - len(answers) - len(lost)) > 0 and _may_move([tell(one) for one in answers], bounds, left):
        asked = wanted - left
        at_once = min(left, max(1, wanted // 2 + 1 - asked))
        numbers = range(asked + 1, asked + 1 + at_once)
        briefs = [brief.model_copy(update={"sample": number}) for number in numbers]
        for outcome in await _ask_at_once(judge, briefs, end):
            if isinstance(outcome, Silence):
                lost.append(outcome)
            else:
                answers.append(outcome)
    return agree(answers, lost)


async def _ask_at_once(judge: Judge, briefs: Sequence[Brief], end: float | None) -> list[Findings | Silence]:
    tasks = [asyncio.ensure_future(_ask(judge, brief, end)) for brief in briefs]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def _ask(judge: Judge, brief: Brief, end: float | None) -> Findings | Silence:
    try:
        async with asyncio.timeout_at(end):
            return await judge.judge(brief)
    except CoachError as error:
        kind = error.slug
    except TimeoutError:
        kind = "timeout"
    return Silence(sheet=f"sample {brief.sample}", kind=kind)


def _may_move(levels: Sequence[Sequence[int]], bounds: Sequence[Bound], left: int) -> bool:
    """Tell whether further answers could move the median of any level."""
    return any(
        statistics.median_low([*told, *[bound.low] * left]) != statistics.median_low([*told, *[bound.high] * left])
        for told, bound in zip(zip(*levels, strict=True), bounds, strict=True)
    )


def agree(answers: Sequence[Findings], lost: Sequence[Silence] = ()) -> Findings:
    """Return what more than half of the answers found, with all the places they name; what they took is added up.

    Args:
        answers: At least one.
        lost: The answers that did not come.
    """
    first = answers[0]
    silences = tuple(dict.fromkeys(silence for one in answers for silence in one.silences))
    if len(answers) == 1:
        return first.model_copy(update={"silences": (*silences, *lost)})
    votes = _Votes(answers)
    costs = [one.cost_usd for one in answers if one.cost_usd is not None]
    return first.model_copy(
        update={
            "signals": votes.signals(),
            "gaps": votes.gaps(),
            "parts": votes.parts(),
            "probes": _distinct(remark for one in answers for remark in one.probes),
            "unproven": _distinct(remark for one in answers for remark in one.unproven),
            "asked": _asked(answers),
            "gaps_asked": any(one.gaps_asked for one in answers),
            "silences": (*silences, *lost),
            "dropped_quotes": sum(one.dropped_quotes for one in answers),
            "dropped_texts": sum(one.dropped_texts for one in answers),
            "usage": _sum_usage(answers),
            "attempts": sum(one.attempts for one in answers),
            "cost_usd": sum(costs) if len(costs) == len(answers) else None,
            "degraded": any(one.degraded for one in answers),
            "calls": tuple(call for one in answers for call in one.calls),
            "samples": tuple(answers),
        }
    )


class _Votes:
    """What each of several answers found; one that was not asked about something has no vote on it."""

    def __init__(self, answers: Sequence[Findings]) -> None:
        self._answers = answers

    def signals(self) -> tuple[SignalFinding, ...]:
        found: dict[tuple[str, str], list[tuple[Span, ...]]] = {}
        for one in self._answers:
            for signal in one.signals:
                found.setdefault((signal.principle, signal.signal), []).append(signal.spans)
        return tuple(
            SignalFinding(principle=principle, signal=signal, spans=_union(places))
            for (principle, signal), places in found.items()
            if len(places) * 2 > sum(one.asked is None or principle in one.asked for one in self._answers)
        )

    def gaps(self) -> tuple[GapFinding, ...]:
        found: dict[GapCode, list[tuple[Span, ...]]] = {}
        for one in self._answers:
            for gap in one.gaps:
                found.setdefault(gap.code, []).append(gap.spans)
        voters = sum(one.gaps_asked for one in self._answers)
        return tuple(
            GapFinding(code=code, spans=_union(places)) for code, places in found.items() if len(places) * 2 > voters
        )

    def parts(self) -> tuple[PartFinding, ...]:
        found: dict[Part, list[Span]] = {}
        for one in self._answers:
            for part in one.parts:
                found.setdefault(part.part, []).append(part.span)
        voters = sum(one.gaps_asked for one in self._answers)
        return tuple(
            PartFinding(part=part, span=statistics.median_low(spans))
            for part, spans in found.items()
            if len(spans) * 2 > voters
        )


def _union(places: Sequence[tuple[Span, ...]]) -> tuple[Span, ...]:
    return tuple(dict.fromkeys(span for spans in places for span in spans))


def _distinct(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    return tuple({remark.text.casefold(): remark for remark in remarks}.values())


def _asked(answers: Sequence[Findings]) -> tuple[str, ...] | None:
    if any(one.asked is None for one in answers):
        return None
    return tuple(dict.fromkeys(name for one in answers for name in one.asked or ()))


def _sum_usage(answers: Sequence[Findings]) -> Usage | None:
    usages = [one.usage for one in answers if one.usage is not None]
    if len(usages) < len(answers):
        return None
    return Usage(
        input_tokens=sum(usage.input_tokens for usage in usages),
        output_tokens=sum(usage.output_tokens for usage in usages),
        calls=sum(usage.calls for usage in usages),
    )
