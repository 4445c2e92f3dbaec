"""What has been asked through a provider's batches and is not over yet: one private file, written step by step."""

import os
import secrets
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain import Charge
from app.errors import Conflict, Misconfigured
from app.judge.dialect import Dialect, Form

try:
    import fcntl
except ImportError:
    fcntl = None

_FOLDER = "batches-v1"
_ID = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"
Id = Annotated[str, Field(pattern=_ID)]
CustomId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Spoken(_Strict):
    """A dialect, as the file keeps it."""

    form: Form
    cap: str | None
    temperature: bool
    seed: bool

    @classmethod
    def of(cls, dialect: Dialect) -> "Spoken":
        """Return what to keep of a dialect."""
        return cls(form=dialect.form, cap=dialect.cap, temperature=dialect.temperature, seed=dialect.seed)

    def dialect(self) -> Dialect:
        """Return the dialect."""
        return Dialect(self.form, self.cap, temperature=self.temperature, seed=self.seed)


class Submission(_Strict):
    """Questions that go to the provider in one file; each is known by a hash that tells nothing.

    Attributes:
        id: Our own; the provider's batch carries it, so that it is found again whatever happened.
        questions: From a question's custom id to the most that it can take: tokens, and billionths of a US dollar.
        file_id: The provider's, once the file is there.
        batch_id: The provider's, once it is at work.
        is_over: What came of it is noted.
    """

    id: Id
    created_at: int
    dialect: Spoken
    questions: dict[CustomId, tuple[int, int | None]]
    file_id: Id | None = None
    batch_id: Id | None = None
    is_over: bool = False

    @property
    def most(self) -> Charge:
        """The most that all questions can take."""
        return _sum(Charge(*most) for most in self.questions.values())


class Answered(_Strict):
    """What an answer took."""

    input: int
    output: int
    cached: int
    nanousd: int | None
    attempts: int

    @property
    def charge(self) -> Charge:
        """The same as a charge."""
        return Charge(self.input + self.output, self.nanousd)


class Failed(_Strict):
    """How often a question failed, and how it did last."""

    kinds: list[str]
    is_final: bool = False
    nanousd: int | None = 0
    tokens: int = 0


class _State(_Strict):
    dialect: Spoken | None = None
    submissions: list[Submission] = []
    answered: dict[str, Answered] = {}
    failed: dict[str, Failed] = {}


class Ledger:
    """The one file of an endpoint, a model and a cache folder; nobody else writes it while it is open.

    Args:
        path: The file; made where it is missing, in a folder that nobody else can enter.

    Raises:
        Misconfigured: The file can't be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state = _load(path)

    @property
    def submissions(self) -> list[Submission]:
        """All submissions of this run, those of a run that was killed included."""
        return self._state.submissions

    @property
    def answered(self) -> dict[str, Answered]:
        """What answers took, by the question's name."""
        return self._state.answered

    @property
    def failed(self) -> dict[str, Failed]:
        """What failed, by the question's name."""
        return self._state.failed

    @property
    def dialect(self) -> Dialect | None:
        """What the model has shown to understand; None as long as nothing is known."""
        return self._state.dialect.dialect() if self._state.dialect else None

    @dialect.setter
    def dialect(self, dialect: Dialect) -> None:
        self._state.dialect = Spoken.of(dialect)

    @property
    def charge(self) -> Charge:
        """What the run has taken, and the most that what is under way can take."""
        open_ones = (submission.most for submission in self.submissions if not submission.is_over)
        failures = (Charge(failed.tokens, failed.nanousd) for failed in self.failed.values())
        return _sum([*open_ones, *failures, *(answered.charge for answered in self.answered.values())])

    def save(self) -> None:
        """Write everything down, at once or not at all.

        Raises:
            Misconfigured: The file can't be written.
        """
        new = self._path.with_name(f"{secrets.token_hex(16)}.new")
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(self._state.model_dump_json().encode())
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(self._path)
        except OSError as error:
            raise _unusable(error) from None
        finally:
            with suppress(OSError):
                new.unlink()

    def close(self) -> None:
        """Forget everything: all of it is over and told."""
        self._state = _State()
        with suppress(OSError):
            self._path.unlink()


class Slot(NamedTuple):
    """Where a ledger lies."""

    folder: Path
    name: str


@contextmanager
def open_ledger(slot: Slot) -> Generator[Ledger]:
    """Open a ledger that no other process has open.

    Raises:
        Conflict: Another process has.
        Misconfigured: The file can't be used.
    """
    folder = slot.folder / _FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        descriptor = os.open(folder / f"{slot.name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(error) from None
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Ledger(folder / f"{slot.name}.json")
    except BlockingIOError:
        raise Conflict(
            "another run asks through the provider's batches with the same model and cache folder: wait for its end",
            slug="batch-in-progress",
        ) from None
    finally:
        os.close(descriptor)


def _load(path: Path) -> _State:
    try:
        return _State.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return _State()
    except OSError as error:
        raise _unusable(error) from None
    except ValidationError:
        raise Misconfigured(
            f"the file of batches under way can't be read; when they are over, remove it: {path.name} in {_FOLDER} of "
            "the cache folder",
            slug="bad-batch-file",
        ) from None


def _unusable(error: OSError) -> Misconfigured:
    reason = (error.strerror or "unknown").lower()
    return Misconfigured(f"the file of batches under way can't be used ({reason})", slug="bad-batch-file")


def _sum(charges: Iterable[Charge]) -> Charge:
    tokens = nanousd = 0
    for charge in charges:
        tokens += charge.tokens
        nanousd += charge.nanousd or 0
    return Charge(tokens, nanousd)
