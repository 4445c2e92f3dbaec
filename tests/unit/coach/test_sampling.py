import asyncio
from collections.abc import Callable, Sequence

import pytest

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.sampling import Bound, Wish, agree, ask_repeatedly
from app.domain import ArtefactRef, Effort, GapCode, ModelCall, Span, Status, Story, Usage
from app.errors import CoachError, ModelMisbehaved, ModelUnavailable
from app.judge.findings import Brief, Findings, GapFinding, SignalFinding, Silence
from tests.faults.harness import make_brief
from tests.unit.analysis.tales import TALES

PROMPT = ArtefactRef(name="assess", version="v1", sha256="0" * 64)

pytestmark = pytest.mark.anyio


def found(*codes: str, signals: Sequence[tuple[str, str]] = (), number: int = 1) -> Findings:
    call = ModelCall(model="m", attempts=1, parameters={}, latency_ms=1, finish_reason="stop", sample=number)
    return Findings(
        signals=tuple(SignalFinding(principle=p, signal=s, spans=(Span(number, number + 5),)) for p, s in signals),
        gaps=tuple(GapFinding(code=GapCode(code), spans=(Span(0, 5),)) for code in codes),
        dropped_quotes=1,
        model="m",
        prompt=PROMPT,
        usage=Usage(input_tokens=10, output_tokens=2, calls=1),
        attempts=1,
        cost_usd=0.5,
        calls=(call,),
    )


class Scripted:
    """A judge that gives one answer a sample; an error is raised."""

    def __init__(self, *answers: Findings | CoachError) -> None:
        self._answers = answers
        self.asked: list[int] = []

    async def judge(self, brief: Brief) -> Findings:
        self.asked.append(brief.sample)
        answer = self._answers[brief.sample - 1]
        if isinstance(answer, CoachError):
            raise answer
        return answer


def tell_by_gaps(findings: Findings) -> list[int]:
    """Let an answer's number of gaps stand for the level that it makes."""
    return [1 + len(findings.gaps)]


CODES = list(GapCode)


def of_level(level: int) -> Findings:
    return found(*CODES[: level - 1])


async def ask(levels: Sequence[int], wanted: int, bound: tuple[int, int] = (1, 5)) -> tuple[list[int], Findings]:
    judge = Scripted(*(of_level(level) for level in levels))
    findings = await ask_repeatedly(judge, make_brief(), Wish(wanted), tell_by_gaps, [Bound(*bound)])
    return judge.asked, findings


@pytest.mark.parametrize(
    ("levels", "wanted", "asked"),
    [
        ([3], 1, 1),
        ([3, 3], 2, 2),
        ([3, 3, 1], 3, 2),  # two of three agree
        ([3, 1, 3], 3, 3),
        ([2, 2, 2, 5, 5], 5, 3),
        ([2, 4, 2, 2, 5], 5, 4),
        ([1, 5, 2, 4, 3], 5, 5),
        ([4] * 9, 9, 5),
        ([1], 2, 1),  # the lower middle of two can't be above the lowest
    ],
)
async def test_it_is_asked_until_no_answer_can_move_the_median(levels: list[int], wanted: int, asked: int):
    numbers, _ = await ask(levels + [1] * 9, wanted)

    assert sorted(numbers) == list(range(1, asked + 1))


async def test_it_is_asked_once_where_the_caps_leave_a_model_nothing_to_say():
    assert (await ask([3] * 9, 9, bound=(3, 3)))[0] == [1]


async def test_what_more_than_half_of_the_answers_see_is_seen():
    answers = [found("hedging"), found("hedging", "no-learning"), found("no-learning", "hedging")]

    assert [gap.code for gap in agree(answers).gaps] == ["hedging", "no-learning"]
    assert [gap.code for gap in agree(answers[:2]).gaps] == ["hedging"]


async def test_an_answer_that_was_not_asked_about_it_has_no_vote():
    signal = ("ownership", "ownership-waits")
    silent = found().model_copy(update={"asked": (), "gaps_asked": False})

    agreed = agree([found("hedging", signals=[signal]), silent])

    assert [one.signal for one in agreed.signals] == ["ownership-waits"]
    assert [one.code for one in agreed.gaps] == ["hedging"]


async def test_the_places_of_all_answers_are_kept_and_what_they_took_is_added_up():
    signal = ("ownership", "ownership-waits")
    agreed = agree([found(signals=[signal], number=number) for number in (1, 2, 3)])

    assert agreed.signals[0].spans == (Span(1, 6), Span(2, 7), Span(3, 8))
    assert (agreed.attempts, agreed.cost_usd, agreed.dropped_quotes) == (3, 1.5, 3)
    assert agreed.usage == Usage(input_tokens=30, output_tokens=6, calls=3)
    assert [call.sample for call in agreed.calls] == [1, 2, 3]
    assert len(agreed.samples) == 3


async def test_a_cost_that_is_not_known_makes_the_sum_unknown():
    assert agree([found(), found().model_copy(update={"cost_usd": None, "usage": None})]).cost_usd is None


async def test_a_later_answer_that_does_not_come_is_said():
    judge = Scripted(of_level(3), ModelUnavailable("no", slug="timeout"), of_level(5))

    findings = await ask_repeatedly(judge, make_brief(), Wish(3), tell_by_gaps, [Bound(1, 5)])

    assert findings.silences == (Silence(sheet="sample 2", kind="timeout"),)
    assert len(findings.samples) == 2


async def test_no_further_answer_is_waited_for_beyond_the_longest_time():
    class Slow(Scripted):
        async def judge(self, brief: Brief) -> Findings:
            if brief.sample > 1:
                await asyncio.sleep(60)
            return await super().judge(brief)

    findings = await ask_repeatedly(Slow(of_level(3)), make_brief(), Wish(3, 0.05), tell_by_gaps, [Bound(1, 5)])

    assert [silence.kind for silence in findings.silences] == ["timeout", "timeout"]


async def test_a_first_answer_that_does_not_come_ends_it():
    judge = Scripted(ModelMisbehaved("no"), of_level(1))

    with pytest.raises(ModelMisbehaved):
        await ask_repeatedly(judge, make_brief(), Wish(3), tell_by_gaps, [Bound(1, 5)])

    assert judge.asked == [1]


class Quoting:
    """A judge that quotes, in each sample, as many of the rules' own candidates as it is told to."""

    def __init__(self, text: str, choose: Callable[[int], Sequence[str]]) -> None:
        self._text = text
        self._choose = choose

    async def judge(self, brief: Brief) -> Findings:
        principle = brief.rubric.principle(brief.principles[0])
        spans = tuple(
            Span(self._text.index(words), self._text.index(words) + len(words)) for words in self._choose(brief.sample)
        )
        signal = SignalFinding(
            principle=principle.id, signal=principle.positive_signals[0].id, spans=spans or (Span(0, 5),)
        )
        return found(number=brief.sample).model_copy(update={"signals": (signal,)})


async def test_provenance_tells_how_many_answers_there_were_and_might_have_been():
    text = TALES["ward"].text
    assessor = Assessor(Catalog(), judge=Quoting(text, lambda _: ()), max_story_chars=40_000)

    once = await assessor.assess(Story(text=text))
    often = await assessor.assess(Story(text=text), effort=Effort(samples=5))

    assert (once.provenance.samples, once.provenance.samples_wanted) == (1, 1)
    assert 1 <= often.provenance.samples <= often.provenance.samples_wanted == 5
    assert often.provenance.attempts == often.provenance.samples
    assert (once.status, often.status) == (Status.ASSESSED, Status.ASSESSED)
    assert all(not item.sample_levels and not item.low_confidence for item in once.principles)
