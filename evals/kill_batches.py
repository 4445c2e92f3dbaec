"""Kill `star-coach score --via batch-api` at random moments, then run it to its end: what is lost, what is paid twice.

python -m evals.kill_batches [KILLS] [STORIES]
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.batchapi.server import BatchApi
from tests.faults.server import ModelServer

_FILES = ("examples/stories/late-parcels.md", "examples/stories/onboarding.md")
_TEXTS = [Path(name).read_text(encoding="utf-8").split("---")[2] for name in _FILES]


def write_stories(path: Path, count: int) -> None:
    """Write stories that differ, a line each."""
    texts = (f"{_TEXTS[number % 2]}\nIt was project number {number}.\n" for number in range(count))
    stories = [{"id": f"s{number}", "text": text} for number, text in enumerate(texts)]
    path.write_text("\n".join(map(json.dumps, stories)), encoding="utf-8")


def run(folder: Path, url: str, *, longest_s: float | None) -> subprocess.CompletedProcess[bytes] | None:
    """Run the command; kill it after so long and return None."""
    environment = {
        **os.environ,
        "COACH_BASE_URL": url,
        "COACH_API_KEY": "sk-test",
        "COACH_MODEL": "gpt-5-mini",
        "COACH_CACHE_DIR": str(folder / "cache"),
        "COACH_BATCH_POLL_S": "0.2",
    }
    arguments = ["score", str(folder / "s.jsonl"), "--via", "batch-api", "--engine", "llm", "-f", "jsonl"]
    try:
        return subprocess.run(  # noqa: S603 - this project's own command
            [sys.executable, "-m", "app.cli", *arguments],
            env=environment,
            capture_output=True,
            timeout=longest_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None


def main(kills: int, stories: int) -> int:
    """Kill and resume so often; return 1 where anything was lost or paid twice."""
    dice = random.Random(7)  # noqa: S311 - moments, not secrets
    lost = twice = batches = killed = 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name, ModelServer() as server:
        whole_s = 0.0
        for number in range(kills + 1):
            folder = Path(name) / str(number)
            folder.mkdir()
            write_stories(folder / "s.jsonl", stories)
            api = BatchApi()
            api.polls = 3
            server.script(then=api.handle)
            if number:
                killed += run(folder, server.url, longest_s=dice.uniform(0.3, 1.0) * whole_s) is None
            begun = time.monotonic()
            done = run(folder, server.url, longest_s=None)
            whole_s = whole_s or time.monotonic() - begun
            told = [json.loads(line) for line in (done.stdout if done else b"").splitlines()]
            missing = stories - sum(one["status"] == "assessed" for one in told)
            if missing and done:
                print(f"run {number}: exit {done.returncode}: {done.stderr.decode()[-600:]}")
            lost += missing
            twice += sum(count - 1 for count in api.asked.values())
            batches += len(api.batches) > 1
    print(f"{killed} of {kills} runs of {stories} stories killed; whole run {whole_s:.1f} s")
    took_s = time.monotonic() - started
    print(f"lost {lost}, paid twice {twice}, runs with a second batch {batches}; {took_s:.0f} s in all")
    print(f"peak RSS of a run {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB")
    return int(lost + twice + batches > 0)


if __name__ == "__main__":
    sys.exit(main(*(int(text) for text in (*sys.argv[1:], *("20", "50")[len(sys.argv) - 1 :]))))
