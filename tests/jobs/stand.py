"""Workers as processes of their own, and what tests of them need."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from app.http.examples import DRAFT_TEXT
from app.jobs.queue import JobQueue
from app.store import BatchOptions, BatchRecord, Store, StoryFields

PATIENCE_S = 60.0


def stories(count: int) -> list[StoryFields | str]:
    """Return stories that differ, so that no answer stands for two of them."""
    return [StoryFields(text=f"{DRAFT_TEXT}\nThis was effort number {number} of mine.") for number in range(count)]


async def hand_in(store: Store, user: str, count: int, options: BatchOptions | None = None) -> BatchRecord:
    """Store a batch of a user, who is made where there is none."""
    queue = JobQueue(store.engine)
    queue.prepare()
    found = await store.users.find(user) or await store.users.add(user)
    return await store.batches.add(found.id, stories(count), options or BatchOptions(), queue.line)


@contextmanager
def worker(
    url: str, model_url: str, name: str, *, concurrency: int = 8, **extra: str
) -> Generator[subprocess.Popen[str]]:
    """Run a worker while the context lasts."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("COACH_", "OPENAI_"))},
        "COACH_DATABASE_URL": url,
        "COACH_BASE_URL": model_url,
        "COACH_ALLOW_HTTP": "true",
        **extra,
    }
    command = [sys.executable, "-m", "app.cli", "worker", "--concurrency", str(concurrency), "--id", name]
    process = subprocess.Popen(command, env=environment, text=True, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def kill(process: subprocess.Popen[str]) -> None:
    """End a process as a power cut would."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def wait_until(is_so: Callable[[], bool], *, longest_s: float = PATIENCE_S) -> None:
    """Return when something is so."""
    until = time.monotonic() + longest_s
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)
