"""Questions on their way into files for a provider's batch, none larger than the provider takes."""

import secrets
import tempfile
import time
from typing import BinaryIO, NamedTuple

from app.domain import Charge
from app.judge.batch_ledger import Spoken, Submission
from app.judge.dialect import Dialect


class FileLimits(NamedTuple):
    """What a provider takes in one file."""

    requests: int = 50_000
    bytes: int = 200 * 1000 * 1000


class Draft(NamedTuple):
    """A file that is ready to go; it has no name on this machine and ends with the process."""

    content: BinaryIO
    submission: Submission


class Drafts:
    """The files of one round.

    Args:
        limits: Where a file ends and the next one begins.
    """

    def __init__(self, limits: FileLimits) -> None:
        self._limits = limits
        self._drafts: list[Draft] = []
        self._names: set[str] = set()
        self._size = 0
        self.most = Charge(0, 0)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    @property
    def count(self) -> int:
        """How many questions there are."""
        return len(self._names)

    def add(self, name: str, custom_id: str, line: bytes, most: Charge, dialect: Dialect) -> None:
        """Add a question.

        Args:
            name: The question's.
            custom_id: What the provider knows it by.
            line: The request.
            most: The most that it can take.
            dialect: What it is written in; all of a round are written in the same.
        """
        if self._is_full(len(line)):
            content: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
            submission = Submission(
                id=secrets.token_hex(16), created_at=int(time.time()), dialect=Spoken.of(dialect), questions={}
            )
            self._drafts.append(Draft(content, submission))
            self._size = 0
        content, submission = self._drafts[-1]
        content.write(line)
        self._size += len(line)
        submission.questions[custom_id] = (most.tokens, most.nanousd)
        self._names.add(name)
        self.most = Charge(self.most.tokens + most.tokens, (self.most.nanousd or 0) + (most.nanousd or 0))

    def take(self) -> list[Draft]:
        """Return all files, and begin anew."""
        drafts, self._drafts = self._drafts, []
        self._names.clear()
        self.most = Charge(0, 0)
        return drafts

    def _is_full(self, more: int) -> bool:
        if not self._drafts:
            return True
        return (
            len(self._drafts[-1].submission.questions) >= self._limits.requests
            or self._size + more > self._limits.bytes
        )
