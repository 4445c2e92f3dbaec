"""What a service's refusal means here: the same failure as if the story had been assessed on this machine."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import (
    CoachError,
    Conflict,
    Forbidden,
    InvalidInput,
    LimitExceeded,
    Misconfigured,
    ModelMisbehaved,
    ModelUnavailable,
    NotFound,
    Unauthenticated,
)
from app.judge.failures import MEANINGS, Kind

MEDIA_TYPE = "application/problem+json"
_MOST_CHARS = 500
_TYPE = re.compile(r"/problems/([a-z0-9-]{1,64})$")
_PASSING = frozenset({408, 425, 429, 502, 503, 504})
_REDIRECTS = range(300, 400)
_SERVER_ERRORS = range(500, 600)

_MEANINGS = {kind.value: meaning for kind, meaning in MEANINGS.items()}
_OF_THE_MODEL = frozenset(kind.value for kind in Kind if MEANINGS[kind].family is ModelUnavailable)
_FINAL = frozenset({Kind.OVER_BUDGET.value, Kind.PROVIDER_QUOTA.value, Kind.TOO_LONG.value})

_FAMILIES: Mapping[str, type[CoachError]] = {
    "unauthenticated": Unauthenticated,
    "forbidden": Forbidden,
    "not-found": NotFound,
    "method-not-allowed": Misconfigured,
    "conflict": Conflict,
    "in-progress": ModelUnavailable,
    "slow-request": ModelUnavailable,
    "body-too-large": InvalidInput,
    "headers-too-large": Misconfigured,
    "malformed-body": InvalidInput,
    "malformed-request": InvalidInput,
    "invalid-input": InvalidInput,
    "unreadable-story": InvalidInput,
    "unsupported-media-type": Misconfigured,
    "key-reused": InvalidInput,
    "no-model": Misconfigured,
    "too-long": LimitExceeded,
    "limit-exceeded": LimitExceeded,
    "provider-quota": LimitExceeded,
    "overloaded": LimitExceeded,
    "misconfigured": Misconfigured,
    "internal": ModelUnavailable,
    "model-misbehaved": ModelMisbehaved,
    "model-unavailable": ModelUnavailable,
    "store-unavailable": ModelUnavailable,
    "not-ready": ModelUnavailable,
    "precondition-failed": Conflict,
    "precondition-required": InvalidInput,
}
"""The family that a problem's type has here; a service that is down for one story may be up for the next."""


class Refusal(NamedTuple):
    """A reply that is no success.

    Attributes:
        error: What it means to whoever asked.
        may_pass: The same request may succeed later.
        tries: So many requests may end like this before it stands; None for as many as there is time for.
    """

    error: CoachError
    may_pass: bool
    tries: int | None = None


class _Problem(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    type: str = Field(max_length=200)
    detail: str = Field(max_length=5_000)
    code: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)
    retryable: bool


def read_refusal(status: int, media_type: str, body: bytes, *, retry_after_s: float | None) -> Refusal:
    """Return what a reply without success means.

    Args:
        status: Its HTTP status.
        media_type: Its Content-Type.
        body: Its body.
        retry_after_s: How long it asks to wait.
    """
    problem = _read_problem(body) if media_type.partition(";")[0].strip().lower() == MEDIA_TYPE else None
    found = _TYPE.search(problem.type) if problem is not None else None
    if problem is None or found is None:
        return _judge_by_status(status, retry_after_s)
    family = _FAMILIES.get(found[1], ModelUnavailable if problem.retryable else ModelMisbehaved)
    error = family(_tell(problem, family), slug=_name(found[1], problem.code), retry_after_s=retry_after_s)
    may_pass, tries = problem.retryable, None
    if problem.code in _FINAL:
        may_pass = False
    elif problem.code in _OF_THE_MODEL and retry_after_s is None:
        tries = 2  # the service has tried often enough before it said so
    return Refusal(error, may_pass, tries)


def _read_problem(body: bytes) -> _Problem | None:
    try:
        return _Problem.model_validate_json(body)
    except ValidationError:
        return None


def _name(slug: str, code: str) -> str:
    return "internal-error" if slug == "internal" else code


def _tell(problem: _Problem, family: type[CoachError]) -> str:
    """Return the detail in the words that are used here; what a service makes up is cut and cleaned."""
    meaning = _MEANINGS.get(problem.code)
    if meaning is not None and meaning.family is family:
        return meaning.detail
    clean = "".join(char if char.isprintable() else " " for char in problem.detail)
    text = " ".join(clean.split())[:_MOST_CHARS].rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _judge_by_status(status: int, retry_after_s: float | None) -> Refusal:
    """Return what a reply means that is not in this service's form, such as a gateway's page."""
    error: CoachError = bad_reply()
    if status in _BY_STATUS:
        error = _BY_STATUS[status]()
    elif status in _REDIRECTS:
        error = Misconfigured("the service points elsewhere; redirects are never followed", slug="redirected")
    elif status in _SERVER_ERRORS or status in _PASSING:
        error = ModelUnavailable(
            f"the service is not available (status {status})", slug="service-unavailable", retry_after_s=retry_after_s
        )
    return Refusal(error, may_pass=status in _PASSING)


def _no_service() -> CoachError:
    return Misconfigured("there is no such service at the address of --server", slug="no-service")


_BY_STATUS: Mapping[int, Callable[[], CoachError]] = {
    401: lambda: Unauthenticated("the service refuses the key"),
    403: lambda: Forbidden("the service refuses the request with this key"),
    404: _no_service,
    405: _no_service,
}


def bad_reply() -> ModelMisbehaved:
    """Return the failure of a reply that is not what was asked for."""
    return ModelMisbehaved("the service's reply is not an assessment of this story", slug="bad-reply")
