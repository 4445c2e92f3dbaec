"""Judge one story many times at once, paid from a database's budget of the day.

python -m tests.store.spender DATABASE_URL MODEL_URL USER_ID COUNT TOKENS
"""

import asyncio
import sys

from app.domain import Bill, Charge
from app.store import DailyLimits, Store
from tests.faults.harness import make_brief, open_test_judge


async def spend(database_url: str, model_url: str, user_id: str, count: int, tokens: int) -> None:
    """Judge so often within a budget in tokens; failures are the budget's answer."""
    async with Store.open(database_url) as store:
        purse = store.spending.purse(DailyLimits(tokens=tokens))
        judge = open_test_judge(model_url, purses=(purse,), max_model_calls=count)
        brief = make_brief().model_copy(update={"payer": user_id})
        await asyncio.gather(*(judge.judge(brief) for _ in range(count)), return_exceptions=True)
        await judge.aclose()


async def spend_for_ever(database_url: str, user_id: str) -> None:
    """Hold 100 tokens and say so; never end."""
    bill = Bill(Charge(100, 100), user_id)
    async with Store.open(database_url) as store, store.spending.purse(DailyLimits(tokens=1000)).paying(bill):
        sys.stdout.write("held\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    match sys.argv[1:]:
        case [database, user]:
            asyncio.run(spend_for_ever(database, user))
        case [database, model, user, count, tokens]:
            asyncio.run(spend(database, model, user, int(count), int(tokens)))
        case _:
            sys.exit(__doc__)
