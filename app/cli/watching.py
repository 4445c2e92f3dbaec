"""`star-coach score --watch`: score stories again when their files change."""

import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from app.catalog import Catalog
from app.cli.complaint import note
from app.cli.exits import Exit
from app.cli.formats import Format
from app.cli.order import Order
from app.cli.output import Target, open_sinks
from app.cli.progress import Progress
from app.cli.run import Run
from app.cli.runners import open_runner
from app.cli.sources import Sources
from app.cli.thresholds import Thresholds
from app.coach.batch import Runner
from app.coach.finding import FoundFile
from app.errors import InvalidInput
from app.reports.counting import counted
from app.rubric import Rubric
from app.settings import Settings

_POLL_S = 0.3
_REST = 5  # so many times as long as a look at all files takes, at least
_CLEAR = "\x1b[2J\x1b[H"


class _Stamp(NamedTuple):
    """What of a file changes with it."""

    mtime_ns: int
    size: int
    inode: int


class Changed(NamedTuple):
    """What has changed since the last round.

    Attributes:
        files: New or other than they were, and not being written any more.
        gone: The names of those that are not there any more.
    """

    files: tuple[FoundFile, ...]
    gone: tuple[str, ...]


class Watched:
    """The files that are watched, and how they were when they were looked at last."""

    def __init__(self) -> None:
        self._scored: dict[str, _Stamp | None] = {}
        self._seen: dict[str, _Stamp | None] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def look(self, files: Sequence[FoundFile]) -> Changed:
        """Return what has changed: only what is as it was at the look before, so that nothing half written is read."""
        now = {file.shown: _stamp(file.path) for file in files}
        due = [
            file
            for file in files
            if self._is_settled(file.shown, now)
            and (file.shown not in self._scored or now[file.shown] != self._scored[file.shown])
        ]
        # An editor that replaces a file may leave nothing there for a moment.
        gone = [name for name in self._scored if name not in now and name not in self._seen]
        self._scored |= {file.shown: now[file.shown] for file in due}
        for name in gone:
            del self._scored[name]
        self._seen = now
        return Changed(tuple(due), tuple(gone))

    def _is_settled(self, name: str, now: Mapping[str, _Stamp | None]) -> bool:
        return name in self._seen and self._seen[name] == now[name]


def watch_stories(order: Order, settings: Settings, catalog: Catalog, rubric: Rubric) -> Exit:
    """Score all stories, then each whose file changes, until Ctrl-C.

    Raises:
        InvalidInput: There is nothing that could be watched, or a report that is no text.
        Misconfigured: The model's endpoint or the cache can't be used.
    """
    _check(order)
    asyncio.run(_Watch(order, rubric).run(settings, catalog))
    return Exit.INTERRUPTED


def _check(order: Order) -> None:
    if order.formats != (Format.TEXT,) or order.outputs:
        raise InvalidInput("--watch writes the text report to stdout and no other", slug="bad-option")
    for name, is_set in (
        ("-", "-" in order.paths),
        ("--changed-since", order.since is not None),
        ("--update-baseline", order.updates_baseline),
        ("--via batch-api", order.via != "calls"),
    ):
        if is_set:
            raise InvalidInput(f"--watch and {name} don't go together", slug="bad-option")


class _Watch:
    def __init__(self, order: Order, rubric: Rubric) -> None:
        self._order = order
        self._rubric = rubric
        self._watched = Watched()

    async def run(self, settings: Settings, catalog: Catalog) -> None:
        async with open_runner(self._order, settings, catalog) as runner:
            try:
                while await self._step(runner):
                    pass
            except asyncio.CancelledError:
                return

    async def _step(self, runner: Runner) -> bool:
        """Look once, score what has changed, and wait; return False when Ctrl-C came meanwhile."""
        started = time.monotonic()
        sources = Sources(self._order, self._rubric, tell=lambda _: None)
        changed = self._watched.look(sources.find())
        for name in changed.gone:
            note(f"{name}: gone")
        if changed.files and not await self._score(runner, sources, changed.files):
            return False
        took_s = time.monotonic() - started
        await asyncio.sleep(max(_POLL_S, 0.0 if changed.files else took_s * _REST))
        return True

    async def _score(self, runner: Runner, sources: Sources, files: Sequence[FoundFile]) -> bool:
        if sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb":
            sys.stdout.write(_CLEAR)
            sys.stdout.flush()
        with open_sinks([Target(Format.TEXT, None)], self._rubric, self._order.gate) as sinks:
            run = Run(self._order, sinks, Thresholds(self._order), sources, Progress())
            is_whole = await runner.run(sources.read_files(files), run.take)
            run.tally.interrupted = not is_whole
            run.close(Exit.PASSED if is_whole else Exit.INTERRUPTED)
        note(f"watching {counted(len(self._watched), 'file')}; Ctrl-C ends it")
        return is_whole


def _stamp(path: Path) -> _Stamp | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return _Stamp(facts.st_mtime_ns, facts.st_size, facts.st_ino)
