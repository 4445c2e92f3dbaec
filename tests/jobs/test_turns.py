"""Who is next: fair turns between users, what is waited for before batches, and a rate that all share."""

import asyncio
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, text

from app.errors import Conflict, LimitExceeded
from app.jobs.engine import hand_back
from app.jobs.lease import SILENCE_S, Watch
from app.jobs.queue import JobQueue
from app.jobs.telling import Teller
from app.settings import Settings
from app.store import BatchOptions, BatchStatus, Job, Store, Verdict
from app.store.executors import ExecutorRecord
from app.store.pacing import Rates
from tests.jobs.stand import hand_in
from tests.store.samples import make_assessment


def line_up(engine: Engine) -> list[str]:
    """Return the batches of the waiting jobs, in the order of their turns."""
    table = "dbos.workflow_status" if engine.dialect.name == "postgresql" else "workflow_status"
    query = f"SELECT workflow_uuid FROM {table} WHERE status = 'ENQUEUED' ORDER BY priority, created_at, workflow_uuid"  # noqa: S608
    with engine.connect() as connection:
        return [name.split(":")[0] for (name,) in connection.execute(text(query))]


def hold(engine: Engine, job: Job, executor_id: str = "somebody") -> None:
    """Let an executor have a job, as DBOS gives it out."""
    table = "dbos.workflow_status" if engine.dialect.name == "postgresql" else "workflow_status"
    held = f"UPDATE {table} SET status = 'PENDING', executor_id = :executor WHERE workflow_uuid = :id"  # noqa: S608
    with engine.begin() as connection:
        values = {"executor": executor_id, "id": f"{job.batch_id}:{job.number}:{job.round}"}
        assert connection.execute(text(held), values).rowcount == 1


def test_one_users_many_stories_do_not_stand_before_anothers_few(store: Store):
    async def run() -> None:
        many = await hand_in(store, "ann", 50)
        few = await hand_in(store, "ben", 3)
        more = await hand_in(store, "ann", 2)
        one = await hand_in(store, "cyd", 1, BatchOptions(interactive=True))
        order = line_up(store.engine)
        assert order[0] == one.id
        assert max(place for place, name in enumerate(order) if name == few.id) < 10
        assert order[-2:] == [more.id, more.id]
        assert order.count(many.id) == 50

    asyncio.run(run())


def test_a_cancelled_batch_begins_nothing_more_and_what_is_under_way_still_ends(store: Store):
    async def run() -> None:
        batch = await hand_in(store, "ann", 5)
        user = await store.users.find("ann")
        assert user is not None
        line = JobQueue(store.engine).line
        job = Job(user.id, batch.id, 2, 1)
        hold(store.engine, job)
        given = await store.batch_work.begin(job)
        assert given is not None
        with pytest.raises(Conflict):
            await store.batches.retry(user.id, batch.id, line)
        stopped = await store.batches.cancel(user.id, batch.id, line)
        assert (stopped.status, stopped.finished_at) == (BatchStatus.CANCELLED, None)
        assert await store.batch_work.begin(Job(user.id, batch.id, 3, 1)) is None
        assert line_up(store.engine) == []
        story = await store.stories.get(user.id, given.story_id)
        verdict = Verdict(story.revision.id, make_assessment())
        assert await store.batch_work.end(job, story.id, verdict, line)
        assert not await store.batch_work.end(job, story.id, verdict, line), "a job ends once"
        ended = await store.batches.get(user.id, batch.id)
        assert (ended.counts.done, ended.counts.cancelled, ended.counts.total) == (1, 4, 5)
        assert ended.finished_at is not None
        cursors = [item.sequence for item in await store.batches.results(user.id, batch.id)]
        assert cursors == sorted(set(cursors))
        await store.batches.delete(user.id, batch.id, line)
        assert not await store.batch_work.end(job, story.id, verdict, line), "what is deleted stays so"

    asyncio.run(run())


def test_a_cancelled_batch_ends_though_a_story_that_had_begun_was_handed_back(store: Store):
    """Its process is gone and nobody has taken it over: nothing would ever end it."""

    async def run() -> None:
        batch = await hand_in(store, "ann", 5)
        user = await store.users.find("ann")
        assert user is not None
        queue = JobQueue(store.engine)
        job = Job(user.id, batch.id, 2, 1)
        hold(store.engine, job, "gone")
        assert await store.batch_work.begin(job) is not None
        assert queue.recover(queue.find_holders(), alive=()) == 1
        stopped = await store.batches.cancel(user.id, batch.id, queue.line)
        assert (stopped.status, stopped.counts.cancelled) == (BatchStatus.CANCELLED, 5)
        assert stopped.finished_at is not None
        assert await store.batch_work.begin(job) is None
        cursors = [item.sequence for item in await store.batches.results(user.id, batch.id)]
        assert cursors == sorted(set(cursors))
        assert len(cursors) == 5

    asyncio.run(run())


def test_whoever_lost_its_id_does_not_hand_back_what_its_successor_has(store: Store):
    async def run() -> None:
        batch = await hand_in(store, "ann", 1)
        queue = JobQueue(store.engine)
        token = await store.executors.claim("one", instead_of=None)
        assert token is not None
        hold(store.engine, Job("", batch.id, 0, 1), "one")
        await hand_back(store, queue, "one", "a token of before")
        assert line_up(store.engine) == []
        await hand_back(store, queue, "one", token)
        assert line_up(store.engine) == [batch.id]

    asyncio.run(run())


def test_a_process_that_can_not_sign_leaves_an_event_for_a_later_try(store: Store):
    async def run() -> None:
        batch = await hand_in(store, "ann", 1, BatchOptions(webhook_url="https://hooks.example.com/"))
        user = await store.users.find("ann")
        assert user is not None
        queue = JobQueue(store.engine)
        await store.batches.cancel(user.id, batch.id, queue.line)
        await Teller(store, queue, Settings()).tell(user.id, batch.id, 1, 1)
        table = "dbos.workflow_status" if store.engine.dialect.name == "postgresql" else "workflow_status"
        query = text(f"SELECT workflow_uuid FROM {table} WHERE workflow_uuid LIKE '%:told:1:2'")  # noqa: S608
        with store.engine.connect() as connection:
            assert connection.execute(query).scalars().all() == [f"{batch.id}:told:1:2"]

    asyncio.run(run())


def test_all_processes_together_keep_to_the_rate(store: Store):
    rates = Rates(requests=None, tokens=60)  # 55 flow in during a minute, so thousands are hours away

    async def run() -> None:
        assert await store.pacing.reserve("m", rates, 60, longest_wait_s=0) == 0
        second = await store.pacing.reserve("m", rates, 60, longest_wait_s=3600)
        third = await store.pacing.reserve("m", rates, 60, longest_wait_s=3600)
        assert 0 < second <= 65.5
        assert second < third <= 131
        with pytest.raises(LimitExceeded) as refusal:
            await store.pacing.reserve("m", rates, 60, longest_wait_s=0.01)
        assert refusal.value.retry_after_s is not None
        assert await store.pacing.reserve("another", rates, 60, longest_wait_s=0) == 0

    asyncio.run(run())


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def record(beats: int, name: str = "one") -> ExecutorRecord:
    moment = "2026-11-25T09:00:00Z"
    return ExecutorRecord.model_validate(
        {
            "id": name,
            "token": "t",
            "beats": beats,
            "host": "elsewhere",
            "process": 1,
            "started_at": moment,
            "seen_at": moment,
        }
    )


def test_an_executor_is_dead_once_it_was_silent_while_somebody_looked():
    clock = Clock()
    watch = Watch(clock)
    assert watch.split((record(1),), clock.now) == ({"one"}, [])
    clock.now += SILENCE_S - 1
    assert watch.split((record(2),), clock.now) == ({"one"}, [])
    clock.now += SILENCE_S - 1
    assert watch.split((record(2),), clock.now) == ({"one"}, [])
    clock.now += 1
    assert watch.split((record(2),), clock.now) == (set(), [record(2)])
    watch.forget()
    assert watch.split((record(2),), clock.now) == ({"one"}, []), "while nobody could look, nobody was silent"
