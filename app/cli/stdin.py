"""Read stdin so that one Ctrl-C ends it, even while nothing comes."""

import asyncio
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


def stoppable(items: Iterator[T]) -> Iterator[T]:
    """Yield items for a task that reads them without waiting in its event loop; Ctrl-C cancels the task.

    The loop's own answer to Ctrl-C is to cancel the task at its next wait, which a blocked read never reaches.
    """
    nothing = object()
    while True:
        try:
            with _hearing_ctrl_c():
                item = next(items, nothing)
        except KeyboardInterrupt:
            raise asyncio.CancelledError from None
        if item is nothing:
            return
        yield item  # pyright: ignore[reportReturnType] - it is an item, having come from them


@contextmanager
def _hearing_ctrl_c() -> Generator[None]:
    """Raise KeyboardInterrupt on Ctrl-C, unless the process was started to ignore it."""
    usual = signal.getsignal(signal.SIGINT)
    if usual in {signal.SIG_IGN, None}:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
