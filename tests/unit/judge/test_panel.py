import asyncio
import json
from typing import Any

import pytest

from app.domain import Depth
from app.errors import ModelUnavailable
from app.judge.findings import Brief, Findings
from tests.faults import behaviours as do
from tests.faults.harness import STORY, Outcome, judge_once, make_brief
from tests.faults.server import Exchange, ModelServer, Request

OWN = "I read three weeks of logs"
SHEETS = ["principle:ownership", "principle:dive-deep", "gaps", "bar-raiser"]


def panel(**fields: Any) -> Brief:
    return make_brief().model_copy(update={"depth": Depth.PANEL, **fields})


def name_of(request: Request) -> str:
    """Return which sheet a request holds."""
    form = request.json["response_format"]["json_schema"]
    if form["name"] == "signals":
        return "principle:" + form["schema"]["properties"]["signals"]["required"][0].removesuffix(
            "-takes-the-loose-end"
        )
    return {"gaps": "gaps", "follow_ups": "bar-raiser"}[form["name"]]


def judge(server: ModelServer, brief: Brief | None = None, **options: Any) -> Findings:
    findings = judge_once(server.url, brief or panel(), **options).findings
    assert findings is not None
    return findings


def failing(*names: str) -> Any:
    """Return a model that answers all sheets but these."""

    async def behave(exchange: Exchange) -> None:
        if name_of(exchange.request) in names:
            await do.status(400)(exchange)
        else:
            await do.answer_sensibly(exchange)

    return behave


def test_a_panel_asks_each_sheet_once_and_puts_the_answers_together(model_server: ModelServer):
    findings = judge(model_server)

    assert sorted(name_of(request) for request in model_server.requests) == sorted(SHEETS)
    assert [call.asked for call in findings.calls] == SHEETS
    assert {call.prompt.name for call in findings.calls if call.prompt} == {"principle", "gaps", "bar-raiser"}
    assert {signal.principle for signal in findings.signals} == {"ownership", "dive-deep"}
    assert [gap.code for gap in findings.gaps] == ["no-learning"]
    assert [probe.text for probe in findings.probes] == ["What else could you have done?"]
    assert (findings.asked, findings.gaps_asked, findings.silences) == (("ownership", "dive-deep"), True, ())
    assert findings.attempts == 4
    assert findings.usage is not None
    assert findings.usage.input_tokens == 4 * do.USAGE["prompt_tokens"]
    assert len({call.boundary for call in findings.calls}) == 1


def test_the_sheets_are_asked_at_the_same_time(model_server: ModelServer):
    waiting: list[Request] = []
    all_there = asyncio.Event()

    async def behave(exchange: Exchange) -> None:
        waiting.append(exchange.request)
        if len(waiting) == len(SHEETS):
            all_there.set()
        await asyncio.wait_for(all_there.wait(), 10)
        await do.answer_sensibly(exchange)

    model_server.script(then=behave)

    assert len(judge(model_server).calls) == len(SHEETS)


def test_no_more_at_once_than_the_client_allows(model_server: ModelServer):
    under_way = 0
    most = 0

    async def behave(exchange: Exchange) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        await do.answer_sensibly(exchange)

    model_server.script(then=behave)
    judge(model_server, max_model_calls=2)

    assert most <= 2


@pytest.mark.parametrize(
    ("lost", "asked", "gaps_asked"),
    [
        (("gaps",), ("ownership", "dive-deep"), False),
        (("principle:dive-deep",), ("ownership",), True),
        (("bar-raiser",), ("ownership", "dive-deep"), True),
        (("principle:ownership", "principle:dive-deep", "gaps"), (), False),
    ],
)
def test_what_was_not_answered_is_said_and_never_guessed(
    lost: tuple[str, ...],
    asked: tuple[str, ...],
    gaps_asked: bool,  # noqa: FBT001 - a column of the table
    model_server: ModelServer,
):
    model_server.script(then=failing(*lost))

    findings = judge(model_server)

    assert [(silence.sheet, silence.kind) for silence in findings.silences] == [(name, "bad-request") for name in lost]
    assert (findings.asked, findings.gaps_asked) == (asked, gaps_asked)
    assert {signal.principle for signal in findings.signals} == set(asked)


def test_a_panel_that_nobody_answers_is_a_failure(model_server: ModelServer):
    model_server.script(then=do.status(503))

    outcome: Outcome = judge_once(model_server.url, panel())

    assert isinstance(outcome.error, ModelUnavailable)


def test_a_checklist_s_quotes_are_looked_up_and_noes_are_not_counted(model_server: ModelServer):
    def answer(request: Request) -> str:
        value = json.loads(do.sensible_answer(request))
        for number, check in enumerate(value.get("signals", {}).values()):
            check.update(quote=OWN if number else "I doubled the revenue alone", present=number < 2)
        return json.dumps(value)

    model_server.script(then=do.answer_with(answer))
    findings = judge(model_server, panel(principles=("dive-deep",)))

    (signal,) = findings.signals
    assert [STORY[span.start : span.end] for span in signal.spans] == [OWN]
    assert findings.dropped_quotes == 1


def test_a_remark_with_a_made_up_fact_is_dropped_and_counted(model_server: ModelServer):
    good, bad = "Why did you read the logs first?", "Why did costs fall by 40 % for Contoso?"
    probes = [{"quote": OWN, "reason": "r", "question": question} for question in (good, bad)]
    lost = [{"quote": "nothing of the kind was said", "reason": "r", "question": good}]
    unproven = [{"quote": "It went much better after that.", "reason": "no figure is given for it"}]

    def answer(request: Request) -> str:
        if name_of(request) == "bar-raiser":
            return json.dumps({"probes": [*probes, *lost], "unproven": unproven})
        return do.sensible_answer(request)

    model_server.script(then=do.answer_with(answer))
    findings = judge(model_server)

    assert [probe.text for probe in findings.probes] == [good]
    assert [STORY[remark.span.start : remark.span.end] for remark in findings.unproven] == [unproven[0]["quote"]]
    assert (findings.dropped_texts, findings.dropped_quotes) == (1, 1)


def test_further_samples_do_not_ask_for_follow_ups_again(model_server: ModelServer):
    assert [call.asked for call in judge(model_server, panel(sample=2)).calls] == SHEETS[:-1]
    assert {call.sample for call in judge(model_server, panel(sample=2)).calls} == {2}
