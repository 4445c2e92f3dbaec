"""Read the stories that were named, and say once what stood beside them."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from app.cli.complaint import note
from app.cli.order import Order
from app.cli.stdin import stoppable
from app.coach.finding import Found, FoundFile
from app.coach.reading import count_stories, read_found, read_stream
from app.coach.target import check_target
from app.domain import Story
from app.errors import UnreadableStory
from app.reports.counting import counted
from app.rubric import Rubric

_STDIN = "-"


class Sources:
    """The stories of an order.

    Args:
        order: What was asked for.
        rubric: What roles, levels and principles a story may name.
        tell: Takes a remark on what is passed over.
    """

    def __init__(self, order: Order, rubric: Rubric, *, tell: Callable[[str], None] = note) -> None:
        self._order = order
        self._rubric = rubric
        self._tell = tell
        self._places: list[Found | None] | None = None
        self._others: Counter[str] = Counter()
        self._unchanged = 0
        self._excluded = 0

    @property
    def has_nothing_new(self) -> bool:
        """Tell whether there are stories, and none has changed."""
        return self._unchanged > 0

    def count(self) -> int | None:
        """Return how many stories there are; None where they can't be read twice.

        Raises:
            InvalidInput: As for `read`.
        """
        counts = [None if found is None else count_stories(found) for found in self._find()]
        return sum(count or 0 for count in counts) if None not in counts else None

    def read(self) -> Iterator[Story | UnreadableStory]:
        """Yield all stories in the order in which they were named, with what they leave to the order.

        Raises:
            InvalidInput: A file of patterns is broken, or nobody can tell what has changed.
        """
        for found in self._find():
            for item in self._read_stdin() if found is None else self._read(found):
                yield item if isinstance(item, UnreadableStory) else self._order.defaults.fill(item)
        self._tell_of_others()

    def find(self) -> list[FoundFile]:
        """Return the files that are there now, each once.

        Raises:
            InvalidInput: As for `read`.
        """
        files = [file for found in self._find() if found is not None for file in found.files]
        return list({file.shown: file for file in files}.values())

    def read_files(self, files: Sequence[FoundFile]) -> Iterator[Story | UnreadableStory]:
        """Yield the stories of some of the files."""
        for item in self._read(Found("", list(files), [], [], [], [])):
            yield item if isinstance(item, UnreadableStory) else self._order.defaults.fill(item)

    def tell_of_nothing(self) -> str:
        """Return why there are no stories."""
        beside = f", beside {self._excluded} that .coachignore or exclude passes over" if self._excluded else ""
        return f"there are no stories in what was named{beside}"

    def _find(self) -> list[Found | None]:
        """Return the files of each path, none of which has been opened; None for stdin."""
        if self._places is None:
            self._places = [None if path == _STDIN else self._find_path(path) for path in self._order.paths]
        return self._places

    def _find_path(self, path: str) -> Found:
        found = self._order.finder.find(Path(path), os.fsencode(path).decode("utf-8", "backslashreplace"))
        self._others.update(found.others)
        self._unchanged += len(found.unchanged)
        self._excluded += len(found.excluded)
        return found

    def _read_stdin(self) -> Iterator[Story | UnreadableStory]:
        if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison] - None when it was closed at the start
            return iter([UnreadableStory(_STDIN, "can't be read (it is closed)")])
        items = read_stream(sys.stdin.buffer, _STDIN, vet=self._vet)
        return items if sys.stdin.isatty() else stoppable(items)

    def _read(self, found: Found) -> Iterator[Story | UnreadableStory]:
        return read_found(found, on_skip=self._tell_of_skipped, vet=self._vet)

    def _vet(self, story: Story) -> None:
        check_target(self._rubric, role=story.role, level=story.level, principles=story.principles)

    def _tell_of_others(self) -> None:
        """Say once what stood in the folders beside stories."""
        if not self._others:
            return
        kinds = ", ".join(f"{number} {kind or 'without a suffix'}" for kind, number in sorted(self._others.items()))
        self._tell(f"{counted(self._others.total(), 'file')} of other kinds passed over ({kinds})")

    def _tell_of_skipped(self, name: str) -> None:
        self._tell(f"{name}: holds no story, passed over")
