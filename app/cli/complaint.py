"""Say what went wrong: one line on stderr that can't steer the terminal."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

from app.cli.curtain import clear
from app.reports.terminal import defuse, defuse_start


def complain(message: str) -> None:
    """Write `star-coach: error: …` to stderr."""
    _write(f"star-coach: error: {defuse(message)}")


def note(message: str) -> None:
    """Write a remark to stderr, unless nobody wants to hear any."""
    if not _hushed:
        _write(f"star-coach: {defuse(message)}")


def point_at(message: str) -> None:
    """Write a complaint that begins with its place (`path:line: reason`), where editors can jump to it."""
    _write(defuse_start(defuse(message)))


@contextmanager
def hushed(*, is_quiet: bool) -> Generator[None]:
    """Write no remarks inside, where that is so; complaints are written all the same."""
    if is_quiet:
        _hushed.append(True)
    try:
        yield
    finally:
        if is_quiet:
            _hushed.pop()


_hushed: list[bool] = []


def _write(line: str) -> None:
    """Write a line where it can be written: a command's result and exit code don't depend on who reads its stderr."""
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison] - so it is when it was closed at the start
        return
    try:
        clear()
        print(line, file=sys.stderr, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # what is left in the buffer must not fail again
