"""Time a big batch with the rules engine, and watch the memory of the command and all its processes.

Run it with `make bench-batch` (COUNT=1000 for fewer stories). Stories are cut anew from the labelled ones, written to
a temporary folder, and scored by the command as a user would. Memory is looked at 20 times a second in /proc: the
resident memory of all processes added up, which counts shared pages once for each, and its proportional share, which
counts them once. Nothing is asserted.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from evals.bench import used_cpu_s
from evals.bench_overhead import read_texts

_MIB = 1024
_LOOK_S = 0.05
_LOOKS_A_SHARE = 10  # shares take the kernel a while to add up
_FOLDER = 500


class Peak(NamedTuple):
    """What a command took: seconds by the clock and of all processors, and the most MiB of memory."""

    wall_s: float
    cpu_s: float
    main_mib: float
    all_mib: float
    share_mib: float


def main() -> None:
    """Write the stories, score them in each way and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, nargs="*", default=[1, os.cpu_count() or 1])
    parser.add_argument("--format", nargs="*", default=["jsonl"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_stories(folder / "stories", given.count)
        print(f"{given.count} stories, rules engine, {os.cpu_count()} processors")
        for format_ in given.format:
            for jobs in given.jobs:
                report(f"{format_}, --jobs {jobs}", given.count, score(folder, format_, jobs))


def write_stories(folder: Path, count: int) -> None:
    """Write stories to a folder of folders, none like another."""
    texts = read_texts()
    for number in range(count):
        path = folder / f"{number // _FOLDER:03}" / f"{number:05}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{texts[number % len(texts)]} This is story {number}.", encoding="utf-8")


def score(folder: Path, format_: str, jobs: int) -> Peak:
    """Score the stories into a file; return what it took."""
    output = folder / "report"
    command = [sys.executable, "-m", "app.cli", "score", "--engine", "rules", "--no-config", "--jobs", str(jobs)]
    started, used = time.perf_counter(), used_cpu_s()
    with subprocess.Popen([*command, "-f", format_, "-o", str(output), str(folder / "stories")]) as process:  # noqa: S603
        peaks = watch(process)
    if process.returncode not in {0, 3}:
        raise SystemExit(process.returncode)
    return Peak(time.perf_counter() - started, used_cpu_s() - used, *peaks)


def watch(process: subprocess.Popen[bytes]) -> tuple[float, float, float]:
    """Look at a command's memory until it ends; return the most of it alone, of all together, and their share."""
    alone = together = share = 0.0
    looks = 0
    while process.poll() is None:
        family = list(find_family(process.pid))
        sizes = [read_kib(pid, "status", "VmRSS:") for pid in family]
        alone, together = max(alone, sizes[0]), max(together, sum(sizes))
        if looks % _LOOKS_A_SHARE == 0:
            share = max(share, sum(read_kib(pid, "smaps_rollup", "Pss:") for pid in family))
        looks += 1
        time.sleep(_LOOK_S)
    return alone / _MIB, together / _MIB, share / _MIB


def find_family(pid: int) -> Iterator[int]:
    """Yield a process and all that come from it."""
    yield pid
    for task in list_quietly(Path(f"/proc/{pid}/task")):
        try:
            kids = (task / "children").read_text().split()
        except OSError:
            continue
        for kid in kids:
            yield from find_family(int(kid))


def list_quietly(folder: Path) -> Sequence[Path]:
    """Return what is in a folder; nothing where that has gone."""
    try:
        return list(folder.iterdir())
    except OSError:
        return ()


def read_kib(pid: int, name: str, field: str) -> int:
    """Return a figure of a process in KiB; 0 where it has gone."""
    try:
        lines = Path(f"/proc/{pid}/{name}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), 0)


def report(what: str, count: int, peak: Peak) -> None:
    """Print one line."""
    print(
        f"{what:20} {peak.wall_s:7.1f} s wall, {peak.cpu_s:7.1f} s cpu ({1000 * peak.cpu_s / count:.1f} ms a story); "
        f"at most {peak.main_mib:.0f} MiB in the command, {peak.all_mib:.0f} MiB in all its processes, "
        f"{peak.share_mib:.0f} MiB with shared pages counted once",
        flush=True,
    )


if __name__ == "__main__":
    main()
