"""Have many stories assessed by a service's batches: handed in together, told in the order of the stories."""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.coach.batch import Batch, Outcome, Take
from app.domain import Assessment, Story
from app.errors import (
    CoachError,
    Conflict,
    Forbidden,
    InvalidInput,
    LimitExceeded,
    Misconfigured,
    ModelMisbehaved,
    ModelUnavailable,
    NotFound,
    UnreadableStory,
)
from app.judge.failures import MEANINGS, Kind
from app.remote.assessor import RemoteAssessor, name_request
from app.remote.client import ServiceClient
from app.remote.problem import bad_reply
from app.remote.request import describe_options, describe_story

PATH = "/v1/batches"
FEWEST = 32  # fewer are told sooner one by one
_CHUNK = 1000
_MOST_BYTES = 16 * 1024 * 1024
_KINDS = {kind.value: kind for kind in Kind}
_PAUSE_S = 1.0
_PASSING = (LimitExceeded, ModelMisbehaved, ModelUnavailable)


class _View(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    finished_at: str | None = None
    counts: dict[str, int] = {}


class _Result(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    cursor: int = Field(ge=0)
    number: int = Field(ge=0)
    state: str
    error: str | None = Field(default=None, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)
    assessment: Assessment | None = None


class RemoteBatches:
    """Assesses stories with a service's batches, or one by one where that is not to be had.

    Args:
        client: The service.
        assessor: Reads what it answers.
        one_by_one: Assesses stories with single requests.
        rubric: As for `Assessor.assess`.
        patience_s: How long a batch may lie there without a story of it coming to its end.
    """

    def __init__(
        self,
        client: ServiceClient,
        assessor: RemoteAssessor,
        one_by_one: Batch,
        *,
        rubric: str | None = None,
        patience_s: float,
    ) -> None:
        self._client = client
        self._assessor = assessor
        self._one_by_one = one_by_one
        self._rubric = rubric
        self._patience_s = patience_s
        self._has_batches = True

    async def run(self, items: Iterable[Story | UnreadableStory], take: Take) -> bool:
        """Hand each story's outcome to `take`, in the order of the stories; as `Batch.run` does.

        Where it is stopped, the service goes on with its batch, and the same command finds it.

        Raises:
            CoachError: No further story would fare better.
        """
        stream = iter(items)
        while chunk := list(islice(stream, _CHUNK)):
            told = await self._run_chunk(chunk, take) if self._has_batches else None
            if told is None:
                told = await self._one_by_one.run(chunk, take)
            if not told:
                return False
        return True

    async def _run_chunk(self, chunk: Sequence[Story | UnreadableStory], take: Take) -> bool | None:
        """Return whether all have been handed over; None where a batch is not the way, and nothing has been."""
        stories = [item for item in chunk if isinstance(item, Story)]
        body = self._write(stories)
        if len(stories) < FEWEST or len(body) > _MOST_BYTES:
            return None
        handing = _Handing(chunk, take)
        try:
            batch_id = await self._hand_in(body)
            if batch_id is None:
                return None
            await self._follow(batch_id, stories, handing)
        except _PASSING as error:
            handing.fail(error, self._failed)
        except asyncio.CancelledError:
            handing.give_up()
            return False
        return True

    def _write(self, stories: Sequence[Story]) -> bytes:
        terms = self._assessor.terms
        options = describe_options(
            engine=terms.engine, rubric=self._assessor.name_of(self._rubric), effort=terms.effort
        )
        body = {"stories": [describe_story(story) for story in stories], **options}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    async def _hand_in(self, body: bytes) -> str | None:
        """Return the batch's id; None where the service takes no batches, or not this one."""
        try:
            reply = await self._client.post(PATH, body, key=name_request(body, self._assessor.salt))
            view = _read_view(reply.body)
            if reply.headers.get("idempotency-replayed") == "true":
                await self._try_failed_again(view.id)
        except (InvalidInput, *_PASSING):  # one by one, each story gets its assessment or its own reason
            return None
        except (Forbidden, NotFound, Misconfigured):  # no such scope, no such address, or no such batch any more
            self._has_batches = False
            return None
        return view.id

    async def _try_failed_again(self, batch_id: str) -> None:
        view = _read_view((await self._client.request("GET", f"{PATH}/{batch_id}")).body)
        if view.finished_at is None or not view.counts.get("failed"):
            return
        try:
            await self._client.request("POST", f"{PATH}/{batch_id}/retry")
        except Conflict:  # somebody else did
            return

    async def _follow(self, batch_id: str, stories: Sequence[Story], handing: "_Handing") -> None:
        """Take results as they come, until all are there."""
        now = asyncio.get_running_loop().time
        heard = now()
        while handing.missing:
            before = handing.after
            try:
                path = f"{PATH}/{batch_id}/results?after={before}&follow=true"
                await self._client.read_lines(path, lambda line: self._take_line(line, stories, handing))
            except ModelUnavailable:
                if handing.after == before:
                    raise
            if handing.after > before:
                heard = now()
                continue
            view = _read_view((await self._client.request("GET", f"{PATH}/{batch_id}")).body)
            if view.finished_at is not None or now() - heard > self._patience_s:
                raise ModelUnavailable("the service came to no end with its batch", slug="batch-incomplete")
            await asyncio.sleep(_PAUSE_S)

    def _take_line(self, line: bytes, stories: Sequence[Story], handing: "_Handing") -> None:
        if not line.strip():
            return
        try:
            result = _Result.model_validate_json(line)
        except ValidationError:
            raise bad_reply() from None
        handing.after = max(handing.after, result.cursor)
        if result.number < len(stories):
            handing.hand(result.number, self._settle(stories[result.number], result))

    def _settle(self, story: Story, result: _Result) -> Outcome:
        """Return what came of a story.

        Raises:
            Misconfigured: No other story would fare better.
        """
        error = _error_of(result)
        if result.assessment is not None and error is None:
            try:
                return Outcome(story, self._assessor.take(result.assessment, story, self._rubric), None)
            except ModelMisbehaved as caught:
                error = caught
        if isinstance(error, Misconfigured):
            raise error
        return self._failed(story, error or bad_reply())

    def _failed(self, story: Story, error: CoachError) -> Outcome:
        reason = f"{error.slug}: {error.detail}"
        engine = self._assessor.terms.engine or "auto"
        return Outcome(story, self._assessor.decline(story, reason, engine=engine, rubric=self._rubric), error)


class _Handing:
    """Hands over what is done in the order of the stories.

    Attributes:
        after: The cursor of the newest result.
    """

    def __init__(self, chunk: Sequence[Story | UnreadableStory], take: Take) -> None:
        self._waiting = list(chunk)
        self._take = take
        self._outcomes: dict[int, Outcome] = {}
        self.after = 0
        self._at = 0
        self._number = 0
        self._move()

    @property
    def missing(self) -> bool:
        """Tell whether something has not been handed over."""
        return self._at < len(self._waiting)

    def hand(self, number: int, outcome: Outcome) -> None:
        """Take the outcome of a story; a second one of the same counts for nothing."""
        if number >= self._number:
            self._outcomes.setdefault(number, outcome)
            self._move()

    def fail(self, error: CoachError, write: Callable[[Story, CoachError], Outcome]) -> None:
        """Hand over what is done, and a failure for every story that is missing."""
        stories = [item for item in self._waiting if isinstance(item, Story)]
        for number, story in enumerate(stories):
            if number >= self._number and number not in self._outcomes:
                self.hand(number, write(story, error))

    def give_up(self) -> None:
        """Hand over what is done, whatever is missing before it."""
        for item in self._waiting[self._at :]:
            if isinstance(item, UnreadableStory):
                self._take(item)
                continue
            outcome = self._outcomes.pop(self._number, None)
            self._number += 1
            if outcome is not None:
                self._take(outcome)

    def _move(self) -> None:
        while self._at < len(self._waiting):
            item = self._waiting[self._at]
            if isinstance(item, UnreadableStory):
                self._take(item)
            elif self._number in self._outcomes:
                self._take(self._outcomes.pop(self._number))
                self._number += 1
            else:
                return
            self._at += 1


def _read_view(body: bytes) -> _View:
    try:
        return _View.model_validate_json(body)
    except ValidationError:
        raise bad_reply() from None


def _error_of(result: _Result) -> CoachError | None:
    """Return why a story has no assessment; None where it may have one."""
    if result.state == "done":
        return None
    if result.state == "cancelled":
        return ModelUnavailable("the batch was stopped at the service", slug="batch-cancelled")
    kind = _KINDS.get(result.error or "")
    if kind is None:
        return ModelUnavailable("the service could not assess the story", slug=result.error or "failed")
    return MEANINGS[kind].family(MEANINGS[kind].detail, slug=kind.value)
