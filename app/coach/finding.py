"""Find the files that may hold stories: by name, in folders and by patterns."""

import glob
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from app.coach.changes import Changes
from app.coach.exclusions import Exclusions, exclude, is_repository

TEXT_SUFFIXES = (".md", ".markdown", ".txt")
LINES_SUFFIXES = (".jsonl", ".ndjson")
DOCUMENT_SUFFIXES = (".json", ".yaml", ".yml")
DATA_SUFFIXES = (*LINES_SUFFIXES, *DOCUMENT_SUFFIXES)


class FoundFile(NamedTuple):
    """A file.

    Attributes:
        path: The file.
        shown: How it is told to the caller.
        is_named: The caller named it, so it is read whatever it is.
    """

    path: Path
    shown: str
    is_named: bool


class Found(NamedTuple):
    """What was found under one name.

    Attributes:
        shown: The name, as the caller gave it.
        files: Sorted by name.
        closed: Folders that could not be opened, as told to the caller, and why.
        others: The suffix of each file of a kind that holds no stories.
        excluded: Files and folders that are passed over since a pattern says so.
        unchanged: Files that are passed over since they have no changes.
        is_pattern: The name is a pattern and no file.
    """

    shown: str
    files: list[FoundFile]
    closed: list[tuple[str, OSError]]
    others: list[str]
    excluded: list[Path]
    unchanged: list[Path]
    is_pattern: bool = False

    @property
    def is_empty_pattern(self) -> bool:
        """Tell whether the name is a pattern that nothing at all goes by."""
        return self.is_pattern and not (self.files or self.closed or self.others or self.excluded or self.unchanged)


class Finder:
    """Finds files; those that the caller named are passed over for nothing but having no changes.

    Args:
        patterns: As in .gitignore, of what is passed over in folders and by patterns, beside what the
            `.coachignore` files there say.
        base: The folder that these are told from; that of the process by default.
        changes: Only what has changed is found; None finds all.

    Raises:
        InvalidInput: A pattern is none.
    """

    def __init__(
        self, *, patterns: Sequence[str] = (), base: Path | None = None, changes: Changes | None = None
    ) -> None:
        self._always = exclude(patterns, (base or Path.cwd()).absolute())
        self._changes = changes
        self._held: dict[Path, Exclusions] = {}

    def find(self, path: Path, shown: str) -> Found:
        """Return the files of a name: a file, a folder with the folders in it, or a pattern with `*`, `?`, `[` or `**`.

        Args:
            path: The name.
            shown: How the caller gave it.

        Raises:
            InvalidInput: A file of patterns is broken, or nobody can tell what has changed.
        """
        found = Found(shown, [], [], [], [], [], is_pattern=_is_pattern(path))
        if found.is_pattern:
            for match in sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207 - Path.glob lists hidden files
                self._take(Path(match), _show(match), found)
        elif is_quietly(Path.is_dir, path):
            if self._changes is not None:
                self._changes.check(path)
            self._walk(path, shown, found)
        else:
            found.files.append(FoundFile(path, shown, is_named=True))
        files: dict[Path, FoundFile] = {}
        for file in found.files:
            if self._has_changed(file):
                files[file.path] = file
            else:
                found.unchanged.append(file.path)
        return found._replace(files=sorted(files.values(), key=lambda file: file.path.parts))

    def _take(self, match: Path, shown: str, found: Found) -> None:
        is_folder = is_quietly(Path.is_dir, match)
        absolute = match.absolute()
        if self._exclusions(absolute.parent).cover(absolute, is_folder=is_folder):
            found.excluded.append(match)
        elif is_folder:
            self._walk(match, shown, found)
        else:
            _sort_in(match, shown, found)

    def _walk(self, path: Path, shown: str, found: Found) -> None:
        closed: list[OSError] = []
        for folder, folders, names in os.walk(path, onerror=closed.append):
            here = Path(folder)
            exclusions = self._exclusions(here.absolute())
            folders[:] = _keep(folders, here, exclusions, found, is_folder=True)
            for name in _keep(names, here, exclusions, found):
                _sort_in(here / name, inside(shown, (here / name).relative_to(path)), found)
        found.closed.extend((inside(shown, Path(error.filename).relative_to(path)), error) for error in closed)

    def _exclusions(self, folder: Path) -> Exclusions:
        """Return what is passed over in an absolute folder."""
        if folder not in self._held:
            is_outermost = folder.parent == folder or is_repository(folder)
            above = self._always if is_outermost else self._exclusions(folder.parent)
            self._held[folder] = above.enter(folder)
        return self._held[folder]

    def _has_changed(self, file: FoundFile) -> bool:
        if self._changes is None or (file.is_named and not is_quietly(Path.exists, file.path)):
            return True  # what is not there is told when it is opened
        return self._changes.have(file.path)


def is_quietly(test: Callable[[Path], bool], path: Path) -> bool:
    """Tell whether a test holds; where it can't be made, opening the file will tell."""
    try:
        return test(path)
    except OSError:  # a folder on the way is closed
        return False


def inside(shown: str, inner: Path) -> str:
    """Return how a path in a folder is told to the caller, who gave the folder as `shown`."""
    name = _show(inner)
    if name == ".":
        return shown
    return name if shown == "." else f"{shown.rstrip('/')}/{name}"


def _show(path: Path | str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _is_pattern(path: Path) -> bool:
    return glob.has_magic(str(path)) and not is_quietly(os.path.lexists, path)


def _keep(
    names: list[str], folder: Path, exclusions: Exclusions, found: Found, *, is_folder: bool = False
) -> list[str]:
    """Return the names in a folder that are not passed over."""
    kept: list[str] = []
    for name in names:
        if name.startswith("."):
            continue
        if exclusions.cover(folder.absolute() / name, is_folder=is_folder):
            found.excluded.append(folder / name)
        else:
            kept.append(name)
    return kept


def _sort_in(file: Path, shown: str, found: Found) -> None:
    if file.stem.lower() == "readme":
        return
    suffix = file.suffix.lower()
    if suffix in (*TEXT_SUFFIXES, *DATA_SUFFIXES):
        found.files.append(FoundFile(file, shown, is_named=False))
    else:
        found.others.append(suffix)
