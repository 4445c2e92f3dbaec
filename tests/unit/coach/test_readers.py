"""Stories are read elsewhere when it gets crowded, and what comes of it is the same."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.analysis.observe import look
from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.readers import Readers, usual_processes
from app.documents import split_front_matter
from app.domain import Story

RUBRIC = Catalog().rubric("leadership-principles")
TEXTS = [
    split_front_matter(path.read_text(encoding="utf-8")).body
    for path in sorted(Path("evals/own/stories").glob("*.md"))[:12]
]
QUESTION = "Tell me about a time when you disagreed."


@asynccontextmanager
async def readers(processes: int = 2) -> AsyncGenerator[Readers]:
    some = Readers(processes, alone=1)
    try:
        yield some
    finally:
        await some.aclose()


def pids_of(some: Readers) -> list[int]:
    assert some._pool is not None
    return list(some._pool._processes)


def lives(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and that nobody has asked about does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def crowd(some: Readers) -> None:
    """Bring readers to start their processes, and wait until they have."""
    await asyncio.gather(*(some.look(TEXTS[0], RUBRIC, None) for _ in range(2)))
    assert some._starting is not None
    await some._starting
    assert some._pool is not None


@pytest.mark.anyio
async def test_what_is_read_elsewhere_is_assessed_to_the_same_bytes() -> None:
    here = Assessor(Catalog(), judge=None, max_story_chars=40_000)
    async with readers() as some:
        await crowd(some)
        elsewhere = Assessor(Catalog(), judge=None, max_story_chars=40_000, look=some.look)
        for text in [*TEXTS, "", "Trop court.", "word " * 300]:
            for question in (None, QUESTION):
                story = Story(text=text, question=question)
                assert await elsewhere.assess(story) == here.assess_by_rules(story)


@pytest.mark.anyio
async def test_a_single_story_starts_no_process() -> None:
    async with readers() as some:
        for text in TEXTS[:3]:
            await some.look(text, RUBRIC, None)
        assert some._starting is None


@pytest.mark.anyio
async def test_a_process_that_is_killed_costs_no_story_and_others_are_started() -> None:
    async with readers() as some:
        await crowd(some)
        for pid in pids_of(some):
            os.kill(pid, signal.SIGKILL)
        seen = await asyncio.gather(*(some.look(text, RUBRIC, None) for text in TEXTS))
        assert [sight.screened for sight in seen] == [look(text, RUBRIC).screened for text in TEXTS]
        await crowd(some)


@pytest.mark.anyio
async def test_without_processes_a_thread_reads() -> None:
    async with readers(0) as some:
        seen = await asyncio.gather(*(some.look(text, RUBRIC, None) for text in TEXTS))
        assert len(seen) == len(TEXTS)
        assert some._starting is None


def test_there_are_never_more_processes_than_processors() -> None:
    assert 1 <= usual_processes() <= (os.cpu_count() or 1)


ORPHANING = """
import asyncio
from app.coach.readers import Readers
from tests.unit.coach.test_readers import crowd, pids_of

async def main():
    some = Readers(2, alone=1)
    await crowd(some)
    print(*pids_of(some), flush=True)
    await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_processes_end_when_the_one_that_started_them_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "orphaning.py"
    script.write_text(ORPHANING, encoding="utf-8")
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(pids) == 2
    until = time.monotonic() + 30
    while any(lives(pid) for pid in pids):
        assert time.monotonic() < until
        time.sleep(0.1)
