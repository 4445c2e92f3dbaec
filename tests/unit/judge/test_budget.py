import asyncio

import pytest

from app.domain import Bill, Charge, Spent
from app.errors import LimitExceeded
from app.judge.budget import RunPurse, paying


def bill(tokens: int = 100, nanousd: int | None = 1_000_000) -> Bill:
    return Bill(Charge(tokens, nanousd), payer=None)


async def pay(purse: RunPurse, item: Bill, takes: Charge | None = None) -> None:
    async with purse.paying(item):
        await asyncio.sleep(0)
        item.spent = Spent(takes or item.most, requests=1)


async def pay_many(purse: RunPurse, count: int, takes: Charge | None = None) -> int:
    ended = await asyncio.gather(*(pay(purse, bill(), takes) for _ in range(count)), return_exceptions=True)
    assert all(end is None or isinstance(end, LimitExceeded) for end in ended)
    return ended.count(None)


@pytest.mark.parametrize("limits", [{"cost_usd": 0.01}, {"tokens": 1000}])
def test_two_hundred_at_once_with_money_for_ten_are_ten(limits):
    purse = RunPurse(**limits)
    assert asyncio.run(pay_many(purse, 200)) == 10
    assert purse.spent == Charge(1000, 10_000_000)


def test_what_was_held_back_and_not_taken_is_there_for_those_who_wait():
    purse = RunPurse(cost_usd=0.01)
    assert asyncio.run(pay_many(purse, 200, Charge(10, 100_000))) == 91  # each must fit in whole before it is sent
    assert purse.spent.nanousd == 9_100_000


def test_a_cancelled_request_gives_back_what_was_not_spent():
    async def run() -> None:
        purse = RunPurse(tokens=100)
        async with purse.paying(bill()):
            waiting = asyncio.create_task(pay(purse, bill()))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await asyncio.wait_for(pay(purse, bill()), 5)
        assert purse.spent.tokens == 100

    asyncio.run(run())


def test_a_second_purse_that_refuses_leaves_the_first_whole():
    async def run() -> None:
        first, second = RunPurse(tokens=1000), RunPurse(tokens=50)
        with pytest.raises(LimitExceeded):
            async with paying((first, second), bill()):
                pytest.fail("nothing may be sent")
        assert first.spent == Charge(0, 0)

    asyncio.run(run())


def test_without_a_price_tokens_are_what_counts():
    purse = RunPurse(tokens=1000)

    async def run() -> int:
        ended = await asyncio.gather(*(pay(purse, bill(100, None)) for _ in range(50)), return_exceptions=True)
        return ended.count(None)

    assert asyncio.run(run()) == 10
