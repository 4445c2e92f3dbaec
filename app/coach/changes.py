"""Ask git which files have changed."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from app.errors import InvalidInput

_TIMEOUT_S = 120
_RENAMED_AND_NO_MORE = ("R100", "C100")


class Changes:
    """The files that differ from a revision, commits and work tree together.

    Counted from where the current branch left the revision's, so that what others did there since does not count.
    Files that git does not know yet are changed, unless it ignores them; renaming alone is no change.

    Args:
        revision: A commit, branch or tag.
    """

    def __init__(self, revision: str) -> None:
        self.revision = revision
        self._roots: dict[Path, Path | None] = {}
        self._changed: dict[Path, frozenset[Path]] = {}

    def have(self, file: Path) -> bool:
        """Tell whether a file has changed.

        Raises:
            InvalidInput: It is in no repository, the repository has no such revision, or git does not work.
        """
        folder = Path(os.path.realpath(file.parent))
        places = {folder / file.name, Path(os.path.realpath(file))}  # a link has changed when its target has
        return any(place in self._changed_beside(place) for place in places)

    def check(self, folder: Path) -> None:
        """Return when it can be told what has changed in a folder.

        Raises:
            InvalidInput: It can't; as for `have`.
        """
        self._changed_beside(Path(os.path.realpath(folder)) / "any")

    def _changed_beside(self, place: Path) -> frozenset[Path]:
        root = self._root_of(place.parent)
        if root is None:
            raise InvalidInput(
                f"{place.parent} is in no git repository, so nobody can tell what changed since {self.revision}",
                slug="no-repository",
            )
        if root not in self._changed:
            self._changed[root] = frozenset(root / os.fsdecode(name) for name in _changed(root, self.revision))
        return self._changed[root]

    def _root_of(self, folder: Path) -> Path | None:
        if folder not in self._roots:
            above = folder.parent
            is_root = (folder / ".git").exists()
            self._roots[folder] = folder if is_root else self._root_of(above) if above != folder else None
        return self._roots[folder]


def _changed(root: Path, revision: str) -> Iterator[bytes]:
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", may_fail=True)
    if not commit:
        raise InvalidInput(
            f"the repository {root} has no revision {revision!r}; a shallow clone has to fetch it first",
            slug="no-revision",
        )
    base = _git(root, "merge-base", commit.strip(), "HEAD", may_fail=True) or commit
    listed = _git(root, "diff", "--name-status", "-z", "-M", "--no-ext-diff", "--no-textconv", base.strip(), "--")
    yield from _read_statuses(listed)
    yield from filter(None, _git(root, "ls-files", "--others", "--exclude-standard", "-z").split(b"\0"))


def _read_statuses(listed: bytes) -> Iterator[bytes]:
    """Yield the files that are there and differ, from what `git diff --name-status -z` lists."""
    tokens = iter(listed.split(b"\0"))
    for token in tokens:
        status = token.decode("ascii", "replace")
        if not status:
            return
        name = next(tokens)
        if status[0] in "RC":
            name = next(tokens)
        if status[0] != "D" and status not in _RENAMED_AND_NO_MORE:
            yield name


def _git(root: Path, *arguments: str | bytes, may_fail: bool = False) -> bytes:
    # In a hook, git tells its own place by variables, which are wrong for other repositories.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    try:
        done = subprocess.run(  # noqa: S603 - the program is fixed, and no argument is read as an option
            ["git", "-C", root, *arguments],  # noqa: S607 - git stands where the user's PATH says
            capture_output=True,
            env=environment | {"GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError:
        raise InvalidInput("git is not installed, so nobody can tell what changed", slug="no-git") from None
    except subprocess.TimeoutExpired:
        raise InvalidInput(f"git took more than {_TIMEOUT_S} seconds in {root}", slug="git-failed") from None
    if done.returncode == 0:
        return done.stdout
    if may_fail and not done.stderr:
        return b""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
    raise InvalidInput(f"git failed in {root}: {lines[0].removeprefix('fatal: ')}", slug="git-failed")
