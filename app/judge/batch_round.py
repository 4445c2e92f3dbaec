"""Take a round of questions to the provider, wait, and bring the answers home: resumable after every step."""

import asyncio
import random
from collections.abc import Callable, Iterable

from app.domain import Charge
from app.errors import Misconfigured
from app.judge.batch_client import BatchClient, BatchView
from app.judge.batch_desk import Desk
from app.judge.batch_drafts import Draft
from app.judge.batch_ledger import Answered, Failed, Ledger, Submission
from app.judge.batch_lines import Question, Result, read_custom_id, read_line
from app.judge.cache import AnswerCache, Entry, Place
from app.judge.dialect import Options
from app.judge.failures import Fault, Kind, RefusedParameter
from app.judge.translate import classify_status

Tell = Callable[[str], None]

_FIRST_POLL_S = 1.0
_GROWTH = 1.5


class Rounds:
    """The way of questions to the provider and back.

    Every step is written down before and after it is taken. A process that dies anywhere leaves enough to go on: a
    batch carries the id that was written down before it was made, so it is found again and never made twice.

    Args:
        client: The provider.
        ledger: What is under way.
        desk: Whom answers are for.
        cache: Where answers go.
        model: The model as asked for.
        options: What the operator asked for beyond the defaults.
        output_tokens: The limit of an answer.
        poll_s: Longest pause between two looks.
        tell: Says what happens, in words without anything of a story.
    """

    def __init__(  # noqa: PLR0913 - collaborators arrive by constructor
        self,
        client: BatchClient,
        ledger: Ledger,
        desk: Desk,
        cache: AnswerCache,
        *,
        model: str,
        options: Options,
        output_tokens: int,
        poll_s: float,
        tell: Tell,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._desk = desk
        self._cache = cache
        self._model = model
        self._options = options
        self._output_tokens = output_tokens
        self._poll_s = poll_s
        self._tell = tell

    @property
    def names_under_way(self) -> set[str]:
        """The names of all questions that are with the provider."""
        return {question.name for submission in self._open for question in _questions(submission)}

    @property
    def _open(self) -> list[Submission]:
        return [submission for submission in self._ledger.submissions if not submission.is_over]

    async def recover(self) -> None:
        """Find out what became of the steps that a killed run was in the middle of.

        Raises:
            Fault: The provider can't be asked.
        """
        for submission in self._open:
            if submission.batch_id is not None:
                self._tell(f"going on with the provider's batch {submission.batch_id}")
                continue
            batch = await self._client.find(submission.id, created_after=submission.created_at - 3600)
            if batch is None and submission.file_id is not None:
                batch = await self._create_again(submission, submission.file_id)
            if batch is None:  # its file never arrived, or is gone: nothing was asked
                self._ledger.submissions.remove(submission)
            else:
                submission.batch_id = batch.id
                self._tell(f"going on with the provider's batch {batch.id}")
            self._ledger.save()

    async def send(self, drafts: Iterable[Draft]) -> None:
        """Have files carried out.

        Raises:
            Fault: The provider refuses one, or can't be asked.
        """
        for content, submission in drafts:
            with content:
                self._ledger.submissions.append(submission)
                self._ledger.save()
                submission.file_id = await self._client.upload(f"star-coach-{submission.id}.jsonl", content)
                self._ledger.save()
            batch = await self._client.create(
                submission.id, submission.file_id, created_after=submission.created_at - 3600
            )
            submission.batch_id = batch.id
            self._ledger.save()
            self._tell(f"{_count(len(submission.questions), 'question')} sent as the provider's batch {batch.id}")

    async def bring_home(self) -> None:
        """Wait for all batches under way and keep what they answered.

        Raises:
            Fault: The provider can't be asked.
        """
        try:
            await self._wait()
        except asyncio.CancelledError:
            self._tell("the provider goes on with its batches: the same command brings their answers home")
            raise

    async def _wait(self) -> None:
        pause_s = min(_FIRST_POLL_S, self._poll_s)
        while self._open:
            for submission in self._open:
                batch = await self._look(submission.batch_id or "")
                if batch.is_over:
                    await self._fetch(submission, batch)
            if self._open:
                await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load
                pause_s = min(pause_s * _GROWTH, self._poll_s)

    async def _look(self, batch_id: str) -> BatchView:
        """Return a batch as it stands; one that the provider does not know any more counts as cancelled."""
        try:
            return await self._client.look(batch_id)
        except Fault as fault:
            if fault.kind is not Kind.UNKNOWN_MODEL:
                raise
            return BatchView(id=batch_id, status="cancelled")

    async def _read(self, file_id: str, take: Callable[[bytes], None]) -> None:
        try:
            await self._client.read_lines(file_id, take)
        except Fault as fault:
            if fault.kind is not Kind.UNKNOWN_MODEL:
                raise
            self._tell(f"the provider has no file {file_id} any more: what was in it is lost")

    async def _create_again(self, submission: Submission, file_id: str) -> BatchView | None:
        try:
            return await self._client.create(submission.id, file_id, created_after=submission.created_at - 3600)
        except Fault as fault:
            if fault.kind not in {Kind.BAD_REQUEST, Kind.UNKNOWN_MODEL}:
                raise
            return None

    async def _fetch(self, submission: Submission, batch: BatchView) -> None:
        """Take home what a batch that is over brought, then delete its files there."""
        results: dict[str, Result] = {}
        files = [file_id for file_id in (batch.output_file_id, batch.error_file_id) if file_id is not None]
        waiting: list[Result] = []
        for file_id in files:
            await self._read(file_id, lambda line: _take(line, submission, waiting))
            for result in waiting:
                results.setdefault(result.custom_id, result)
            waiting.clear()
        whole = _fault_of(batch)
        for custom_id, most in submission.questions.items():
            question = read_custom_id(custom_id)
            if question is not None:
                missing = Result(custom_id, fault=whole, is_free=True)
                await self._keep(question, results.get(custom_id, missing), Charge(*most), submission)
        submission.is_over = True
        self._ledger.save()
        answered = sum(result.text is not None for result in results.values())
        self._tell(f"batch {batch.id} {batch.status}: {answered} of {len(submission.questions)} answered{_why(batch)}")
        for file_id in [*files, *([submission.file_id] if submission.file_id else [])]:
            await self._delete(file_id)

    async def _keep(self, question: Question, result: Result, most: Charge, submission: Submission) -> None:
        spent = Charge(0, 0) if result.is_free else self._desk.settle(result.tokens, most)
        if result.text is not None and question.name not in self._ledger.answered:
            await self._write(question, result, result.text, submission)
            failed, tokens = self._ledger.failed.get(question.name), result.tokens
            self._ledger.answered[question.name] = Answered(
                input=tokens.input if tokens else most.tokens,
                output=tokens.output if tokens else 0,
                cached=tokens.cached if tokens else 0,
                nanousd=spent.nanousd,
                attempts=(len(failed.kinds) if failed else 0) + 1,
            )
        elif result.fault is not None:
            self._learn(question.name, result.fault, spent, submission)

    async def _write(self, question: Question, result: Result, text: str, submission: Submission) -> None:
        """Keep an answer where those of single calls are kept.

        Raises:
            Misconfigured: It was not kept, so that nothing may be forgotten at the provider.
        """
        entry = Entry(
            text=text,
            model=self._client.without_key(result.model) or self._model,
            boundary=question.boundary,
            parameters=submission.dialect.dialect().describe(self._options, self._output_tokens),
            request_id=self._client.without_key(result.request_id),
        )
        place = Place(self._cache.place(None, "").owner, question.name)
        await self._cache.write(place, entry)
        if await self._cache.read(place) is None:
            raise Misconfigured("the cache folder keeps no answers: is its disk full?", slug="bad-cache")

    def _learn(self, name: str, fault: Fault, spent: Charge, submission: Submission) -> None:
        if isinstance(fault, RefusedParameter):
            known = self._ledger.dialect or submission.dialect.dialect()
            learned = known.without(fault.name, submission.dialect.dialect())
            if learned != submission.dialect.dialect():
                self._ledger.dialect = learned
                return
        failed = self._ledger.failed.setdefault(name, Failed(kinds=[]))
        failed.kinds.append(fault.kind.value)
        failed.is_final = fault.final
        failed.tokens += spent.tokens
        failed.nanousd = (failed.nanousd or 0) + (spent.nanousd or 0)

    async def _delete(self, file_id: str) -> None:
        try:
            await self._client.delete(file_id)
        except Fault as fault:
            self._tell(f"the provider still has the file {file_id} ({fault.kind.value})")


def _take(line: bytes, submission: Submission, results: list[Result]) -> None:
    result = read_line(line) if line.strip() else None
    if result is not None and result.custom_id in submission.questions:
        results.append(result)


def _questions(submission: Submission) -> list[Question]:
    found = (read_custom_id(custom_id) for custom_id in submission.questions)
    return [question for question in found if question is not None]


def _fault_of(batch: BatchView) -> Fault:
    """Return what it means for a question that a batch brought nothing for it."""
    match batch.status:
        case "completed":
            return Fault(Kind.BAD_RESPONSE, final=True)
        case "expired":
            return Fault(Kind.TIMEOUT, final=True)
        case "failed":
            fault = classify_status(400, {"error": {"code": _code(batch)}}, {})
            busy = _code(batch) in {"token_limit_exceeded", "rate_limit_exceeded"}
            return Fault(Kind.RATE_LIMITED if busy else fault.kind, final=True)
        case _:
            return Fault(Kind.PROVIDER_UNAVAILABLE, final=True)


def _code(batch: BatchView) -> str:
    """Return why the provider refused a batch; empty where it does not say."""
    listed = batch.errors.get("data") if isinstance(batch.errors, dict) else None  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
    first = listed[0] if isinstance(listed, list) and listed else None  # pyright: ignore[reportUnknownVariableType]
    code = first.get("code") if isinstance(first, dict) else None  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
    return code if isinstance(code, str) and code.isascii() and code.replace("_", "").isalnum() else ""


def _why(batch: BatchView) -> str:
    return f" ({_code(batch)[:64]})" if batch.status == "failed" and _code(batch) else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
