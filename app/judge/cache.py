"""A folder of answers that were paid for: private, bounded in size and age, and believed only where its seal holds."""

import asyncio
import hmac
import os
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import Misconfigured
from app.settings import Settings

try:
    import fcntl
except ImportError:
    fcntl = None

LONGEST_TEXT = 200_000

_FOLDER = "answers-v1"
_KEY_FILE = "key"
_KEY_BYTES = 32
_OWN = "own"
_SUFFIX = ".json"
_LARGEST_BYTES = 512 * 1024
_LEFTOVER_S = 3600.0
_WRITES_A_PRUNING = 256
_POLL_S = 0.05
_NO_LOCK = -1  # where none is to be had, two processes may both pay


class Entry(BaseModel):
    """An answer's text and where it came from; what it says is checked anew by whoever reads it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    text: str = Field(max_length=LONGEST_TEXT)
    model: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$")
    boundary: str = Field(pattern=r"^[0-9a-f]{16,64}$")
    parameters: dict[str, Any]
    request_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$")


class _Sealed(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    seal: str
    entry: str


class Bounds(NamedTuple):
    """How much a cache keeps, and how long."""

    bytes: int = 256 * 1024 * 1024
    age_s: float = 30 * 24 * 3600.0


class Place(NamedTuple):
    """Where one answer belongs: whose it is and what it answers, neither to be read from it."""

    owner: str
    name: str


class AnswerCache:
    """One cache folder, which any number of processes may share.

    File names are keyed hashes, so that nobody can tell or guess from them whose story was asked about. Answers of
    different users lie in different folders: nobody learns what another has asked, and one can be erased alone.

    Args:
        folder: Made where it is missing; everything is kept in a folder of its own in it that nobody else can enter.
        bounds: What is pruned.

    Raises:
        Misconfigured: The folder can't be used.
    """

    def __init__(self, folder: Path, bounds: Bounds = Bounds()) -> None:  # noqa: B008 - a constant
        self._folder = folder / _FOLDER
        self._bounds = bounds
        self._writes = 0
        if self._folder.is_symlink():
            raise Misconfigured("the cache folder can't be used (a link leads elsewhere)", slug="bad-cache")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            self._key = _load_key(self._folder)
        except OSError as error:
            raise Misconfigured(f"the cache folder can't be used ({error.strerror})", slug="bad-cache") from None
        self.prune()

    def place(self, owner: str | None, content: str) -> Place:
        """Return where the answer to something belongs."""
        return Place(self._owner(owner), self._hash("answer", content))

    async def read(self, place: Place) -> Entry | None:
        """Return an answer; None where there is none, or only something that this cache did not write."""
        return await asyncio.to_thread(self._read, place)

    async def write(self, place: Place, entry: Entry) -> None:
        """Keep an answer; where that fails it is merely not kept."""
        await asyncio.to_thread(self._write, place, entry)

    async def drop(self, place: Place) -> None:
        """Forget an answer that turned out to be of no use."""
        await asyncio.to_thread(self._path(place).unlink, missing_ok=True)

    @asynccontextmanager
    async def alone(self, place: Place, longest_s: float) -> AsyncGenerator[None]:
        """Wait while another process asks the same, so that both pay once; after so long, go on all the same."""
        path = self._path(place).with_suffix(".lock")
        lock = _take_lock(path)
        end = time.monotonic() + longest_s
        while lock is None and time.monotonic() < end:
            await asyncio.sleep(_POLL_S)
            lock = _take_lock(path)
        try:
            yield
        finally:
            if lock is not None and lock != _NO_LOCK:
                with suppress(OSError):
                    path.unlink()
                os.close(lock)

    def erase(self, owner: str | None = None) -> int:
        """Remove all answers of a user, or of those who have no user; return how many there were."""
        return sum(self._remove(path) for path in list((self._folder / self._owner(owner)).glob(f"*{_SUFFIX}")))

    def prune(self) -> None:
        """Remove what is too old, then the oldest until the rest fits, and what interrupted writes left behind."""
        now = time.time()
        kept: list[tuple[float, int, Path]] = []
        for path in self._folder.glob("*/*"):
            with suppress(OSError):
                facts = path.stat(follow_symlinks=False)
                is_answer = path.suffix == _SUFFIX
                if now - facts.st_mtime > (self._bounds.age_s if is_answer else _LEFTOVER_S):
                    self._remove(path)
                elif is_answer:
                    kept.append((facts.st_mtime, facts.st_size, path))
        total = sum(size for _, size, _ in kept)
        for _, size, path in sorted(kept):
            if total <= self._bounds.bytes:
                return
            total -= size * self._remove(path)

    @staticmethod
    def _remove(path: Path) -> bool:
        try:
            path.unlink()
        except OSError:
            return False
        return True

    def _owner(self, owner: str | None) -> str:
        return _OWN if owner is None else self._hash("owner", owner)[:32]

    def _hash(self, *parts: str) -> str:
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.digest(self._key, text.encode(), "sha256").hex()

    def _path(self, place: Place) -> Path:
        return self._folder / place.owner / f"{place.name}{_SUFFIX}"

    def _read(self, place: Place) -> Entry | None:
        path = self._path(place)
        try:
            facts = path.stat(follow_symlinks=False)
            if facts.st_size > _LARGEST_BYTES or time.time() - facts.st_mtime > self._bounds.age_s:
                return None
            sealed = _Sealed.model_validate_json(path.read_bytes())
            if not hmac.compare_digest(sealed.seal, self._hash("seal", *place, sealed.entry)):
                return None
            return Entry.model_validate_json(sealed.entry)
        except (OSError, ValidationError, TypeError):
            return None

    def _write(self, place: Place, entry: Entry) -> None:
        path = self._path(place)
        content = entry.model_dump_json()
        sealed = _Sealed(seal=self._hash("seal", *place, content), entry=content)
        new = path.with_name(f"{secrets.token_hex(16)}.new")
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, exist_ok=True)
            try:
                new.write_bytes(sealed.model_dump_json().encode())
                new.chmod(0o600)
                new.replace(path)
            finally:
                new.unlink(missing_ok=True)
        self._writes += 1
        if self._writes % _WRITES_A_PRUNING == 0:
            self.prune()


def open_cache(folder: Path, settings: Settings) -> AnswerCache:
    """Open a folder of answers, with the settings' bounds.

    Raises:
        Misconfigured: The folder can't be used.
    """
    return AnswerCache(folder, Bounds(settings.cache_max_bytes, settings.cache_max_age_days * 24 * 3600.0))


def _load_key(folder: Path) -> bytes:
    """Return the folder's key; the first process to come draws it."""
    path = folder / _KEY_FILE
    for _ in range(2):
        with suppress(FileNotFoundError):
            key = path.read_bytes()
            if len(key) == _KEY_BYTES:
                return key
            path.unlink()  # cut short; what it sealed is not believed any more
        new = path.with_name(f"{secrets.token_hex(16)}.new")
        try:
            new.touch(mode=0o600)
            new.write_bytes(secrets.token_bytes(_KEY_BYTES))
            with suppress(FileExistsError):
                os.link(new, path)
        finally:
            new.unlink(missing_ok=True)
    return path.read_bytes()


def _take_lock(path: Path) -> int | None:
    """Return a lock that ends with its process; None while another holds it."""
    if fcntl is None:
        return _NO_LOCK
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return _NO_LOCK
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = os.fstat(lock).st_ino == path.stat().st_ino
    except (BlockingIOError, FileNotFoundError):
        is_ours = False
    except OSError:
        os.close(lock)
        return _NO_LOCK
    if is_ours:
        return lock
    os.close(lock)
    return None
