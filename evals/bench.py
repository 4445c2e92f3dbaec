"""Time the rules engine and the command, as multiples of what merely reading the same stories costs in the same run.

Run it with `make bench`, on an idle machine if seconds are to be compared; multiples hold on a busy one too. Nothing is
asserted. A unit is one reading of all stories that finds their words with a regular expression.
"""

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.documents import split_front_matter
from app.domain import Story

EVALS = Path(__file__).parent
COUNT = 1000
APART = 100
WORDS = 340
REPEATS = 3
_WORD = re.compile(r"\w+(?:['’.,:/-]\w+)*")


class Cost(NamedTuple):
    """What something took, in seconds: by the clock, and of all processors."""

    wall_s: float
    cpu_s: float


def main() -> None:
    """Make the stories, time everything and print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "stories")
        texts = write_stories(folder)
        star_coach = [sys.executable, "-m", "app.cli"]
        score = [*star_coach, "score", "--engine", "rules", "--format", "jsonl"]
        subprocess.run([sys.executable, "-m", "compileall", "-q", str(EVALS.parent / "app")], check=True)  # noqa: S603
        unit = best(lambda: read_words(folder))
        print(f"floor: reading {COUNT} stories of {WORDS} words takes {1000 * unit.cpu_s:.0f} ms")
        report("one story, in a running process", best(assess_all(texts[:100])), unit, per=100)
        report("--version", best(run([*star_coach, "--version"])), unit)
        report("score, one story", best(run([*score, str(folder / "0000.md")])), unit)
        for jobs in (1, os.cpu_count() or 1):
            several = best(run([*score, str(folder), "--jobs", str(jobs)]))
            report(f"score, {COUNT} stories, --jobs {jobs}", several, unit)
        apart = Path(name, "apart")
        write_stories(apart, APART)
        report(f"score, {APART} stories apart, --jobs 1", best(run([*score, str(apart), "--jobs", "1"])), unit)


def write_stories(folder: Path, count: int = COUNT) -> list[str]:
    """Cut the labelled stories, end to end, into pieces of equal length.

    A thousand overlap: each shares most of its sentences with the next, as drafts do. A hundred have none in common.
    """
    folder.mkdir()
    paths = [path for name in ("own", "dev", "messy") for path in sorted((EVALS / name / "stories").iterdir())]
    words = " ".join(split_front_matter(path.read_text(encoding="utf-8")).body for path in paths).split(" ")
    step = (len(words) - WORDS) // count
    texts = [" ".join(words[number * step : number * step + WORDS]) for number in range(count)]
    for number, text in enumerate(texts):
        (folder / f"{number:04}.md").write_text(text, encoding="utf-8")
    return texts


def read_words(folder: Path) -> None:
    """Do the least that anything does which reads all stories."""
    for path in sorted(folder.iterdir()):
        _WORD.findall(path.read_text(encoding="utf-8"))


def assess_all(texts: list[str]) -> Callable[[], None]:
    """Return what assesses texts one after the other; everything that is read once has been read."""
    assessor = Assessor(Catalog(), judge=None, max_story_chars=100_000)
    stories = [Story(text=text) for text in texts]

    def assess() -> None:
        for story in stories:
            assessor.assess_by_rules(story)

    assess()
    return assess


def run(command: list[str]) -> Callable[[], None]:
    """Return what runs a command and throws its output away."""

    def start() -> None:
        subprocess.run(command, cwd=EVALS.parent, stdout=subprocess.DEVNULL, check=True)  # noqa: S603

    return start


def best(action: Callable[[], None]) -> Cost:
    """Return the least that an action took; whatever else runs on the machine only adds to it."""
    return min((cost(action) for _ in range(REPEATS)), key=lambda found: found.cpu_s)


def cost(action: Callable[[], None]) -> Cost:
    """Return what an action takes, its processes included."""
    wall, cpu = time.perf_counter(), used_cpu_s()
    action()
    return Cost(time.perf_counter() - wall, used_cpu_s() - cpu)


def used_cpu_s() -> float:
    """Return the processor time of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def report(what: str, found: Cost, unit: Cost, *, per: int = 1) -> None:
    """Print one line: milliseconds by the clock and of processors, and how many units that is."""
    print(
        f"{what:34} {1000 * found.wall_s / per:9.1f} ms wall {1000 * found.cpu_s / per:9.1f} ms cpu "
        f"{found.cpu_s / per / unit.cpu_s:8.2f} units"
    )


if __name__ == "__main__":
    main()
