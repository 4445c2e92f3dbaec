"""The budgets of a day: what is spent is counted to the token, and no more than the limit is ever spent."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from app.domain import NOTHING_SPENT, Bill, Charge, Spent
from app.errors import LimitExceeded, StoreUnavailable
from app.judge.findings import Findings
from app.store import DailyLimits, DaySpending, Store
from app.store.spending import DailyPurse
from tests.faults import behaviours as do
from tests.faults.harness import Log, make_brief, open_test_judge
from tests.faults.server import Exchange, ModelServer

pytestmark = pytest.mark.anyio

TOOK = Spent(Charge(60, 600), 1, input_tokens=50, output_tokens=10)


async def pay(purse: DailyPurse, user_id: str | None, spent: Spent = TOOK) -> None:
    bill = Bill(Charge(100, 1000), user_id)
    async with purse.paying(bill):
        await asyncio.sleep(0)
        bill.spent = spent


async def test_what_was_taken_is_counted_by_day_and_user(store: Store):
    ann, bob = [(await store.users.add(name)).id for name in ("ann", "bob")]
    purse = store.spending.purse(DailyLimits(tokens=10_000, user_tokens=5_000, cost_usd=1, user_cost_usd=1))
    for user_id in (ann, ann, bob, None):
        await pay(purse, user_id)
    day = datetime.now(UTC).date()

    def figures(count: int) -> DaySpending:
        return DaySpending(
            day=day,
            requests=count,
            input_tokens=50 * count,
            output_tokens=10 * count,
            charged_tokens=60 * count,
            charged_usd=600 * count / 10**9,
        )

    assert await store.spending.days(ann) == (figures(2),)
    assert await store.spending.days(bob) == (figures(1),)
    assert await store.spending.days() == (figures(4),)


@pytest.mark.parametrize(
    "limits", [DailyLimits(tokens=1000), DailyLimits(cost_usd=0.00001), DailyLimits(user_tokens=1000)]
)
async def test_two_hundred_at_once_with_money_for_ten_are_ten(store: Store, limits: DailyLimits):
    user = await store.users.add("ann")
    purse, most = store.spending.purse(limits), Spent(Charge(100, 1000), 1)
    ended = await asyncio.gather(*(pay(purse, user.id, most) for _ in range(200)), return_exceptions=True)
    refusals = [end for end in ended if isinstance(end, LimitExceeded)]
    assert (ended.count(None), len(refusals)) == (10, 190)
    assert all(refusal.slug == "over-budget" and 0 < (refusal.retry_after_s or 0) <= 86_400 for refusal in refusals)
    assert (await store.spending.days())[0].charged_tokens == 1000


async def test_one_users_limit_leaves_the_others_theirs(store: Store):
    ann, bob = [(await store.users.add(name)).id for name in ("ann", "bob")]
    purse = store.spending.purse(DailyLimits(user_tokens=100))
    await pay(purse, ann)
    with pytest.raises(LimitExceeded):
        await pay(purse, ann)
    await pay(purse, bob)


async def test_what_was_not_taken_is_given_back(store: Store):
    purse = store.spending.purse(DailyLimits(tokens=100))
    await pay(purse, None, NOTHING_SPENT)
    await pay(purse, None, Spent(Charge(0, 0), 1))
    await pay(purse, None)
    assert (await store.spending.days())[0].requests == 2


async def test_an_unknown_price_is_told(store: Store):
    purse = store.spending.purse(DailyLimits())
    await pay(purse, None, Spent(Charge(60, None), 1))
    assert (await store.spending.days())[0].charged_usd is None


async def test_without_a_limit_and_without_a_request_nothing_is_written(store: Store):
    await pay(store.spending.purse(DailyLimits()), None, NOTHING_SPENT)
    assert await store.spending.days() == ()


async def test_a_user_who_is_not_there_spends_nothing(store: Store):
    with pytest.raises(LimitExceeded):
        await pay(store.spending.purse(DailyLimits(user_tokens=1000)), "nobody")
    assert await store.spending.days() == ()


async def test_two_processes_with_money_for_ten_make_ten_calls(
    store: Store, database_url: str, model_server: ModelServer
):
    model_server.script(then=do.answer(do.findings(), usage=None))
    user = await store.users.add("ann")

    def spend(count: int, tokens: int, processes: int) -> None:
        command = [sys.executable, "-m", "tests.store.spender", database_url, model_server.url, user.id]
        running = [subprocess.Popen([*command, str(count), str(tokens)]) for _ in range(processes)]
        assert [process.wait(100) for process in running] == [0] * processes

    await asyncio.to_thread(spend, 1, 10**9, 1)
    most = (await store.spending.days(user.id))[0].charged_tokens
    await asyncio.to_thread(spend, 100, 11 * most, 2)

    assert len(model_server.requests) == 1 + 10
    assert (await store.spending.days(user.id))[0].charged_tokens == 11 * most
    assert (await store.spending.days())[0].requests == 11


async def test_a_process_that_is_killed_leaves_the_most_charged_and_nothing_stuck(store: Store, database_url: str):
    user = await store.users.add("ann")
    command = [sys.executable, "-m", "tests.store.spender", database_url, user.id]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    process.kill()
    await process.communicate()

    assert (await store.spending.days(user.id))[0].charged_tokens == 100
    await pay(store.spending.purse(DailyLimits(tokens=200)), user.id)


async def test_without_a_database_nothing_is_asked(store: Store, model_server: ModelServer):
    judge = open_test_judge(model_server.url, purses=(store.spending.purse(DailyLimits(tokens=10**9)),))
    await store.close()
    with pytest.raises(StoreUnavailable):
        await judge.judge(make_brief())
    await judge.aclose()
    assert model_server.requests == []


async def test_a_database_that_goes_away_during_a_call_does_not_take_the_answer_with_it(
    store: Store, database_url: str, model_server: ModelServer
):
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def wait_for_the_end(exchange: Exchange) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(gate.wait(), loop))
        await do.answer_sensibly(exchange)

    model_server.script(then=wait_for_the_end)
    judge = open_test_judge(model_server.url, purses=(store.spending.purse(DailyLimits(tokens=10**9)),))
    judging = asyncio.create_task(judge.judge(make_brief()))
    await asyncio.to_thread(model_server.wait_for_requests, 1)
    await store.close()
    with Log() as log:
        gate.set()
        findings = await judging
    await judge.aclose()

    assert isinstance(findings, Findings)
    assert "could not be settled" in log.text
    async with Store.open(database_url) as again:
        assert (await again.spending.days())[0].charged_tokens > 4096
