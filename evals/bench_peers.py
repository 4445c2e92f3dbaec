"""Measure `star-coach score` beside promptfoo's llm-rubric and Inspect's model-graded scorer, one call a story each.

`make bench-peers` runs it: it installs both outside the project, starts one slow model server in a process of its own,
lets each tool grade the same stories through it as its users start it, and writes the table of docs/comparison.md. A
figure is that of a whole process with its children, start included. Nothing is asserted; what can't be installed or
ends in another way than it should is told in its row.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from evals.peers.installing import Peer, install_inspect, install_promptfoo

HERE = Path(__file__).parent
RUBRIC = HERE / "peers" / "rubric.txt"
DOC = HERE.parent / "docs" / "comparison.md"
THINKING_S = 0.5
MODEL = "gpt-5-mini"
_MARK = "<!-- what follows is written by make bench-peers -->\n"
_END = "<!-- what make bench-peers writes ends here -->\n"
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


class Bench(NamedTuple):
    """What all tools share: the model, the stories, a folder for what they write, and how many calls at once."""

    url: str
    stories: Path
    work: Path
    at_once: int


class Job(NamedTuple):
    """How one tool grades the stories."""

    command: Sequence[str | Path]
    environment: Mapping[str, str]


class Run(NamedTuple):
    """What a tool took: by the clock, of all processors, its largest process, and what the model was asked."""

    wall_s: float
    cpu_s: float
    rss_mib: float
    requests: int
    sent_kib: float
    most_at_once: int


def main() -> None:
    """Install the peers, measure each tool in turn and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stories", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--peers", type=Path, default=Path.home() / ".cache" / "star-coach-peers")
    parser.add_argument("--no-doc", action="store_true", help="leave docs/comparison.md as it is")
    wish = parser.parse_args()
    load = os.getloadavg()[0]
    peers = install_promptfoo(wish.peers), install_inspect(wish.peers)
    with tempfile.TemporaryDirectory() as name:
        stories = Path(name, "stories")
        make_stories(stories, wish.stories)
        command = [sys.executable, "-m", "evals.peers.server", str(THINKING_S)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
            url = server.stdout.readline().strip() if server.stdout else ""
            rows = measure(Bench(url, stories, Path(name), wish.at_once), *peers, rounds=wish.rounds)
    table = make_table(rows, wish.stories, wish.at_once, wish.rounds, load)
    print(table)
    if not wish.no_doc:
        head, _, rest = DOC.read_text(encoding="utf-8").partition(_MARK)
        DOC.write_text(head + _MARK + table + _END + rest.partition(_END)[2], encoding="utf-8")


def make_stories(folder: Path, count: int) -> None:
    """Write so many stories of 340 words in a process of its own: a large parent would count in each tool's memory."""
    code = "import sys, pathlib, evals.bench; evals.bench.write_stories(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, folder], check=True)  # noqa: S603
    for path in sorted(folder.iterdir())[count:]:
        path.unlink()


def measure(bench: Bench, promptfoo: Peer, inspect: Peer, *, rounds: int) -> dict[str, Run | str]:
    """Run every tool in turn, so many times; return the fastest run of each, or why there is none."""
    tools: dict[str, tuple[Job, str]] = {
        "bare loop over AsyncOpenAI": (run_floor(bench), ""),
        "`star-coach score --engine llm`": (run_ours(bench, "llm"), ""),
        f"promptfoo {promptfoo.version}, `llm-rubric`": (run_promptfoo(bench, promptfoo.command), promptfoo.trouble),
        f"Inspect {inspect.version}, `model_graded_qa`": (run_inspect(bench, inspect.command), inspect.trouble),
        "`star-coach score --engine rules`": (run_ours(bench, "rules"), ""),
    }
    rows: dict[str, Run | str] = {}
    for _ in range(rounds):
        for name, (job, trouble) in tools.items():
            row = trouble or run(job, bench)
            best = rows.get(name)
            if not isinstance(best, Run) or (isinstance(row, Run) and row.wall_s < best.wall_s):
                rows[name] = row
    return rows


def run(job: Job, bench: Bench) -> Run | str:
    """Run a tool as a process of its own and return what it took."""
    tell_counts(bench.url)
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | dict(job.environment)
    log = bench.work / "log"
    began = time.perf_counter()
    with log.open("wb") as stream:
        process = subprocess.Popen(job.command, env=environment, cwd=Path.cwd(), stdout=stream, stderr=stream)  # noqa: S603
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - began
    if process.returncode:
        print(log.read_text(encoding="utf-8", errors="replace"), file=sys.stderr)
        return f"ended with {process.returncode}"
    counts = tell_counts(bench.url)
    return Run(
        wall_s=wall_s,
        cpu_s=used.ru_utime + used.ru_stime,
        rss_mib=used.ru_maxrss / 1024,
        requests=counts["requests"],
        sent_kib=counts["sent_bytes"] / 1024,
        most_at_once=counts["most_at_once"],
    )


def tell_counts(url: str) -> dict[str, int]:
    """Return what the server has counted since it was asked last."""
    with urllib.request.urlopen(f"{url}/counts", timeout=30) as reply:  # noqa: S310 - a server of our own on loopback
        return json.load(reply)


def run_floor(bench: Bench) -> Job:
    """Return the loop that does nothing but ask."""
    floor = HERE / "peers" / "floor.py"
    return Job([sys.executable, floor, bench.stories, RUBRIC, bench.url, str(bench.at_once)], {})


def run_ours(bench: Bench, engine: str) -> Job:
    """Return our own command, with its answers not kept and one report."""
    score = Path(sys.executable).with_name("star-coach"), "score", bench.stories, "--no-config"
    options = "--engine", engine, "--no-cache", "--format", "jsonl", "--output", bench.work / "ours.jsonl"
    jobs = ("--jobs", str(bench.at_once)) if engine == "llm" else ()
    settings = {"API_KEY": "sk-bench", "BASE_URL": bench.url, "MODEL": MODEL, "MAX_MODEL_CALLS": str(bench.at_once)}
    return Job([*score, *options, *jobs], {f"COACH_{name}": value for name, value in settings.items()})


def run_promptfoo(bench: Bench, command: Path) -> Job:
    """Return promptfoo with the stories as given outputs and its rubric as the only assertion."""
    grader = {"id": f"openai:chat:{MODEL}", "config": {"apiBaseUrl": bench.url, "apiKey": "sk-bench"}}
    check = {"type": "llm-rubric", "value": RUBRIC.read_text(encoding="utf-8")}
    texts = [path.read_text(encoding="utf-8") for path in sorted(bench.stories.iterdir())]
    config = {
        "prompts": ["{{story}}"],
        "providers": ["echo"],
        "defaultTest": {"options": {"provider": grader}, "assert": [check]},
        "tests": [{"vars": {"story": text}} for text in texts],
    }
    path = bench.work / "promptfoo.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    quiet = "--no-cache", "--no-write", "--no-share", "--no-table", "--no-progress-bar"
    output = "--output", bench.work / "promptfoo-results.json", "--max-concurrency", str(bench.at_once)
    # Its log files are off because writing to them after their end stops it now and then.
    names = "TELEMETRY", "UPDATE", "REMOTE_GENERATION", "DEBUG_LOG", "ERROR_LOG"
    off = {f"PROMPTFOO_DISABLE_{name}": "1" for name in names}
    return Job(
        [command, "eval", "--config", path, *quiet, *output],
        {**off, "PROMPTFOO_CONFIG_DIR": str(bench.work / "promptfoo")},
    )


def run_inspect(bench: Bench, command: Path) -> Job:
    """Return Inspect with the stories as given answers and its scorer."""
    model = "--model", f"openai/{MODEL}", "--model-base-url", bench.url, "-M", "responses_api=false"
    limits = "--max-connections", str(bench.at_once), "--max-samples", str(bench.at_once)
    quiet = "--adaptive-connections", "false", "--display", "none", "--log-dir", bench.work / "inspect"
    told = {"OPENAI_API_KEY": "sk-bench", "PEERS_STORIES": str(bench.stories), "PEERS_RUBRIC": str(RUBRIC)}
    task = os.path.relpath(HERE / "peers" / "inspect_task.py")  # it takes no absolute path
    return Job([command, "eval", task, *model, *limits, *quiet], told)


def make_table(rows: Mapping[str, Run | str], stories: int, at_once: int, rounds: int, load: float) -> str:
    """Return the figures as Markdown, with the load of the machine before: other work makes all rows slower."""
    ideal_s = -(-stories // at_once) * THINKING_S
    lines = [
        f"{stories} stories of 340 words, {at_once} calls at once, {THINKING_S:g} s a call: {ideal_s:g} s at best.",
        f"The fastest of {rounds} runs, in turns; {os.cpu_count()} processors, Python {platform.python_version()},",
        f"load {load:.1f} before.",
        "",
        "| | wall | of the best possible | CPU | peak RSS | calls | sent a call | most at once |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, row in rows.items():
        if isinstance(row, str):
            lines.append(f"| {name} | {row} | | | | | | |")
            continue
        asks = bool(row.requests)
        figures = [f"{row.wall_s:.1f} s", f"{row.wall_s / ideal_s:.2f}" if asks else "", f"{row.cpu_s:.1f} s"]
        figures += [f"{row.rss_mib:.0f} MiB", str(row.requests)]
        figures += [f"{row.sent_kib / row.requests:.1f} KiB", str(row.most_at_once)] if asks else ["", ""]
        lines.append(f"| {name} | {' | '.join(figures)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
