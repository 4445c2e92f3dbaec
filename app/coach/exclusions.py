"""Pass over files that a project does not want scored: patterns as in .gitignore."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.errors import InvalidInput

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".coachignore"
"""Patterns for the folder it stands in and all in it; a deeper file goes before."""


class _Rules(NamedTuple):
    base: Path
    spec: "GitIgnoreSpec"

    def say(self, path: Path, *, is_folder: bool) -> bool | None:
        """Tell whether a path is excluded; None where no pattern speaks of it."""
        if not path.is_relative_to(self.base) or path == self.base:
            return None
        name = path.relative_to(self.base).as_posix()
        return self.spec.check_file(f"{name}/" if is_folder else name).include


class Exclusions:
    """What is passed over in one folder.

    Args:
        above: Rules of folders, the nearest last.
        always: Rules that go before these.
    """

    def __init__(self, above: tuple[_Rules, ...] = (), always: tuple[_Rules, ...] = ()) -> None:
        self._above = above
        self._always = always

    def enter(self, folder: Path) -> "Exclusions":
        """Return what holds in a folder, with the patterns of its own file if it has one.

        Args:
            folder: An absolute path.

        Raises:
            InvalidInput: The file can't be read, or holds a pattern that is none.
        """
        rules = _read(folder / IGNORE_FILE)
        return Exclusions((*self._above, rules), self._always) if rules else self

    def cover(self, path: Path, *, is_folder: bool = False) -> bool:
        """Tell whether an absolute path is passed over; what is in a folder that is, is as well."""
        for rules in (*self._always, *reversed(self._above)):
            said = rules.say(path, is_folder=is_folder)
            if said is not None:
                return said
        return False


def exclude(patterns: Sequence[str], base: Path) -> Exclusions:
    """Return what patterns pass over, whatever the files in folders say.

    Args:
        patterns: As in .gitignore.
        base: The folder that they are told from, absolute.

    Raises:
        InvalidInput: One is none.
    """
    return Exclusions((), (_Rules(base, _compile(patterns, "--exclude")),)) if patterns else Exclusions()


def upwards(folder: Path) -> Iterator[Path]:
    """Yield an absolute folder and those above it, up to the root of its repository; without one, of the disk."""
    for above in (folder, *folder.parents):
        yield above
        if is_repository(above):
            return


def is_repository(folder: Path) -> bool:
    """Tell whether a folder is the root of a repository."""
    return (folder / ".git").exists()


def _read(path: Path) -> _Rules | None:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InvalidInput(f"{path}: can't be read ({(error.strerror or 'unknown').lower()})") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path}: is not UTF-8") from None
    return _Rules(path.parent, _compile(text.splitlines(), str(path)))


def _compile(lines: Sequence[str], source: str) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most folders have no such file

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        for number, line in enumerate(lines, start=1):
            try:
                GitIgnoreSpec.from_lines([line])
            except ValueError:
                raise InvalidInput(f"{source}:{number}: this is no pattern", slug="bad-pattern") from None
        raise
