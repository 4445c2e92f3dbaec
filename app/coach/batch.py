"""Assess many stories, several at a time, in the order they came; a failure stays with its story."""

import asyncio
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import NamedTuple, Protocol

from app.coach.assess import Assessor
from app.domain import Assessment, EngineChoice, Story
from app.errors import CoachError, InvalidInput, LimitExceeded, ModelMisbehaved, ModelUnavailable, UnreadableStory

_AHEAD = 4


class Outcome(NamedTuple):
    """What became of a story: always an assessment, and the failure when that says `not_assessed` because of one."""

    story: Story
    assessment: Assessment
    failure: CoachError | None


Take = Callable[[Outcome | UnreadableStory], None]


class Runner(Protocol):
    """Whoever has stories assessed, in whatever way: here, in processes, by a service."""

    async def run(self, items: Iterable[Story | UnreadableStory], take: Take) -> bool:
        """Hand each story's outcome to `take`, in the order of the stories; return whether all have been handed over.

        When the task is cancelled (Ctrl-C), what is done is still handed over, and the answer is False.

        Args:
            items: Stories, read as they are needed, so that any number of them takes little memory.
            take: Called once for each item, unreadable ones included.

        Raises:
            CoachError: No further story would fare better, such as with a refused key.
        """
        ...


class Batch:
    """Assesses stories side by side.

    Args:
        assessor: Turns a story into an assessment.
        engine: As for `Assessor.assess`.
        rubric: As for `Assessor.assess`.
        jobs: Stories that are assessed at the same time.
    """

    def __init__(self, assessor: Assessor, *, engine: EngineChoice, rubric: str | None = None, jobs: int) -> None:
        self._assessor = assessor
        self._engine: EngineChoice = engine
        self._rubric = rubric
        self._jobs = jobs
        self._turn = asyncio.Semaphore(jobs)

    async def run(self, items: Iterable[Story | UnreadableStory], take: Take) -> bool:
        """Hand each story's outcome to `take`, in the order of the stories; return whether all have been handed over.

        When the task is cancelled (Ctrl-C), what is done is still handed over, and the answer is False.

        Args:
            items: Stories, read as they are needed.
            take: Called once for each item.

        Raises:
            Misconfigured: No story can be assessed like this.
            NotFound: There is no such rubric.
        """
        waiting: deque[asyncio.Future[Outcome] | UnreadableStory] = deque()
        try:
            for item in items:
                waiting.append(item if isinstance(item, UnreadableStory) else asyncio.ensure_future(self._one(item)))
                while len(waiting) >= self._jobs * _AHEAD or (waiting and _is_done(waiting[0])):
                    await _hand_over(waiting, take)
            while waiting:
                await _hand_over(waiting, take)
        except asyncio.CancelledError:
            await _stop(waiting)
            for item in waiting:
                if isinstance(item, UnreadableStory):
                    take(item)
                elif not item.cancelled() and item.exception() is None:
                    take(item.result())
            return False
        except BaseException:
            await _stop(waiting)
            raise
        return True

    async def _one(self, story: Story) -> Outcome:
        async with self._turn:
            try:
                assessment = await self._assessor.assess(story, engine=self._engine, rubric=self._rubric)
            except Exception as error:  # noqa: BLE001 - a defect that one story meets must not lose the others
                return self._failed(story, own_failure(error))
            return Outcome(story, assessment, None)

    def _failed(self, story: Story, error: CoachError) -> Outcome:
        reason = f"{error.slug}: {error.detail}"
        return Outcome(story, self._assessor.decline(story, reason, engine=self._engine, rubric=self._rubric), error)


def own_failure(error: Exception) -> CoachError:
    """Return the failure that stays with its story.

    Raises:
        CoachError: No other story would fare better.
    """
    if isinstance(error, (InvalidInput, LimitExceeded, ModelMisbehaved, ModelUnavailable)):
        return error
    if isinstance(error, CoachError):
        raise error
    return _defect(error)


def _is_done(item: asyncio.Future[Outcome] | UnreadableStory) -> bool:
    return isinstance(item, UnreadableStory) or item.done()


async def _hand_over(waiting: deque[asyncio.Future[Outcome] | UnreadableStory], take: Take) -> None:
    first = waiting[0]
    outcome = first if isinstance(first, UnreadableStory) else await first
    waiting.popleft()
    take(outcome)


async def _stop(waiting: Iterable[asyncio.Future[Outcome] | UnreadableStory]) -> None:
    tasks = [item for item in waiting if not isinstance(item, UnreadableStory)]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _defect(error: Exception) -> CoachError:
    """Name the place of a defect, and nothing that the error says: it may quote the story."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{PurePath(frame.filename).name}:{frame.lineno}"
    return CoachError(f"a defect of this program ({type(error).__name__} at {place})", slug="internal-error")
