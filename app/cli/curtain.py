"""Clear away what is drawn on the terminal before anything else is written there."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

_drawn: list[Callable[[], None]] = []


def clear() -> None:
    """Erase what is drawn; whoever drew it draws it again when its time comes."""
    for erase in _drawn:
        erase()


@contextmanager
def drawing(erase: Callable[[], None]) -> Generator[None]:
    """Say how to erase what is drawn inside, at the end too."""
    _drawn.append(erase)
    try:
        yield
    finally:
        erase()
        _drawn.remove(erase)
