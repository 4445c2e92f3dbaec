"""Say what went wrong: one line on stderr that can't steer the terminal."""

import os
import sys

from app.cli.curtain import clear
from app.reports.terminal import defuse, defuse_start


def complain(message: str) -> None:
    """Write `star-coach: error: …` to stderr."""
    _write(f"star-coach: error: {defuse(message)}")


def note(message: str) -> None:
    """Write a remark to stderr."""
    _write(f"star-coach: {defuse(message)}")


def point_at(message: str) -> None:
    """Write a complaint that begins with its place (`path:line: reason`), where editors can jump to it."""
    _write(defuse_start(defuse(message)))


def _write(line: str) -> None:
    """Write a line where it can be written: a command's result and exit code don't depend on who reads its stderr."""
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison] - so it is when it was closed at the start
        return
    try:
        clear()
        print(line, file=sys.stderr, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # what is left in the buffer must not fail again
