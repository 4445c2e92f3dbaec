"""A batch's own budget: never exceeded, whatever is under way at a time, and named where it holds no more."""

import asyncio
import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.coach.opening import opened
from app.coach.stories import StoryCoach
from app.domain import NANO, Bill, Charge
from app.errors import LimitExceeded
from app.jobs.desk import Desk
from app.jobs.working import working
from app.settings import Settings
from app.store import BatchOptions, BatchRecord, ItemRecord, Job, Store, paid_by
from app.store.batch_purse import LONGEST_WAIT_S
from tests.faults.behaviours import completion, sensible_answer
from tests.faults.server import Behaviour, Exchange, ModelServer
from tests.jobs.stand import PATIENCE_S, hand_in, stories

MOST_TOKENS = 256  # of an answer, which together cost a dollar
AT_ONCE = 4


@pytest.fixture
def chosen(database_url: str, model_server: ModelServer, tmp_path: Path) -> Settings:
    prices = tmp_path / "prices.json"
    price = {"input": 0, "output": 1_000_000 / MOST_TOKENS}
    prices.write_text(json.dumps({"dated": "2026-11-01", "models": {"test-model": price}}))
    return Settings(
        database_url=SecretStr(database_url),
        api_key=None,
        base_url=model_server.url,
        model="test-model",
        engine="llm",
        executor_id="here",
        worker_concurrency=AT_ONCE,
        max_attempts=1,
        max_output_tokens=MOST_TOKENS,
        prices_file=prices,
    )


def answering(tokens: int) -> Behaviour:
    """Return what a model does whose answers take so many tokens."""

    async def behave(exchange: Exchange) -> None:
        await asyncio.sleep(0.05)
        usage = {"prompt_tokens": 100, "completion_tokens": tokens, "total_tokens": 100 + tokens}
        body = completion(sensible_answer(exchange.request), usage=usage)
        await exchange.reply(200, json.dumps(body).encode())

    return behave


async def work_off(settings: Settings, count: int, max_cost_usd: float) -> tuple[BatchRecord, tuple[ItemRecord, ...]]:
    async with opened(settings) as (store, catalog, assessor, _):
        desk = Desk(settings, store, catalog, StoryCoach(store, assessor, engine=settings.engine))
        user = await store.users.add("ann")
        batch = await desk.submit(user.id, stories(count), BatchOptions(max_cost_usd=max_cost_usd))
        async with asyncio.timeout(PATIENCE_S), working(settings, store, desk, assessor, role="worker"):
            while batch.finished_at is None:
                await asyncio.sleep(0.05)
                batch = await store.batches.get(user.id, batch.id)
        return batch, tuple(await store.batches.results(user.id, batch.id))


def test_money_for_three_answers_is_three_calls_and_the_other_stories_say_why(
    chosen: Settings, model_server: ModelServer
):
    model_server.script(then=answering(MOST_TOKENS))
    batch, items = asyncio.run(work_off(chosen, 8, max_cost_usd=3.5))
    assert (batch.counts.done, batch.counts.failed, batch.cost_usd) == (3, 5, 3.0)
    assert len(model_server.requests) == 3
    assert sorted((item.assessment is None, item.error) for item in items) == sorted(
        [(False, None)] * 3 + [(True, "over-budget")] * 5, key=str
    )


def test_what_is_held_back_for_stories_under_way_is_waited_for_and_not_taken_for_spent(
    chosen: Settings, model_server: ModelServer
):
    """Four at a time could take four dollars and take one; the last one would not fit if it took a whole one."""
    model_server.script(then=answering(MOST_TOKENS // 4))
    batch, items = asyncio.run(work_off(chosen, 6, max_cost_usd=2.0))
    assert (batch.counts.done, batch.counts.failed, batch.cost_usd) == (5, 1, 1.25)
    assert len(model_server.requests) == 5
    assert {item.error for item in items} == {None, "over-budget"}


def test_what_a_process_held_back_that_died_counts_as_spent_once_its_story_is_begun_again(store: Store):
    async def run() -> None:
        batch = await hand_in(store, "ann", 1, BatchOptions(max_cost_usd=1.5))
        user = await store.users.find("ann")
        assert user is not None
        job, purse = Job(user.id, batch.id, 0, 1), store.batch_work.purse()
        dollar = Bill(Charge(1, NANO), user.id)

        async def ask() -> None:
            given = await store.batch_work.begin(job)
            assert given is not None
            async with paid_by(job, given), purse.paying(dollar):
                with pytest.raises(LimitExceeded, match="used up"):  # at once: nobody is left who could give it back
                    await ask_again()

        async def ask_again() -> None:
            given = await store.batch_work.begin(job)
            assert given is not None
            async with paid_by(job, given), purse.paying(dollar):
                raise AssertionError("more was asked than the budget holds")

        async with asyncio.timeout(LONGEST_WAIT_S / 2):
            await ask()
        assert (await store.batches.get(user.id, batch.id)).cost_usd == 0

    asyncio.run(run())
