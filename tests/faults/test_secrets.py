import asyncio
import traceback

import pytest

from app.errors import CoachError
from tests.faults import behaviours as do
from tests.faults.harness import KEY, STORY, Log, Outcome, judge_once, make_brief, make_settings, open_test_judge
from tests.faults.rows import ROWS, Row
from tests.faults.run import run_row
from tests.faults.server import Exchange, ModelServer

CANARIES = (KEY, *(part.strip() for part in STORY.split(".") if part.strip()), "The invoice run", "you fixed something")


def found_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def everything_said_by(error: CoachError) -> str:
    chain = "".join(traceback.format_exception(error))
    return f"{error} {error!r} {error.args} {error.detail} {chain}"


def assert_nothing_is_told(outcome: Outcome) -> None:
    assert found_in(outcome.log.text) == []
    if outcome.error is not None:
        assert found_in(everything_said_by(outcome.error)) == []
        assert outcome.error.__cause__ is None
        assert outcome.error.__context__ is None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_no_log_or_error_tells_the_story_or_the_key(row: Row):
    assert_nothing_is_told(run_row(row).outcome)


async def send_everything_back(exchange: Exchange) -> None:
    story = do.read_story(exchange.request) or ""
    echo = {"x-request-id": KEY, "x-story": story, "retry-after": KEY}
    await exchange.reply(400, exchange.request.body + KEY.encode(), echo)


async def send_everything_back_in_order(exchange: Exchange) -> None:
    story = do.read_story(exchange.request) or ""
    error = {"message": story, "param": KEY, "code": story, "type": KEY}
    await do.status(500, error, headers={"x-request-id": KEY, "x-story": story})(exchange)


@pytest.mark.parametrize("behaviour", [send_everything_back, send_everything_back_in_order])
def test_an_endpoint_that_sends_everything_back_gets_nothing_into_logs_or_errors(behaviour, model_server: ModelServer):
    model_server.script(then=behaviour)

    outcome = judge_once(model_server.url)

    assert outcome.error is not None
    assert_nothing_is_told(outcome)


def test_reprs_show_no_key(model_server: ModelServer):
    async def show() -> str:
        judge = open_test_judge(model_server.url)
        try:
            return f"{judge!r} {judge} {make_settings(model_server.url)!r} {vars(judge)!r}"
        finally:
            await judge.aclose()

    assert found_in(asyncio.run(show())) == []


def test_a_cancelled_call_tells_nothing(model_server: ModelServer):
    model_server.script(then=do.hang)

    async def run() -> None:
        judge = open_test_judge(model_server.url)
        try:
            async with asyncio.timeout(0.3):
                await judge.judge(make_brief())
        except TimeoutError:
            pass
        finally:
            await judge.aclose()

    with Log() as log:
        asyncio.run(run())

    assert "kind=cancelled" in log.text
    assert found_in(log.text) == []
