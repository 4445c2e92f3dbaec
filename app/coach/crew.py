"""Assess many stories with the rules engine, in several processes once there are enough to be worth their start."""

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import NamedTuple

from app.coach.assess import Assessor
from app.coach.batch import Outcome, Take, own_failure
from app.coach.readers import leave_with_parent
from app.domain import Assessment, Story
from app.errors import UnreadableStory

_ALONE = 24
_CHUNK = 32
_AHEAD = 3

_Item = Story | UnreadableStory


class _Chunk(NamedTuple):
    """Stories that are with a process."""

    items: list[_Item]
    replies: asyncio.Future[list[bytes | None]]


class Crew:
    """Assesses stories with the rules engine; the counterpart of `Batch` for what keeps a processor busy.

    Args:
        assessor: Turns a story into an assessment.
        rubric: As for `Assessor.assess`.
        jobs: Most stories that are assessed at the same time; never more than there are processors.
    """

    def __init__(self, assessor: Assessor, *, rubric: str | None = None, jobs: int) -> None:
        self._assessor = assessor
        self._rubric = rubric
        # Elsewhere than on Linux a process starts from nothing, which costs more than the stories of most folders.
        self._processes = min(jobs, len(os.sched_getaffinity(0))) if sys.platform == "linux" else 1

    async def run(self, items: Iterable[_Item], take: Take) -> bool:
        """Hand each story's outcome to `take`, in the order of the stories; as `Batch.run` does.

        Raises:
            Misconfigured: No story can be assessed like this.
            NotFound: There is no such rubric.
        """
        stream = iter(items)
        try:
            for item in islice(stream, _ALONE if self._processes > 1 else None):
                take(self._assess(item))
                await asyncio.sleep(0)  # Ctrl-C arrives here
            first = list(islice(stream, 1))
        except asyncio.CancelledError:
            return False
        return await self._share(first, stream, take) if first else True

    async def _share(self, first: list[_Item], stream: Iterable[_Item], take: Take) -> bool:
        waiting: deque[_Chunk] = deque()
        gc.freeze()  # what is shared with the processes stays shared: nothing looks at it again
        pool = ProcessPoolExecutor(
            self._processes, multiprocessing.get_context("fork"), _prepare, (self._assessor, self._rubric)
        )
        stream = iter(stream)
        try:
            items = first
            while items := items + list(islice(stream, _CHUNK - len(items))):
                stories = [item for item in items if isinstance(item, Story)]
                waiting.append(_Chunk(items, asyncio.wrap_future(pool.submit(_assess_chunk, stories))))
                items = []
                while len(waiting) > self._processes * _AHEAD or (waiting and waiting[0].replies.done()):
                    await self._hand_over(waiting, take)
            while waiting:
                await self._hand_over(waiting, take)
        except asyncio.CancelledError:
            while waiting and waiting[0].replies.done() and not waiting[0].replies.cancelled():
                await self._hand_over(waiting, take)
            return False
        finally:
            pool.shutdown(cancel_futures=True)
        return True

    async def _hand_over(self, waiting: deque[_Chunk], take: Take) -> None:
        items, replies = waiting[0]
        try:
            answers = iter(await replies)
        except BrokenProcessPool:  # a process was killed, perhaps for want of memory: go on without it
            answers = iter([None] * len(items))
        waiting.popleft()
        for item in items:
            answer = None if isinstance(item, UnreadableStory) else next(answers)
            if isinstance(item, UnreadableStory) or answer is None:
                take(self._assess(item))
            else:
                take(Outcome(item, Assessment.model_validate_json(answer), None))

    def _assess(self, item: _Item) -> Outcome | UnreadableStory:
        if isinstance(item, UnreadableStory):
            return item
        try:
            return Outcome(item, self._assessor.assess_by_rules(item, rubric=self._rubric), None)
        except Exception as error:  # noqa: BLE001 - a defect that one story meets must not lose the others
            failure = own_failure(error)
            reason = f"{failure.slug}: {failure.detail}"
            declined = self._assessor.decline(item, reason, engine="rules", rubric=self._rubric)
            return Outcome(item, declined, failure)


_place: list[tuple[Assessor, str | None]] = []
"""What a process of the pool assesses with; set once when it starts."""


def _prepare(assessor: Assessor, rubric: str | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which hands over what is done
    threading.Thread(target=leave_with_parent, daemon=True).start()
    _place.append((assessor, rubric))


def _assess_chunk(stories: list[Story]) -> list[bytes | None]:
    """Return assessments as JSON, which is cheaper to hand over than objects; None for one that fails."""
    return [_assess_quietly(story) for story in stories]


def _assess_quietly(story: Story) -> bytes | None:
    assessor, rubric = _place[0]
    try:
        return assessor.assess_by_rules(story, rubric=rubric).model_dump_json().encode()
    except Exception:  # noqa: BLE001 - the command assesses it again and tells what is wrong
        return None
