"""Do one job: assess a story and store what came of it, once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.coach.batch import own_failure
from app.coach.stories import StoryCoach
from app.domain import Effort
from app.errors import CoachError, LimitExceeded, StoreUnavailable
from app.store import BatchOptions, Job, Line, Store, Verdict, paid_by

MOST_STARTS = 10  # a story during which the process died so often is left alone
_SHORTEST_WAIT_S = 0.1
_LONGEST_WAIT_S = 5.0
_LONGEST_TURN_S = 60.0
_TIMES_TO_WAIT = frozenset({"overloaded", "rate-limited"})  # nothing was sent: it is not the story's turn yet

T = TypeVar("T")

logger = logging.getLogger("app.jobs")


class Worker:
    """Does jobs. What has ended is known by the item's own row, which is written with the assessment in one step.

    Args:
        store: Where it is kept.
        coach: Assesses; without a limit of its own, since the queue has one.
        line: Where further jobs wait.
    """

    def __init__(self, store: Store, coach: StoryCoach, line: Line) -> None:
        self._store = store
        self._coach = coach
        self._line = line
        self.under_way = 0

    async def do(self, job: Job) -> None:
        """Assess a story unless that was done, and store what came of it; a failure is stored too and never raised."""
        self.under_way += 1
        try:
            given = await patiently(lambda: self._store.batch_work.begin(job))
            if given is None:
                return
            if given.attempt > MOST_STARTS:
                verdict = Verdict(error="kept-dying")
            else:
                async with paid_by(job, given):
                    verdict = await self._assess(job, given.story_id, given.options)
            await patiently(lambda: self._store.batch_work.end(job, given.story_id, verdict, self._line))
        finally:
            self.under_way -= 1

    async def _assess(self, job: Job, story_id: str, options: BatchOptions) -> Verdict:
        effort = Effort(depth=options.depth, samples=options.samples)
        while True:
            try:
                revision_id, assessment = await self._coach.assess_kept(
                    job.user_id, story_id, engine=options.engine, rubric=options.rubric, effort=effort
                )
            except StoreUnavailable:
                await asyncio.sleep(_LONGEST_WAIT_S)
            except LimitExceeded as error:
                if error.slug not in _TIMES_TO_WAIT:
                    return Verdict(error=error.slug)
                await asyncio.sleep(min(error.retry_after_s or 1.0, _LONGEST_TURN_S))
            except Exception as error:  # noqa: BLE001 - a defect that one story meets must not lose the others
                return Verdict(error=_name(error))
            else:
                return Verdict(revision_id, assessment)


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Return what comes of a piece of work with the database, however long that takes to answer."""
    wait_s = _SHORTEST_WAIT_S
    while True:
        try:
            return await work()
        except StoreUnavailable as error:
            logger.warning("the database is waited for: %s", error.detail)
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, _LONGEST_WAIT_S)


def _name(error: Exception) -> str:
    """Return the kind of a failure; a defect's place goes to the log, and nothing that it says."""
    if isinstance(error, CoachError):
        return error.slug
    failure = own_failure(error)
    logger.error("%s", failure.detail)
    return failure.slug
