"""Which files have changed since they were looked at last."""

import os
from pathlib import Path

import pytest

from app.cli.watching import Changed, Watched
from app.coach.finding import FoundFile


class Folder:
    """A folder that is looked at."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._watched = Watched()
        self._clock = 10**18

    def write(self, name: str, text: str) -> None:
        """Write a file at a time of its own."""
        path = self._path / name
        path.write_text(text)
        self._clock += 1
        os.utime(path, ns=(self._clock, self._clock))

    def look(self, *named: str) -> Changed:
        names = sorted({*named, *(path.name for path in self._path.iterdir())})
        return self._watched.look([FoundFile(self._path / name, name, is_named=False) for name in names])


def told(changed: Changed) -> tuple[list[str], list[str]]:
    return [file.shown for file in changed.files], list(changed.gone)


NOTHING = ([], [])


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder whose two files have been scored."""
    folder = Folder(tmp_path)
    folder.write("a.md", "one")
    folder.write("b.md", "two")
    assert told(folder.look()) == NOTHING
    assert told(folder.look()) == (["a.md", "b.md"], [])
    assert told(folder.look()) == NOTHING
    return folder


def test_a_file_that_changes_is_due_once_it_has_come_to_rest(folder: Folder):
    folder.write("a.md", "on")
    assert told(folder.look()) == NOTHING
    folder.write("a.md", "one two")
    assert told(folder.look()) == NOTHING  # still being written
    assert told(folder.look()) == (["a.md"], [])
    assert told(folder.look()) == NOTHING


def test_a_new_file_is_due_and_one_that_is_gone_is_told_once(folder: Folder, tmp_path: Path):
    folder.write("c.md", "three")
    (tmp_path / "a.md").unlink()
    assert told(folder.look()) == NOTHING
    assert told(folder.look()) == (["c.md"], ["a.md"])
    assert told(folder.look()) == NOTHING
    folder.write("a.md", "one")
    folder.look()
    assert told(folder.look()) == (["a.md"], [])


def test_a_file_that_is_replaced_is_never_gone(folder: Folder, tmp_path: Path):
    (tmp_path / "a.md").unlink()
    assert told(folder.look()) == NOTHING
    folder.write("a.md", "one")
    assert told(folder.look()) == NOTHING
    assert told(folder.look()) == (["a.md"], [])


def test_another_file_of_the_same_time_and_size_is_another_file(folder: Folder, tmp_path: Path):
    before = (tmp_path / "a.md").stat()
    (tmp_path / "new").write_text("eno")
    os.utime(tmp_path / "new", ns=(before.st_atime_ns, before.st_mtime_ns))
    (tmp_path / "new").replace(tmp_path / "a.md")
    folder.look()
    assert told(folder.look()) == (["a.md"], [])


def test_a_file_that_was_named_and_is_not_there_is_due_when_it_comes(tmp_path: Path):
    folder = Folder(tmp_path)
    folder.look("a.md")
    assert told(folder.look("a.md")) == (["a.md"], [])  # so that its absence is complained of
    assert told(folder.look("a.md")) == NOTHING
    folder.write("a.md", "one")
    folder.look()
    assert told(folder.look()) == (["a.md"], [])
