"""The lines of the files that go to a provider's batch and come back from it."""

import base64
import binascii
import json
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.judge.cache import LONGEST_TEXT
from app.judge.failures import Fault, Kind
from app.judge.reply import Tokens, read_completion
from app.judge.translate import classify_status

URL = "/v1/chat/completions"
_NAME_CHARS = 43  # 32 bytes
_OK = 200
_PARAMETERS = ("response_format", "max_completion_tokens", "max_tokens", "temperature", "seed")


class Question(NamedTuple):
    """Which question it is, and the boundary in its prompt.

    Attributes:
        name: 64 hexadecimal digits: a keyed hash, the name of the answer in the cache.
        boundary: Hexadecimal digits.
    """

    name: str
    boundary: str

    @property
    def custom_id(self) -> str:
        """Both as a provider keeps them: 54 characters that tell nobody anything."""
        return _pack(self.name) + _pack(self.boundary)


def read_custom_id(text: str) -> Question | None:
    """Return which question a custom id stands for; None where it is none of ours."""
    name, boundary = _unpack(text[:_NAME_CHARS]), _unpack(text[_NAME_CHARS:])
    return Question(name, boundary) if name and boundary and len(text) > _NAME_CHARS else None


def write_line(custom_id: str, body: dict[str, Any]) -> bytes:
    """Return one request as a line of the file."""
    line = {"custom_id": custom_id, "method": "POST", "url": URL, "body": body}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class Result(NamedTuple):
    """What came back for one question: a text or a fault, and what it took.

    Attributes:
        model: As reported; None when the reply names none in a plausible form.
        tokens: None when nothing was taken, or nothing plausible is told.
        is_free: It was refused before it cost anything.
    """

    custom_id: str
    text: str | None = None
    fault: Fault | None = None
    model: str | None = None
    tokens: Tokens | None = None
    request_id: str | None = None
    is_free: bool = False


class _Response(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    status_code: int
    request_id: str | None = Field(default=None, max_length=200)
    body: Any = None


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    custom_id: str = Field(max_length=200)
    response: _Response | None = None
    error: Any = None


def read_line(line: bytes) -> Result | None:
    """Return what a line of an output or error file says; None where it is not about a question."""
    try:
        told = _Line.model_validate_json(line)
    except ValidationError:
        return None
    response = told.response
    if response is None:
        return Result(told.custom_id, fault=_read_error(told.error), is_free=True)
    headers = {"x-request-id": response.request_id} if response.request_id else {}
    if response.status_code != _OK:
        fault = classify_status(response.status_code, _inner(response.body), {}, sent=_PARAMETERS)
        return Result(told.custom_id, fault=fault, is_free=True)
    try:
        completion = read_completion(json.dumps(response.body).encode(), headers)
    except Fault as fault:
        return Result(told.custom_id, fault=fault)
    text = fault = None
    try:
        text = completion.take_content()
        if len(text) > LONGEST_TEXT:
            text, fault = None, Fault(Kind.REPLY_TOO_LARGE)
    except Fault as caught:
        fault = caught
    return Result(told.custom_id, text, fault, completion.model, completion.tokens, completion.request_id)


def _inner(body: Any) -> Any:
    """Return an error without its envelope, as the SDK gives those of single calls."""
    return body.get("error", body) if isinstance(body, dict) else body  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]


def _read_error(error: object) -> Fault:
    """Return what it means that a question was not carried out."""
    code = str(error.get("code", "")) if isinstance(error, dict) else ""  # pyright: ignore[reportUnknownArgumentType,reportUnknownMemberType]
    return Fault(Kind.TIMEOUT if code == "batch_expired" else Kind.PROVIDER_UNAVAILABLE, final=True)


def _pack(digits: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(digits)).rstrip(b"=").decode()


def _unpack(text: str) -> str | None:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()
    except (binascii.Error, ValueError):
        return None
