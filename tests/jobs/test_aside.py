"""A service works on batches in a thread beside its own event loop."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy
from pydantic import SecretStr

from app.coach.opening import Opened, opened
from app.coach.stories import StoryCoach
from app.errors import Misconfigured
from app.jobs.aside import working_aside
from app.jobs.desk import Desk
from app.settings import Settings
from app.store import BatchOptions, StoryFields
from app.store.migrate import upgrade

TEXT = (
    "Our nightly import failed every week and customers saw old prices. I traced the failures to one slow query, "
    "rewrote it and added an alert. The import has not failed since, and complaints fell from 40 to 3 a month."
)
PATIENCE_S = 60.0

pytestmark = pytest.mark.anyio


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    url = f"sqlite:///{tmp_path / 'coach.db'}"
    upgrade(url)
    return Settings(database_url=SecretStr(url), engine="rules", executor_id="beside", reading_processes=0)


def desk_of(chosen: Settings, parts: Opened) -> Desk:
    return Desk(chosen, parts.store, parts.catalog, StoryCoach(parts.store, parts.assessor, engine="rules"))


def job_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("jobs_")]


async def test_batches_are_finished_while_the_services_own_loop_is_held_up(chosen: Settings) -> None:
    async with opened(chosen) as parts, asyncio.timeout(PATIENCE_S):
        desk = desk_of(chosen, parts)
        user = await parts.store.users.add("ann")
        async with working_aside(chosen, parts.store, parts.catalog, desk):
            batch = await desk.submit(user.id, [StoryFields(text=TEXT)] * 3, BatchOptions())
            until = time.monotonic() + PATIENCE_S
            while (ended := _count_ended(parts, user.id, batch.id)) < 3:  # this loop turns for nobody
                assert time.monotonic() < until
                time.sleep(0.05)  # noqa: ASYNC251 - that is the point
            assert ended == 3
            assert len(job_threads()) == 1
    assert job_threads() == []


def _count_ended(parts: Opened, user_id: str, batch_id: str) -> int:
    """Ask from another thread and another loop."""
    found: list[int] = []

    def ask() -> None:
        found.append(asyncio.run(parts.store.batches.get(user_id, batch_id)).counts.done)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return found[0]


async def test_an_id_that_a_live_process_has_is_refused_and_no_thread_is_left(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.lease.BEAT_S", 0.1)
    async with opened(chosen) as parts, asyncio.timeout(PATIENCE_S):
        desk = desk_of(chosen, parts)
        async with working_aside(chosen, parts.store, parts.catalog, desk):
            with pytest.raises(Misconfigured, match="beside"):
                async with working_aside(chosen, parts.store, parts.catalog, desk):
                    raise AssertionError("it works under the id of another")
    assert job_threads() == []


async def test_who_is_cancelled_before_it_began_leaves_no_thread(chosen: Settings) -> None:
    async with opened(chosen) as parts:
        desk = desk_of(chosen, parts)

        async def begin() -> None:
            async with working_aside(chosen, parts.store, parts.catalog, desk):
                await asyncio.Event().wait()

        beginning = asyncio.create_task(begin())
        await asyncio.sleep(0)
        beginning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await beginning
    assert job_threads() == []


async def test_nothing_begins_any_more_once_it_is_told_to_stop(chosen: Settings) -> None:
    stopping = asyncio.Event()
    async with opened(chosen) as parts, asyncio.timeout(PATIENCE_S):
        desk = desk_of(chosen, parts)
        user = await parts.store.users.add("ann")
        async with working_aside(chosen, parts.store, parts.catalog, desk, stopping):
            stopping.set()
            while await parts.store.executors.list():  # noqa: ASYNC110 - it is told in the database
                await asyncio.sleep(0.05)
            batch = await desk.submit(user.id, [StoryFields(text=TEXT)], BatchOptions())
            await asyncio.sleep(0.5)
        assert (await parts.store.batches.get(user.id, batch.id)).counts.queued == 1


def test_a_service_that_is_told_to_stop_again_and_again_ends_as_if_told_once(chosen: Settings) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("COACH_", "OPENAI_"))},
        "COACH_DATABASE_URL": chosen.database_url.get_secret_value(),
        "COACH_JOBS": "in-process",
        "COACH_PORT": "0",
    }
    command = [sys.executable, "-m", "app.cli", "serve"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr is not None
        for line in service.stderr:
            if "listening" in line:
                break
        for _ in range(20):
            service.send_signal(signal.SIGINT)
            time.sleep(0.02)
        told = service.stderr.read()
    assert service.returncode == 0
    assert "Traceback" not in told
    assert "stopping already" in told
    engine = sqlalchemy.create_engine(chosen.database_url.get_secret_value())
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT count(*) FROM executors")).scalar_one() == 0
    engine.dispose()
