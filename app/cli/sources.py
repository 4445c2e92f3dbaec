"""Read the stories that were named, and say once what stood beside them."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from app.cli.complaint import note
from app.cli.order import Order
from app.cli.stdin import stoppable
from app.coach.reading import read_found, read_stream
from app.coach.target import check_target
from app.domain import Story
from app.errors import UnreadableStory
from app.rubric import Rubric


class Sources:
    """The stories of an order.

    Args:
        order: What was asked for.
        rubric: What roles, levels and principles a story may name.
    """

    def __init__(self, order: Order, rubric: Rubric) -> None:
        self._order = order
        self._rubric = rubric
        self._others: Counter[str] = Counter()
        self._unchanged = 0
        self._excluded = 0

    @property
    def has_nothing_new(self) -> bool:
        """Tell whether there are stories, and none has changed."""
        return self._unchanged > 0

    def read(self) -> Iterator[Story | UnreadableStory]:
        """Yield all stories in the order in which they were named, with what they leave to the order."""
        for path in self._order.paths:
            for item in self._read_stdin() if path == "-" else self._read_path(path):
                yield item if isinstance(item, UnreadableStory) else self._order.defaults.fill(item)
        self._tell_of_others()

    def tell_of_nothing(self) -> str:
        """Return why there are no stories."""
        beside = f", beside {self._excluded} that .coachignore or exclude passes over" if self._excluded else ""
        return f"there are no stories in what was named{beside}"

    def _read_stdin(self) -> Iterator[Story | UnreadableStory]:
        items = read_stream(sys.stdin.buffer, "-", vet=self._vet)
        return items if sys.stdin.isatty() else stoppable(items)

    def _read_path(self, path: str) -> Iterator[Story | UnreadableStory]:
        found = self._order.finder.find(Path(path), os.fsencode(path).decode("utf-8", "backslashreplace"))
        self._others.update(found.others)
        self._unchanged += len(found.unchanged)
        self._excluded += len(found.excluded)
        return read_found(found, on_skip=_tell_of_skipped, vet=self._vet)

    def _vet(self, story: Story) -> None:
        check_target(self._rubric, role=story.role, level=story.level, principles=story.principles)

    def _tell_of_others(self) -> None:
        """Say once what stood in the folders beside stories."""
        if not self._others:
            return
        count = self._others.total()
        kinds = ", ".join(f"{number} {kind or 'without a suffix'}" for kind, number in sorted(self._others.items()))
        note(f"{count} file{'s' if count > 1 else ''} of other kinds passed over ({kinds})")


def _tell_of_skipped(name: str) -> None:
    note(f"{name}: holds no story, passed over")
