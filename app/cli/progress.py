"""Tell on stderr how far a run is: a bar on a terminal, plain lines in CI, nothing in a pipe."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from typing_extensions import override

from app.cli.complaint import note
from app.cli.curtain import drawing
from app.cli.order import ProgressChoice
from app.coach.batch import Outcome
from app.domain import Engine
from app.errors import UnreadableStory
from app.reports.counting import counted_stories

_LONGEST_SILENCE_S = 15.0
_SHORTEST_SILENCE_S = 2.0
_SHARES = 10
_DRAWN_EACH_S = 0.2
_MINUTE_S, _HOUR_S = 60, 3600


class Figures:
    """How far a run is, and what it has taken so far.

    Attributes:
        total: Stories that will come; None where nobody can know.
        failed: Stories that could not be read or assessed because something failed.
    """

    def __init__(self, total: int | None) -> None:
        self.total = total
        self.done = 0
        self.failed = 0
        self._asked = 0
        self._unpriced = 0
        self._cost_usd = 0.0

    def add(self, item: Outcome | UnreadableStory) -> None:
        """Count what has come out."""
        self.done += 1
        if self.total is not None:
            self.total = max(self.total, self.done)
        if isinstance(item, UnreadableStory) or item.failure is not None:
            self.failed += 1
            return
        provenance = item.assessment.provenance
        if provenance.engine is Engine.LLM and provenance.model is not None:
            self._asked += 1
            self._unpriced += provenance.cost_usd is None
            self._cost_usd += provenance.cost_usd or 0.0

    def notes(self) -> tuple[str, ...]:
        """Return what there is to say beside the number of stories: failures and cost."""
        failed = (f"{self.failed} failed",) if self.failed else ()
        if not self._asked:
            return failed
        return (*failed, "cost unknown" if self._unpriced else f"{self._cost_usd:.4f} USD")


class Progress:
    """Tells nothing; what tells something does so from the same calls."""

    needs_total = False

    def begin(self, total: int | None) -> None:
        """Start to count; how many stories will come is None where nobody can know."""
        del total

    def add(self, item: Outcome | UnreadableStory) -> None:
        """Count what has come out."""
        del item

    @asynccontextmanager
    async def shown(self) -> AsyncGenerator[None]:
        """Tell while what is inside goes on."""
        yield


class Lines(Progress):
    """Writes a line after each tenth, or after a while in which there was none; nothing about a run that is short.

    Args:
        write: Takes a line.
        clock: Tells seconds.
    """

    needs_total = True

    def __init__(self, write: Callable[[str], None] = note, clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._figures = Figures(None)
        self._started = self._told_at = clock()
        self._told = 0

    @override
    def begin(self, total: int | None) -> None:
        self._figures = Figures(total)
        self._started = self._told_at = self._clock()

    @override
    def add(self, item: Outcome | UnreadableStory) -> None:
        self._figures.add(item)
        self._tell()

    @override
    @asynccontextmanager
    async def shown(self) -> AsyncGenerator[None]:
        async with _repeating(self._tell, each_s=_LONGEST_SILENCE_S):
            yield

    def _tell(self) -> None:
        figures, now = self._figures, self._clock()
        silence = now - self._told_at
        step = figures.total / _SHARES if figures.total else float("inf")
        is_step = figures.done - self._told >= step and silence >= _SHORTEST_SILENCE_S
        if figures.done == figures.total or not (is_step or silence >= _LONGEST_SILENCE_S):
            return  # a run that is over speaks for itself
        self._told, self._told_at = figures.done, now
        self._write(", ".join([*self._reach(now), *figures.notes()]))

    def _reach(self, now: float) -> tuple[str, ...]:
        figures = self._figures
        if figures.total is None:
            return (f"{counted_stories(figures.done)} done",)
        reach = f"{figures.done} of {counted_stories(figures.total)}"
        if not figures.done:
            return (reach,)
        left_s = (now - self._started) / figures.done * (figures.total - figures.done)
        return (reach, f"about {spell_out(left_s)} left")


class Bar(Progress):
    """Draws a bar at the terminal's last line, erased before anything else is written there."""

    needs_total = True

    def __init__(self) -> None:
        self._figures = Figures(None)

    @override
    def begin(self, total: int | None) -> None:
        self._figures = Figures(total)

    @override
    def add(self, item: Outcome | UnreadableStory) -> None:
        self._figures.add(item)

    @override
    @asynccontextmanager
    async def shown(self) -> AsyncGenerator[None]:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            SpinnerColumn(),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[notes]}"),
        )
        bar = Progress(
            *columns,
            console=Console(stderr=True),
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        task = bar.add_task("", total=self._figures.total, notes="")

        def draw() -> None:
            figures = self._figures
            bar.update(task, completed=figures.done, total=figures.total, notes=" · ".join(figures.notes()))
            with suppress(OSError):  # whoever reads stderr has gone; the run goes on
                bar.start()
                bar.refresh()

        with drawing(bar.stop):
            async with _repeating(draw, each_s=_DRAWN_EACH_S):
                yield


class Surroundings(NamedTuple):
    """What stderr is, and where the command runs.

    Attributes:
        is_terminal: Somebody may look at stderr.
        environment: Where variables are set.
    """

    is_terminal: bool
    environment: Mapping[str, str]

    @property
    def is_ci(self) -> bool:
        """Tell whether a CI runner keeps what is written."""
        return self.environment.get("CI", "").lower() not in {"", "0", "false"}

    @property
    def is_plain(self) -> bool:
        """Tell whether nothing can be erased there."""
        return not self.is_terminal or self.environment.get("TERM", "dumb") in {"", "dumb", "unknown"}


def find_surroundings() -> Surroundings:
    """Return what stderr is now."""
    is_open = sys.stderr is not None  # pyright: ignore[reportUnnecessaryComparison] - None when it was closed at the start
    return Surroundings(is_open and sys.stderr.isatty(), os.environ)


def choose_progress(choice: ProgressChoice, around: Surroundings) -> Progress:
    """Return what tells the progress: a bar only where it can be erased, lines where nobody but a log listens."""
    if choice == "none":
        return Progress()
    if choice == "bar" and not around.is_plain:
        return Bar()
    if choice in {"bar", "lines"} or around.is_ci:
        return Lines()
    if not around.is_terminal:
        return Progress()
    return Lines() if around.is_plain else Bar()


def spell_out(seconds: float) -> str:
    """Return a time as people say it, with as much precision as an estimate has."""
    if seconds < _MINUTE_S:
        return f"{max(round(seconds), 1)} s"
    if seconds < _HOUR_S:
        return f"{round(seconds / _MINUTE_S)} min"
    return f"{int(seconds // _HOUR_S)} h {int(seconds % _HOUR_S // _MINUTE_S):02} min"


@asynccontextmanager
async def _repeating(action: Callable[[], None], *, each_s: float) -> AsyncGenerator[None]:
    async def repeat() -> None:
        while True:
            action()
            await asyncio.sleep(each_s)

    task = asyncio.ensure_future(repeat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
