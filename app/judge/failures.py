"""The closed list of ways in which a model call fails."""

from enum import StrEnum
from typing import NamedTuple

from app.errors import CoachError, LimitExceeded, Misconfigured, ModelMisbehaved, ModelUnavailable


class Kind(StrEnum):
    """A kind of failure; its value is the slug that callers see."""

    RATE_LIMITED = "rate-limited"
    PROVIDER_QUOTA = "provider-quota"
    PROVIDER_UNAVAILABLE = "provider-unavailable"
    UNREACHABLE = "unreachable"
    CONNECTION_LOST = "connection-lost"
    TIMEOUT = "timeout"
    OVERLOADED = "overloaded"
    OVER_BUDGET = "over-budget"
    BAD_REQUEST = "bad-request"
    UNKNOWN_MODEL = "unknown-model"
    KEY_REFUSED = "key-refused"
    REDIRECTED = "redirected"
    TLS_FAILED = "tls-failed"
    ADDRESS_REFUSED = "address-refused"
    CLIENT_MISUSED = "client-misused"
    TOO_LONG = "too-long"
    BAD_RESPONSE = "bad-response"
    REPLY_TOO_LARGE = "reply-too-large"
    TRUNCATED = "truncated"
    CONTENT_FILTERED = "content-filtered"
    REFUSED = "refused"
    INVALID_OUTPUT = "invalid-output"


class Meaning(NamedTuple):
    """What a kind means to whoever must act.

    Attributes:
        family: The error that callers get.
        detail: One sentence without story text, key or reply.
        tries: Requests that may end in this kind before it stands; None for as many as the settings allow.
    """

    family: type[CoachError]
    detail: str
    tries: int | None = 1


MEANINGS: dict[Kind, Meaning] = {
    Kind.RATE_LIMITED: Meaning(ModelUnavailable, "the model's endpoint limits the rate of requests", None),
    Kind.PROVIDER_QUOTA: Meaning(LimitExceeded, "the quota or credit at the model's provider is used up"),
    Kind.PROVIDER_UNAVAILABLE: Meaning(ModelUnavailable, "the model's endpoint reports an error of its own", None),
    Kind.UNREACHABLE: Meaning(ModelUnavailable, "the model's endpoint can't be reached", None),
    Kind.CONNECTION_LOST: Meaning(ModelUnavailable, "the connection to the model's endpoint broke", None),
    Kind.TIMEOUT: Meaning(ModelUnavailable, "the model did not answer in time", None),
    Kind.OVERLOADED: Meaning(LimitExceeded, "too many model calls are waiting already"),
    Kind.OVER_BUDGET: Meaning(LimitExceeded, "the budget for model calls is used up"),
    Kind.BAD_REQUEST: Meaning(Misconfigured, "the model's endpoint refuses the form of the request"),
    Kind.UNKNOWN_MODEL: Meaning(Misconfigured, "the model's endpoint does not know the model or the path"),
    Kind.KEY_REFUSED: Meaning(Misconfigured, "the model's endpoint refuses the key or the account"),
    Kind.REDIRECTED: Meaning(Misconfigured, "the model's endpoint points elsewhere; redirects are never followed"),
    Kind.TLS_FAILED: Meaning(Misconfigured, "no secure connection to the model's endpoint can be made"),
    Kind.ADDRESS_REFUSED: Meaning(Misconfigured, "the base URL leads to an address that is never called"),
    Kind.CLIENT_MISUSED: Meaning(Misconfigured, "the model client can't work with its settings"),
    Kind.TOO_LONG: Meaning(LimitExceeded, "the story is too long for the model"),
    Kind.BAD_RESPONSE: Meaning(ModelMisbehaved, "the endpoint's reply is not a chat completion", 2),
    Kind.REPLY_TOO_LARGE: Meaning(ModelMisbehaved, "the endpoint's reply is larger than allowed"),
    Kind.TRUNCATED: Meaning(
        ModelMisbehaved, "the model reached its output limit before the end; COACH_MAX_OUTPUT_TOKENS sets the limit", 2
    ),
    Kind.CONTENT_FILTERED: Meaning(ModelMisbehaved, "the provider's content filter held the answer back"),
    Kind.REFUSED: Meaning(ModelMisbehaved, "the model refused to answer"),
    Kind.INVALID_OUTPUT: Meaning(ModelMisbehaved, "the model's answer does not have the form that was asked for", 2),
}


class Fault(Exception):  # noqa: N818 - families of errors.py are what callers see; this never leaves the judge
    """One failed request, as the judge sees it; holds no text of the request or the reply.

    Args:
        kind: What happened.
        status: The HTTP status, where there was one.
        retry_after_s: The shortest wait that the endpoint asked for.
        final: Another try is pointless although the kind would allow it.
    """

    def __init__(
        self, kind: Kind, *, status: int | None = None, retry_after_s: float | None = None, final: bool = False
    ) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.status = status
        self.retry_after_s = retry_after_s
        self.final = final

    def as_error(self) -> CoachError:
        """Return the error that callers get, with the kind as its slug."""
        meaning = MEANINGS[self.kind]
        return meaning.family(meaning.detail, slug=self.kind.value, retry_after_s=self.retry_after_s)


class RefusedParameter(Fault):
    """The endpoint does not take one of the optional parameters.

    Args:
        name: The parameter as it was sent.
        status: The HTTP status.
    """

    def __init__(self, name: str, *, status: int | None) -> None:
        super().__init__(Kind.BAD_REQUEST, status=status)
        self.name = name
