"""Say what went wrong: one line on stderr that can't steer the terminal."""

import sys

from app.reports.terminal import defuse, defuse_start


def complain(message: str) -> None:
    """Write `star-coach: error: …` to stderr."""
    print(f"star-coach: error: {defuse(message)}", file=sys.stderr)


def note(message: str) -> None:
    """Write a remark to stderr."""
    print(f"star-coach: {defuse(message)}", file=sys.stderr)


def point_at(message: str) -> None:
    """Write a complaint that begins with its place (`path:line: reason`), where editors can jump to it."""
    print(defuse_start(defuse(message)), file=sys.stderr)
