"""Workers as processes: killed, stopped, and started twice."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from app.store import BatchStatus, Store
from tests.faults.server import ModelServer
from tests.jobs.stand import hand_in, kill, wait_until, worker

COUNT, AT_ONCE = 24, 6


def look(url: str, user: str, batch_id: str):
    async def get():
        async with Store.open(url) as store:
            found = await store.users.find(user)
            assert found is not None
            return await store.batches.get(found.id, batch_id)

    return asyncio.run(get())


def start(url: str, count: int = COUNT):
    async def add():
        async with Store.open(url) as store:
            return await hand_in(store, "ann", count)

    return asyncio.run(add())


@pytest.mark.slow
def test_a_killed_workers_stories_are_finished_by_another_and_only_those_under_way_are_asked_about_twice(
    database_url: str, slow_model: ModelServer
):
    batch = start(database_url)
    with worker(database_url, slow_model.url, "one", concurrency=AT_ONCE) as first:
        wait_until(lambda: len(slow_model.requests) >= COUNT // 2)
        kill(first)
    with worker(database_url, slow_model.url, "two", concurrency=AT_ONCE) as second:
        wait_until(lambda: look(database_url, "ann", batch.id).finished_at is not None)
        second.send_signal(signal.SIGTERM)
        assert second.wait(30) == 0
    ended = look(database_url, "ann", batch.id)
    assert (ended.status, ended.counts.done) == (BatchStatus.FINISHED, COUNT)
    assert COUNT <= len(slow_model.requests) <= COUNT + AT_ONCE


@pytest.fixture
def one_batch(sqlite_url: str):
    return sqlite_url, start(sqlite_url, count=12)


@pytest.mark.slow
def test_a_stopped_worker_ends_what_is_under_way_and_hands_back_the_rest_and_its_id_is_its_own(
    one_batch, slow_model: ModelServer
):
    url, batch = one_batch
    with worker(url, slow_model.url, "one", concurrency=2) as first:
        wait_until(lambda: len(slow_model.requests) >= 4)
        with worker(url, slow_model.url, "one", concurrency=2) as second:
            assert second.wait(60) == 2
            assert second.stderr is not None
            assert "a live process works under the id one" in second.stderr.read()
        first.send_signal(signal.SIGTERM)
        assert first.wait(60) == 0
    ended = look(url, "ann", batch.id)
    assert ended.counts.running == 0
    assert ended.counts.done == len(slow_model.requests) >= 4
    shown = subprocess.run(
        [sys.executable, "-m", "app.cli", "jobs", "list"],
        env={**os.environ, "COACH_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == f"waiting {ended.counts.queued}\n"
