"""Read what a model answered: a chat completion, and the findings inside it."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.documents import DocumentError, load_json
from app.domain import GapCode
from app.judge.failures import Fault, Kind
from app.judge.schema import Names
from app.judge.translate import classify_status

_MOST_TOKENS = 10**9
_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_FENCED = re.compile(r"\s*```(?:json)?[ \t]*\n(.*?)\n?[ \t]*```\s*", re.DOTALL | re.IGNORECASE)
_NO = re.compile(
    r"\W*(i'?m (really |very )?sorry|i am (sorry|unable|not able)|sorry|i (can'?t|cannot|won'?t|will not|must decline)"
    r"|i'?m (unable|not able)|as an? (ai|language model)|unfortunately)\b",
    re.IGNORECASE,
)


class Tokens(NamedTuple):
    """What one reply says it cost; `cached` is a part of `input`."""

    input: int
    output: int
    cached: int = 0


class Completion(NamedTuple):
    """A reply in the form of a chat completion, its content not looked into yet.

    Attributes:
        model: The model as reported; None when the reply names none in a plausible form.
        tokens: None when the reply gives no plausible numbers.
        choice: The first choice.
        request_id: What the provider can look the request up by; None when the reply gives none in a plausible form.
    """

    model: str | None
    tokens: Tokens | None
    choice: Mapping[str, Any]
    request_id: str | None = None

    def take_content(self) -> str:
        """Return the answer's text.

        Raises:
            Fault: The answer is cut, filtered, refused, empty or not text.
        """
        message = _as_dict(self.choice.get("message"))
        match self.choice.get("finish_reason"):
            case "length":
                raise Fault(Kind.TRUNCATED)
            case "content_filter":
                raise Fault(Kind.CONTENT_FILTERED)
            case "stop":
                pass
            case _:
                raise Fault(Kind.BAD_RESPONSE)
        if message.get("refusal"):
            raise Fault(Kind.REFUSED)
        content = message.get("content")
        if not isinstance(content, str) or not content.strip() or message.get("tool_calls"):
            raise Fault(Kind.BAD_RESPONSE)
        return content


def read_completion(body: bytes, headers: Mapping[str, str]) -> Completion:
    """Return the chat completion of a reply that came with status 200.

    Raises:
        Fault: The body is something else, such as a page, half a reply or an error.
    """
    try:
        envelope = _Envelope.model_validate_json(body)
    except ValidationError:
        raise Fault(Kind.BAD_RESPONSE) from None
    if envelope.error:
        raise _classify_inner(envelope.error, headers)
    choice = _as_dict(next(iter(_as_list(envelope.choices)), None))
    if not isinstance(choice.get("message"), dict):
        raise Fault(Kind.BAD_RESPONSE)
    model = envelope.model if isinstance(envelope.model, str) and _MODEL_NAME.fullmatch(envelope.model) else None
    return Completion(model, _read_tokens(envelope.usage), choice, _read_request_id(envelope.id, headers))


class _Envelope(BaseModel):
    """The outside of a chat completion; what is inside is looked at piece by piece."""

    model_config = ConfigDict(extra="ignore")

    id: Any = None
    choices: Any = None
    error: Any = None
    model: Any = None
    usage: Any = None


def _classify_inner(error: object, headers: Mapping[str, str]) -> Fault:
    code = str(_as_dict(error).get("code", ""))
    if code.isascii() and code.isdigit() and 400 <= int(code[:4]) < 600:  # noqa: PLR2004 - the error classes
        return classify_status(int(code[:4]), error, headers)
    fault = classify_status(400, error, headers)
    return Fault(Kind.BAD_RESPONSE) if fault.kind is Kind.BAD_REQUEST else fault


def _read_tokens(usage: object) -> Tokens | None:
    counts = [_as_dict(usage).get(name) for name in ("prompt_tokens", "completion_tokens")]
    if not all(type(count) is int and 0 <= count <= _MOST_TOKENS for count in counts):
        return None
    read, written = cast("list[int]", counts)
    cached = _as_dict(_as_dict(usage).get("prompt_tokens_details")).get("cached_tokens")
    return Tokens(read, written, cached if type(cached) is int and 0 <= cached <= read else 0)


def _read_request_id(body_id: object, headers: Mapping[str, str]) -> str | None:
    given = (headers.get("x-request-id"), body_id)
    return next((text for text in given if isinstance(text, str) and _REQUEST_ID.fullmatch(text)), None)


def _as_list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _as_dict(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


class _Strict(BaseModel):
    """Exact types, no field too many; the bounds are generous, since not every endpoint enforces the schema's."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


_Quote = Annotated[str, Field(max_length=2_000)]
_Reason = Annotated[str, Field(max_length=2_000)]


class SignalClaim(_Strict):
    """A signal that the model says it saw."""

    quote: _Quote
    reason: _Reason
    principle: str
    signal: str


class GapClaim(_Strict):
    """A gap that the model says it saw."""

    quote: _Quote
    reason: _Reason
    code: GapCode


class Claims(_Strict):
    """A model's answer before its quotes are looked for in the story."""

    signals: Annotated[list[SignalClaim], Field(max_length=64)]
    gaps: Annotated[list[GapClaim], Field(max_length=64)]


def read_claims(content: str, names: Names) -> Claims:
    """Return the claims in an answer's text; a code fence or byte order mark around it is taken off, nothing else.

    Raises:
        Fault: The text refuses, is not exactly one JSON object of the form asked for, or names what is not in the
            rubric.
    """
    text = content.removeprefix("\ufeff")
    fenced = _FENCED.fullmatch(text)
    text = fenced[1] if fenced else text
    if "{" not in text and _NO.match(text.replace("’", "'")):
        raise Fault(Kind.REFUSED)
    try:
        load_json(text)  # refuses what pydantic would let through: keys given twice, numbers that are none
        claims = Claims.model_validate_json(text)
    except (DocumentError, ValidationError):
        raise Fault(Kind.INVALID_OUTPUT) from None
    known = all(claim.principle in names.principles and claim.signal in names.signals for claim in claims.signals)
    if not known:
        raise Fault(Kind.INVALID_OUTPUT)
    return claims
