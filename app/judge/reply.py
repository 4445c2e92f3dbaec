"""Read the chat completion that an answer comes in."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from app.judge.failures import Fault, Kind
from app.judge.translate import classify_status

_MOST_TOKENS = 10**9
_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


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
