"""Migrations in many processes at once, or in processes that kill themselves on the way.

    python tests/store/processes.py race COUNT URL     COUNT processes upgrade one database at the same moment
    python tests/store/processes.py crash URL…         the n-th database's process dies at its n-th statement or commit

Prints the exit code of each process, negative for a signal. They are forks of this one, which has imported everything.
"""

import itertools
import os
import signal
import sys
import traceback
from collections.abc import Callable

from sqlalchemy import Engine, event

from app.store.migrate import upgrade


def fork(work: Callable[[], object]) -> int:
    """Run work in a process of its own; return its id."""
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:  # noqa: BLE001 - a child must never run on into its parent's code
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def wait(child: int) -> int:
    """Return the exit code of a child."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def race(count: int, url: str) -> list[int]:
    """Upgrade one database from many processes, which set off when the pipe they read from is closed."""
    gate, opener = os.pipe()

    def run() -> None:
        os.close(opener)
        os.read(gate, 1)
        upgrade(url)

    children = [fork(run) for _ in range(count)]
    os.close(opener)
    return [wait(child) for child in children]


def crash(urls: list[str]) -> list[int]:
    """Upgrade each database in a process that gets one step further than the one before, until one gets to the end."""

    def run(url: str, fatal: int) -> None:
        die_at(fatal)
        upgrade(url)

    codes: list[int] = []
    for step, url in enumerate(urls, start=1):
        codes.append(wait(fork(lambda url=url, step=step: run(url, step))))
        if codes[-1] == 0:
            break
    return codes


def die_at(fatal: int) -> None:
    """Kill this process before its fatal statement or commit."""
    steps = itertools.count(1)

    def step(*_: object) -> None:
        if next(steps) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)


if __name__ == "__main__":
    verb, *rest = sys.argv[1:]
    codes = race(int(rest[0]), rest[1]) if verb == "race" else crash(rest)
    sys.stdout.write(" ".join(map(str, codes)))
