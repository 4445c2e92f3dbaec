"""Assess many stories with a judge that answers in rounds: go through all of them until no question is open."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from app.coach.assess import Assessor
from app.coach.batch import Batch, Take
from app.domain import EngineChoice, Story
from app.errors import CoachError, UnreadableStory


class RoundsJudge(Protocol):
    """Whoever answers in rounds; asked about what is still to come, it raises an exception of its own."""

    async def recover(self) -> None:
        """Find out what a run that was killed left under way."""
        ...

    def begin(self) -> None:
        """Begin to go through the stories once more."""
        ...

    async def run_round(self) -> None:
        """Have the open questions answered."""
        ...

    def finish(self) -> None:
        """Forget the run."""
        ...


class InRounds:
    """Assesses stories in rounds; the counterpart of `Batch` for questions that are answered hours later.

    Args:
        assessor: Turns a story into an assessment; its judge is the one below.
        judge: Answers in rounds.
        deferred: What the judge raises where an answer is still to come.
        engine: As for `Assessor.assess`.
        rubric: As for `Assessor.assess`.
        jobs: Stories that are assessed at the same time once all answers are there.
    """

    def __init__(  # noqa: PLR0913 - collaborators arrive by constructor
        self,
        assessor: Assessor,
        judge: RoundsJudge,
        *,
        deferred: type[Exception],
        engine: EngineChoice,
        rubric: str | None = None,
        jobs: int,
    ) -> None:
        self._assessor = assessor
        self._judge = judge
        self._deferred = deferred
        self._engine: EngineChoice = engine
        self._rubric = rubric
        self._batch = Batch(assessor, engine=engine, rubric=rubric, jobs=jobs)

    async def run(self, items: Iterable[Story | UnreadableStory], take: Take) -> bool:
        """Hand each story's outcome to `take`, as `Batch.run` does, once all questions are answered.

        When the task is cancelled (Ctrl-C), what is under way goes on elsewhere and is found by the next run.

        Raises:
            CoachError: No story can be assessed like this, or the rounds can't go on.
        """
        kept = list(items)
        try:
            await self._judge.recover()
            while await self._has_open_questions(kept):
                await self._judge.run_round()
        except asyncio.CancelledError:
            return False
        self._judge.begin()
        is_whole = await self._batch.run(kept, take)
        if is_whole:
            self._judge.finish()
        return is_whole

    async def _has_open_questions(self, items: Iterable[Story | UnreadableStory]) -> bool:
        self._judge.begin()
        is_open = False
        for item in items:
            if isinstance(item, UnreadableStory):
                continue
            try:
                await self._assessor.assess(item, engine=self._engine, rubric=self._rubric)
            except self._deferred:
                is_open = True
            except CoachError:
                pass  # told when all is answered
        return is_open
