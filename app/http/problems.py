"""Turn every failure into an RFC 9457 problem."""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from pydantic import Field
from starlette.responses import Response

from app.domain import Value
from app.errors import CoachError, Misconfigured, StoreUnavailable

MEDIA_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """What a problem type stands for; its slug is the last step of the type's address.

    Attributes:
        status: The HTTP status it is answered with.
        title: The same words for every occurrence.
        meaning: What happened and what to do, for the page behind the type's address.
        retryable: Whether the same request may succeed later.
    """

    status: int
    title: str
    meaning: str
    retryable: bool = False


KINDS: Mapping[str, Kind] = {
    "malformed-body": Kind(
        400,
        "The body can't be read",
        "The body is not what its Content-Type says: not UTF-8, not JSON, a key given twice, NaN or Infinity, or "
        "nested too deeply. Send one JSON object in UTF-8.",
    ),
    "malformed-request": Kind(400, "The request can't be read", "The bytes received are not an HTTP/1.1 request."),
    "unauthenticated": Kind(
        401,
        "A valid API key is needed",
        "Send the header `Authorization: Bearer <key>` with a key that exists, has not expired and was not revoked.",
    ),
    "forbidden": Kind(
        403, "The key does not allow this", "The key is valid and lacks the scope that this operation needs."
    ),
    "not-found": Kind(404, "Not found", "There is no such thing here for the user of this key."),
    "method-not-allowed": Kind(
        405, "The method is not allowed here", "The header Allow of the answer lists the methods that are."
    ),
    "slow-request": Kind(
        408, "The request took too long to arrive", "Send the whole body faster, or on a new try.", retryable=True
    ),
    "conflict": Kind(409, "The state has changed", "Read the current state, then decide again."),
    "in-progress": Kind(
        409,
        "The same request is under way",
        "A request with this Idempotency-Key is being worked on. Send it again a little later to get its answer.",
        retryable=True,
    ),
    "precondition-failed": Kind(
        412,
        "The story has changed",
        "The If-Match header names an older state than the stored one. Read the story again and use its new ETag.",
    ),
    "body-too-large": Kind(413, "The body is too large", "Send a shorter body; one story goes into one request."),
    "unsupported-media-type": Kind(
        415, "The Content-Type is not supported", "The header Accept of the answer lists the types that are."
    ),
    "invalid-input": Kind(
        422, "The input can't be used", "The list `errors`, where given, names each place and what is expected there."
    ),
    "unreadable-story": Kind(
        422, "The story file can't be read", "The detail names the line of the file that was sent and the reason."
    ),
    "key-reused": Kind(
        422,
        "The Idempotency-Key stands for another request",
        "The same key came with another body, address or Content-Type before. Use a new key for a new request.",
    ),
    "no-model": Kind(
        422, "This service has no model", "Ask for the engine `rules` or `auto`, or have the operator set up a model."
    ),
    "too-long": Kind(422, "The story is too long for the model", "Send a shorter story, or use the rules engine."),
    "precondition-required": Kind(
        428,
        "An If-Match header is needed",
        "Send If-Match with the ETag of the story that the change is based on, so that no other change gets lost.",
    ),
    "limit-exceeded": Kind(
        429,
        "A limit is reached",
        "Wait as long as Retry-After says, where it is given, or send less.",
        retryable=True,
    ),
    "headers-too-large": Kind(431, "The headers are too large", "Send shorter headers or a shorter address."),
    "internal": Kind(500, "Something broke here", "The failure is logged under the X-Request-Id of the answer."),
    "misconfigured": Kind(
        500, "The service is not set up correctly", "The operator has to change a setting; the log says which."
    ),
    "model-misbehaved": Kind(
        502,
        "The model's answer can't be used",
        "The model's provider answered with something that can't be trusted. No score was made of it.",
    ),
    "model-unavailable": Kind(
        503,
        "The model is not available",
        "The model gave no answer in time. Try again later, or use the rules engine.",
        retryable=True,
    ),
    "provider-quota": Kind(
        503,
        "The model's provider has no credit left",
        "The quota or credit of this service at the model's provider is used up. The rules engine still works.",
    ),
    "store-unavailable": Kind(503, "The database is not available", "Try again in a moment.", retryable=True),
    "overloaded": Kind(
        503,
        "Too many assessments are under way",
        "This process works at its limit. Wait as long as Retry-After says.",
        retryable=True,
    ),
    "not-ready": Kind(
        503, "The service is not ready", "A check of /readyz failed; the detail names it.", retryable=True
    ),
}
_BY_STATUS = {
    400: "malformed-body",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "unsupported-media-type",
}
# What these say is for the operator: it may name a file, a host or a setting.
_PRIVATE = (Misconfigured, StoreUnavailable)


class FieldError(Value):
    """One place in the request that can't be used."""

    pointer: str | None = Field(
        default=None, description="JSON Pointer into the body, as a fragment.", examples=["#/text"]
    )
    parameter: str | None = Field(default=None, description="Name of a query parameter or header.", examples=["limit"])
    message: str = Field(description="What is expected there; never the value that was sent.")


class Problem(Value):
    """A failure as RFC 9457 describes it."""

    type: str = Field(description="A stable address that says more.", examples=["/problems/invalid-input"])
    title: str = Field(description="The same words for every problem of this type.")
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str = Field(description="What went wrong this time.")
    code: str = Field(description="The narrowest name of the failure.", examples=["bad-cursor"])
    retryable: bool = Field(description="Whether the same request may succeed later.")
    errors: tuple[FieldError, ...] | None = Field(default=None, description="Each place in the request, where known.")


class RequestProblem(CoachError):  # noqa: N818 - a problem of the HTTP door alone
    """A request that the HTTP door refuses before any use case runs.

    Args:
        slug: One of `KINDS`.
        detail: One sentence; the kind's meaning when None.
        errors: The places in the request, where known.
        headers: Headers that belong to the status, such as Allow.
    """

    def __init__(
        self,
        slug: str,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or KINDS[slug].meaning, slug=slug)
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def find_slug(error: CoachError) -> str:
    """Return the narrowest documented slug of a failure: its own, or its family's."""
    if error.slug in KINDS:
        return error.slug
    families = (family.slug for family in type(error).__mro__ if issubclass(family, CoachError))
    return next((slug for slug in families if slug in KINDS), "internal")


def is_private(error: CoachError) -> bool:
    """Tell whether a failure's detail is for the operator alone."""
    return isinstance(error, _PRIVATE)


def render_problem(error: CoachError) -> Response:
    """Return the answer for a failure."""
    slug = find_slug(error)
    kind = KINDS[slug]
    errors: tuple[FieldError, ...] = ()
    headers: dict[str, str] = {}
    if isinstance(error, RequestProblem):
        errors, headers = error.errors, error.headers
    if error.retry_after_s is not None:
        headers = {**headers, "Retry-After": str(max(0, math.ceil(error.retry_after_s)))}
    if kind.status == 401:  # noqa: PLR2004 - RFC 9110 ties the header to this status
        headers = {**headers, "WWW-Authenticate": 'Bearer realm="star-coach"'}
    problem = Problem(
        type=f"/problems/{slug}",
        title=kind.title,
        status=kind.status,
        detail=kind.meaning if is_private(error) else _as_sentence(error.detail),
        retryable=kind.retryable,
        code=error.slug,
        errors=errors or None,
    )
    body = problem.model_dump_json(exclude_none=True)
    return Response(body, status_code=kind.status, headers=headers, media_type=MEDIA_TYPE)


def _as_sentence(detail: str) -> str:
    return f"{detail[:1].upper()}{detail[1:].rstrip('.')}."


def name_status(status: int) -> str:
    """Return the slug that stands for a status that the framework chose."""
    return _BY_STATUS.get(status, "internal")
