"""The failure tree: one family for each party who must act.

CoachError
├── InvalidInput        the caller must send something else
│   └── UnreadableStory   … a story file, with path and line
├── Unauthenticated     the caller must show a valid key
├── Forbidden           the caller's key does not allow this
├── NotFound            there is no such thing for this user
├── Conflict            the caller's picture of the state is old
├── LimitExceeded       the caller must wait or send less
├── ModelUnavailable    nobody: try again later
├── ModelMisbehaved     the model's provider: its answer can't be used
├── StoreUnavailable    the operator: the database does not answer
└── Misconfigured       the operator: a setting, rubric, prompt or key is wrong

An error carries a slug, a title and a detail. It never carries an HTTP status or an exit code: the doors map families
to those. A detail never holds story text, a key or a model's reply.
"""

from typing import ClassVar


class CoachError(Exception):
    """A failure that a caller can be told about.

    Args:
        detail: One sentence for the caller; no story text, no key, no model reply.
        slug: A stable kebab-case name of the failure, when it is narrower than the family's own.
        retry_after_s: Seconds after which a new try makes sense, where that is known.
    """

    slug: str = "failure"
    title: ClassVar[str] = "The request failed"
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str, *, slug: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_s = retry_after_s
        if slug is not None:
            self.slug = slug


class InvalidInput(CoachError):  # noqa: N818 - families are named for what happened
    """The caller sent something that can't be used."""

    slug = "invalid-input"
    title = "The input can't be used"


class UnreadableStory(InvalidInput):
    """A story file can't be read as a story.

    Args:
        path: The file, as the caller named it.
        line: The 1-based line in the file, or None when no line is to blame.
        reason: One clause without story text.
    """

    slug = "unreadable-story"
    title = "The story file can't be read"

    def __init__(self, path: str, reason: str, *, line: int | None = None) -> None:
        place = path if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


class Unauthenticated(CoachError):  # noqa: N818
    """No valid key came with the request."""

    slug = "unauthenticated"
    title = "A valid API key is needed"


class Forbidden(CoachError):  # noqa: N818
    """The key is valid and does not allow this."""

    slug = "forbidden"
    title = "The key does not allow this"


class NotFound(CoachError):  # noqa: N818
    """There is no such thing for this user."""

    slug = "not-found"
    title = "Not found"


class Conflict(CoachError):  # noqa: N818
    """The caller's picture of the state is old, or the same thing is under way."""

    slug = "conflict"
    title = "The state has changed"


class LimitExceeded(CoachError):  # noqa: N818
    """A limit of size, rate or budget is reached."""

    slug = "limit-exceeded"
    title = "A limit is reached"
    retryable = True


class ModelUnavailable(CoachError):  # noqa: N818
    """The model gave no answer: it may on another try."""

    slug = "model-unavailable"
    title = "The model is not available"
    retryable = True


class ModelMisbehaved(CoachError):  # noqa: N818
    """The model answered, and the answer can't be used."""

    slug = "model-misbehaved"
    title = "The model's answer can't be used"


class StoreUnavailable(CoachError):  # noqa: N818
    """The database does not answer, is full or is locked."""

    slug = "store-unavailable"
    title = "The database is not available"
    retryable = True


class Misconfigured(CoachError):  # noqa: N818
    """The operator must change a setting, a rubric, a prompt or a key."""

    slug = "misconfigured"
    title = "The service is not set up correctly"
