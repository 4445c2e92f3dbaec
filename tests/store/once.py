"""Carry out one claimed request, and die at a statement or commit on the way.

    python tests/store/once.py URL USER_ID COUNT

Forks a process for each step up to COUNT, each on a key of its own, and prints each one's exit code.
"""

import asyncio
import sys

from app.store import Claim, Receipt, Reply, Store, StoryFields
from tests.store.processes import die_at, fork, wait
from tests.store.samples import make_assessment


async def keep_story(url: str, user_id: str, key: str) -> None:
    """Store a story with its assessment and the reply, under a key."""
    async with Store.open(url) as store:
        claim = await store.replies.claim(user_id, "create_assessment", key, "f" * 64, lease_s=3600)
        assert isinstance(claim, Claim)
        receipt = Receipt(claim, lambda made: Reply(status=201, headers={}, body=made.id))
        await store.assessments.add_with_story(
            user_id, StoryFields(text="One.", title=key), make_assessment(), receipt=receipt
        )


def carry_out(url: str, user_id: str, step: int) -> None:
    """Do it, and die at a step."""
    die_at(step)
    asyncio.run(keep_story(url, user_id, f"key {step}"))


if __name__ == "__main__":
    address, user, count = sys.argv[1:]
    codes = [wait(fork(lambda n=n: carry_out(address, user, n))) for n in range(1, int(count) + 1)]
    sys.stdout.write(" ".join(map(str, codes)))
