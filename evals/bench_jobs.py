"""Measure batches on PostgreSQL with 1, 2 and 4 workers, beside a bare loop over the SDK in the same run.

Run it with `make bench-jobs`, on an idle machine. The model's server, PostgreSQL, the API and all workers share it, so
the figure that tells about larger ones is the processor time of each part a story, not the stories a second. Nothing is
asserted. `STORIES` and `THINKING_S` in the environment change how much is done and how long the model thinks.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from evals.stand import LISTENING, WORKING, Stand, counting_model, read_stats, submit, wait_until_ended, write_cases

STORIES = int(os.environ.get("STORIES", "600"))
THINKING_S = float(os.environ.get("THINKING_S", "1.0"))
IN_FLIGHT = 200
WORKERS = (1, 2, 4)
WORDS = 300


class Figures(NamedTuple):
    """What a run took; processor times in milliseconds a story."""

    wall_s: float
    api_ms: float = 0.0
    workers_ms: float = 0.0
    database_ms: float = 0.0
    wal_kib: float = 0.0
    table_kib: float = 0.0
    peak: int = 0

    @property
    def rate(self) -> float:
        """Return stories a second."""
        return STORIES / self.wall_s


def main() -> None:
    """Run the bare loop, then each number of workers, and print a table."""
    print(f"{STORIES} stories of {WORDS} words, {THINKING_S:g} s a call, {IN_FLIGHT} in flight, {os.cpu_count()} cores")
    print("            stories/s  API ms  workers ms  database ms  WAL KiB  tables KiB  peak")
    with counting_model(THINKING_S) as url:
        bare = run_bare_apart(url)
    show("AsyncOpenAI", bare)
    for workers in WORKERS:
        with counting_model(THINKING_S) as url:
            figures = run_workers(url, workers)
        show(f"{workers} worker{'s' if workers > 1 else ''}", figures)
        per_core = 1000 / figures.database_ms if figures.database_ms else float("inf")
        print(
            f"{'':12}a core of the database carries {per_core:.0f} stories/s, one of workers "
            f"{1000 / figures.workers_ms:.0f}"
        )


def show(name: str, figures: Figures) -> None:
    """Print a row."""
    print(
        f"{name:<12}{figures.rate:9.1f} {figures.api_ms:7.1f} {figures.workers_ms:11.1f} {figures.database_ms:12.1f} "
        f"{figures.wal_kib:8.1f} {figures.table_kib:11.1f} {figures.peak:5}",
        flush=True,
    )


def run_workers(url: str, count: int) -> Figures:
    """Assess one batch with so many workers."""
    each = str(IN_FLIGHT // count)
    settings = {"MAX_MODEL_CALLS": each, "GLOBAL_CONCURRENCY": str(IN_FLIGHT), "DAILY_COST_USD": "100000"}
    with Stand("postgres", url, settings) as stand:
        api = stand.add("api", "serve", "--port", "0")
        port = int(api.start(ready=LISTENING)[1])
        workers = [
            stand.add(f"worker-{number}", "worker", "--concurrency", each, EXECUTOR_ID=f"worker-{number}")
            for number in range(count)
        ]
        for worker in workers:
            worker.start(ready=WORKING)
        time.sleep(2)  # the first seconds of a process are its imports, not its work
        with stand.client(port) as client:
            before = (
                read_disk(stand),
                stand.read_database_cpu_s(),
                api.read_cpu_s(),
                sum(w.read_cpu_s() for w in workers),
            )
            began = time.monotonic()
            wait_until_ended(client, submit(client, write_cases(STORIES, words=WORDS)))
            wall_s = time.monotonic() - began
            after = (
                read_disk(stand),
                stand.read_database_cpu_s(),
                api.read_cpu_s(),
                sum(w.read_cpu_s() for w in workers),
            )
        peak = read_stats(url)["peak"]
    database_ms, api_ms, workers_ms = ((after[at] - before[at]) * 1000 / STORIES for at in (1, 2, 3))
    wal, tables = (late - early for late, early in zip(after[0], before[0], strict=True))
    return Figures(wall_s, api_ms, workers_ms, database_ms, wal / 1024 / STORIES, tables / 1024 / STORIES, peak)


def read_disk(stand: Stand) -> tuple[int, int]:
    """Return the bytes of log that PostgreSQL has written so far, and of its database."""
    assert stand.postgres is not None  # noqa: S101 - the caller made it so
    name = stand.environment["COACH_DATABASE_URL"].split("/")[3].partition("?")[0]
    with psycopg.connect(host=str(stand.postgres.folder), user="postgres", dbname="postgres") as connection:
        row = connection.execute(
            "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint, pg_database_size(%s)", (name,)
        ).fetchone()
    assert row is not None  # noqa: S101 - it always answers with one
    return row[0], row[1]


def run_bare_apart(url: str) -> Figures:
    """Run the bare loop in a process of its own that never loads this project."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "requests.json")
        path.write_text(json.dumps(make_requests()), encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - this very module
            [sys.executable, "-m", "evals.bench_jobs", "bare", url, str(path)], stdout=subprocess.PIPE, check=True
        )
    wall_s, cpu_s = json.loads(done.stdout)
    return Figures(wall_s, workers_ms=cpu_s * 1000 / STORIES, peak=read_stats(url)["peak"])


def make_requests() -> list[dict[str, Any]]:
    """Return what the bare loop sends: the messages and parameters that the judge sends for the same stories."""
    from app.catalog import Catalog  # noqa: PLC0415 - the bare loop must not load the project
    from app.domain import Story  # noqa: PLC0415
    from app.judge.dialect import Dialect, Form, Options  # noqa: PLC0415
    from app.judge.findings import Brief  # noqa: PLC0415
    from app.judge.prompts import Prompter  # noqa: PLC0415

    catalog = Catalog()
    rubric, prompter = catalog.rubric("leadership-principles"), Prompter(catalog.prompt("assess"))
    asked = rubric.principle_ids[:5]
    made: list[dict[str, Any]] = []
    for text in write_cases(STORIES, words=WORDS):
        brief = Brief(story=Story(text=text), rubric=rubric, role="sdm", level="L6", principles=asked)
        inquiry = prompter.render(brief, "0" * 16)
        messages = [message._asdict() for message in inquiry.messages(show_schema=False, repair=False)]
        parameters = Dialect(form=Form.BOUNDED_SCHEMA).parameters(inquiry.schema, Options(None, None), 4096)
        made.append({"model": "gpt-5-mini", "messages": messages, **parameters})
    return made


async def run_bare(url: str, requests: list[dict[str, Any]]) -> tuple[float, float]:
    """Send the ready requests with the SDK and nothing else; return the seconds and the processor's."""
    from openai import AsyncOpenAI  # noqa: PLC0415

    client, places = AsyncOpenAI(api_key="sk-bench", base_url=url, max_retries=0), asyncio.Semaphore(IN_FLIGHT)
    create: Any = client.chat.completions.create

    async def ask(request: dict[str, Any]) -> None:
        async with places:
            json.loads((await create(**request)).choices[0].message.content)

    began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    await asyncio.gather(*map(ask, requests))
    now = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter() - began, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main()
        case ["bare", url, path]:
            print(json.dumps(asyncio.run(run_bare(url, json.loads(Path(path).read_text(encoding="utf-8"))))))
        case _:
            sys.exit("usage: python -m evals.bench_jobs")
