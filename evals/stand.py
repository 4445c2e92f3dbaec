"""A stand for the whole service: processes that can be killed, a model that counts its calls, and PostgreSQL.

Used by `evals/bench_jobs.py` and `evals/kill_sweep.py`; `python -m evals.stand SECONDS` is the model's server alone.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx2

from tests.faults import behaviours as do
from tests.faults.server import Exchange, ModelServer
from tests.postgresql import PostgresServer
from tests.provide import provide_postgresql

COMMAND = str(Path(sys.executable).with_name("star-coach"))
_CASE = re.compile(r"This is case ([0-9]{6}) of my notebook")
LISTENING = r"listening on http://127\.0\.0\.1:([0-9]+)"
WORKING = r"working on up to [0-9]+ stories"
_TICKS = os.sysconf("SC_CLK_TCK")
_LONGEST_START_S = 90.0


def write_cases(count: int, *, first: int = 0, words: int = 120) -> list[str]:
    """Return so many stories of different content, each with the number that the model's server counts it by."""
    from evals.bench import write_stories  # noqa: PLC0415 - it loads the rules engine

    with tempfile.TemporaryDirectory() as folder:
        texts = write_stories(Path(folder, "stories"))
    return [
        f"This is case {number:06} of my notebook. {' '.join(texts[number % len(texts)].split()[:words])}"
        for number in range(first, first + count)
    ]


class CountingModel:
    """Answers after a while, and counts: calls of each case, calls at the same time, calls that were left."""

    def __init__(self, thinking_s: float) -> None:
        self._thinking_s = thinking_s
        self._begun: Counter[str] = Counter()
        self._answered: Counter[str] = Counter()
        self._in_flight = 0
        self._peak = 0

    async def __call__(self, exchange: Exchange) -> None:
        """Serve one request; a GET of `stats` tells the counts."""
        if exchange.request.method == "GET" and exchange.request.path.endswith("/stats"):
            await exchange.reply(200, json.dumps(self._tell()).encode())
            return
        found = _CASE.search(exchange.request.body.decode())
        case = found[1] if found else "?"
        self._begun[case] += 1
        self._in_flight += 1
        self._peak = max(self._peak, self._in_flight)
        try:
            await asyncio.sleep(self._thinking_s)
            await do.answer_sensibly(exchange)
            if not exchange.over:
                self._answered[case] += 1
        finally:
            self._in_flight -= 1

    def _tell(self) -> dict[str, Any]:
        return {
            "begun": self._begun.total(),
            "cases": len(self._begun),
            "repeated": self._begun.total() - len(self._begun),
            "repeated_after_answer": sum(count - 1 for count in self._answered.values() if count > 1),
            "in_flight": self._in_flight,
            "peak": self._peak,
        }


def serve_model(thinking_s: float) -> None:
    """Serve until stdin is closed; the address is the first line of stdout."""
    with ModelServer(CountingModel(thinking_s)) as server:
        print(server.url, flush=True)
        sys.stdin.read()


@contextmanager
def counting_model(thinking_s: float) -> Generator[str]:
    """Run the model's server in a process of its own while the context lasts; yield its base URL."""
    command = [sys.executable, "-m", "evals.stand", str(thinking_s)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None  # noqa: S101 - a pipe was asked for
        yield server.stdout.readline().strip()


def read_stats(model_url: str) -> dict[str, int]:
    """Return what the model's server has counted."""
    return httpx2.get(f"{model_url}/stats", trust_env=False).json()


@dataclass
class Process:
    """One process of the service, with its log in a file."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = field(default=0)

    def start(self, *, ready: str) -> re.Match[str]:
        """Start it, and wait for a line that matches."""
        self.starts += 1
        offset = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - the project's own command
                [COMMAND, *self.arguments], env={**_clean(os.environ), **self.environment}, stdout=log, stderr=log
            )
        until = time.monotonic() + _LONGEST_START_S
        while True:
            with self.log.open("rb") as told:
                told.seek(offset)
                text = told.read().decode(errors="replace")
            if found := re.search(ready, text):
                return found
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{' '.join(self.arguments)} does not start:\n{text[-3000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> int | None:
        """End it in order, and return its exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=120)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode

    def read_cpu_s(self) -> float:
        """Return the processor time it has used so far."""
        return read_cpu_s(self.process.pid) if self.process else 0.0


def submit(client: httpx2.Client, texts: Sequence[str], **options: Any) -> str:
    """Ask for a batch of these stories; return its address."""
    answer = client.post("/v1/batches", json={"stories": [{"text": text} for text in texts], **options})
    if answer.status_code != 202:  # noqa: PLR2004 - accepted
        raise RuntimeError(f"no batch was made: {answer.status_code} {answer.text[:500]}")
    return answer.headers["location"]


def read_batch(client: httpx2.Client, address: str) -> dict[str, Any]:
    """Return a batch as it is now."""
    return client.get(address).raise_for_status().json()


def wait_until_ended(client: httpx2.Client, address: str, *, longest_s: float = 600.0) -> dict[str, Any]:
    """Wait for the end of a batch, through a service that is away meanwhile; return the batch."""
    until = time.monotonic() + longest_s
    while True:
        with suppress(httpx2.HTTPError):
            batch = read_batch(client, address)
            if batch["finished_at"] is not None:
                return batch
        if time.monotonic() > until:
            raise RuntimeError("the batch does not come to its end")
        time.sleep(0.1)


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(("COACH_", "OPENAI_"))}


def read_cpu_s(pid: int) -> float:
    """Return the processor time of a process, its children that ended included; 0 for one that has ended itself."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


@dataclass
class Stand:
    """The service on one database before one model.

    Attributes:
        database: `sqlite` or `postgres`.
        settings: Variables for all processes, without the prefix.
    """

    database: str
    model_url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="coach-stand-")))
        self.postgres = None
        if self.database == "postgres":
            self.postgres = PostgresServer(provide_postgresql())
            self._stack.callback(self.postgres.remove)
            self.postgres.make()
            url = self.postgres.url(self.postgres.create_database())
        else:
            url = f"sqlite:///{self.folder}/coach.db"
        given = {
            "DATABASE_URL": url,
            "BASE_URL": self.model_url,
            "API_KEY": "sk-stand",
            "MODEL": "gpt-5-mini",
            **self.settings,
        }
        self.environment = {f"COACH_{name}": value for name, value in given.items()}
        self.processes: dict[str, Process] = {}
        self._run("db", "upgrade")
        self.key = self.make_key("stand")
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            process.kill()
        self._stack.close()

    def make_key(self, user: str) -> str:
        """Return a new key of a user."""
        return self._run("keys", "create", "--user", user).split()[0]

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - the project's own command
            [COMMAND, *arguments],
            env={**_clean(os.environ), **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def add(self, name: str, *arguments: str, **settings: str) -> Process:
        """Return a process of the service that is not started yet."""
        extra = {f"COACH_{key}": value for key, value in settings.items()}
        process = Process(arguments, {**self.environment, **extra}, self.folder / f"{name}.log")
        self.processes[name] = process
        return process

    def read_database_cpu_s(self) -> float:
        """Return the processor time of all processes of PostgreSQL so far, ended ones included."""
        if self.postgres is None or self.postgres._process is None:  # noqa: SLF001 - a stand may look inside
            return 0.0
        return sum(read_cpu_s(pid) for pid in _family(self.postgres._process.pid))  # noqa: SLF001

    def client(self, port: int, key: str | None = None) -> httpx2.Client:
        """Return a client of the API with a key."""
        return httpx2.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {key or self.key}"},
            timeout=60,
            trust_env=False,
        )


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(FileNotFoundError):  # it has ended meanwhile
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
            yield from _family(int(child))


if __name__ == "__main__":
    serve_model(float(sys.argv[1]))
