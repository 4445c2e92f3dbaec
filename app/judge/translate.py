"""Every way in which the SDK reports a failure, turned into a fault of the closed list."""

import re
import ssl
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import httpx2
import openai

from app.judge.failures import Fault, Kind, RefusedParameter
from app.judge.patience import read_retry_after
from app.outbound import AddressRefused, ReplyTooLarge

_QUOTA = frozenset(
    {
        "billing_hard_limit_reached",
        "billing_not_active",
        "credit_balance_exhausted",
        "enforced_spend_limit_reached",
        "insufficient_quota",
    }
)
_FILTER = frozenset({"content_filter", "content_filtered", "content_policy_violation", "responsibleaipolicyviolation"})
_TOO_LONG = frozenset({"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"})
_TOO_LONG_WORDS = re.compile(
    r"maximum context|context (length|size|window)|prompt is too long|too many (input )?tokens|range of input length",
    re.IGNORECASE,
)
_WORDS_FOR = {
    "response_format": re.compile(
        r"response_?format|json_?schema|json_?object|structured.?output|\bgrammar\b|\bschema\b", re.IGNORECASE
    ),
    "temperature": re.compile(r"\btemperature\b", re.IGNORECASE),
    "seed": re.compile(r"\bseed\b", re.IGNORECASE),
    "max_completion_tokens": re.compile(r"\bmax_completion_tokens\b", re.IGNORECASE),
    "max_tokens": re.compile(r"\bmax_tokens\b", re.IGNORECASE),
}
_BY_STATUS = {
    401: Kind.KEY_REFUSED,
    402: Kind.KEY_REFUSED,
    403: Kind.KEY_REFUSED,
    404: Kind.UNKNOWN_MODEL,
    408: Kind.PROVIDER_UNAVAILABLE,
    409: Kind.PROVIDER_UNAVAILABLE,
    413: Kind.TOO_LONG,
    429: Kind.RATE_LIMITED,
}
_TEXT_LOOKED_AT = 2_000


@contextmanager
def translated(sent: Collection[str] = ()) -> Generator[None]:
    """Turn whatever the SDK or its transport raises into a `Fault`.

    Args:
        sent: Optional parameters of the request; a refusal of one of them is a `RefusedParameter`.

    Raises:
        Fault: The request failed.
    """
    try:
        yield
    except openai.APIStatusError as error:
        raise classify_status(error.status_code, error.body, error.response.headers, sent) from None
    except openai.APIConnectionError as error:
        raise Fault(_kind_of_connection(error)) from None
    except openai.OpenAIError as error:
        raise Fault(_kind_of_rest(error)) from None
    except ReplyTooLarge:
        raise Fault(Kind.REPLY_TOO_LARGE) from None
    except AddressRefused:
        raise Fault(Kind.ADDRESS_REFUSED) from None
    except TimeoutError:
        raise Fault(Kind.TIMEOUT) from None


def classify_status(status: int, body: object, headers: Mapping[str, str], sent: Collection[str] = ()) -> Fault:
    """Return the fault that an error reply stands for.

    Args:
        status: The HTTP status, or the code inside an error that came with status 200.
        body: The decoded error, as the SDK gives it.
        headers: The reply's headers.
        sent: Optional parameters of the request.
    """
    codes, text = _read_error(body)
    if codes & _QUOTA:
        return Fault(Kind.PROVIDER_QUOTA, status=status)
    if 300 <= status < 400:  # noqa: PLR2004 - the redirect class
        return Fault(Kind.REDIRECTED, status=status)
    if status in {400, 422}:
        return _classify_refusal(status, codes, text, body, sent)
    kind = _BY_STATUS.get(status, Kind.BAD_REQUEST if status < 500 else Kind.PROVIDER_UNAVAILABLE)  # noqa: PLR2004
    return Fault(
        kind,
        status=status,
        retry_after_s=read_retry_after(headers),
        final=headers.get("x-should-retry", "").lower() == "false",
    )


def _classify_refusal(status: int, codes: set[str], text: str, body: object, sent: Collection[str]) -> Fault:
    if codes & _TOO_LONG or _TOO_LONG_WORDS.search(text):
        return Fault(Kind.TOO_LONG, status=status)
    if codes & _FILTER:
        return Fault(Kind.CONTENT_FILTERED, status=status)
    named = _as_dict(body).get("param")
    for name in sent:
        if named == name or (isinstance(named, str) and named.split(".")[0] == name):
            return RefusedParameter(name, status=status)
    for name in sent:
        if _WORDS_FOR[name].search(text):
            return RefusedParameter(name, status=status)
    return Fault(Kind.BAD_REQUEST, status=status)


def _read_error(body: object) -> tuple[set[str], str]:
    """Return the machine-readable codes of an error, in lower case, and its words for people."""
    codes: set[str] = set()
    texts: list[str] = [body] if isinstance(body, str) else []
    waiting: list[object] = [body]
    while waiting and len(texts) < 50:  # noqa: PLR2004 - an error is small; a hostile one is cut
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(cast("list[object]", item)[:20])
            continue
        for key, value in _as_dict(item).items():
            if isinstance(value, str) and key in {"code", "type", "error_code"}:
                codes.add(value.lower())
            if isinstance(value, str) and key in {"message", "msg", "detail", "error", "code", "type"}:
                texts.append(value)
            elif key in {"error", "detail", "innererror", "loc"} and isinstance(value, dict | list):
                waiting.append(cast("object", value))
    return codes, " ".join(texts)[:_TEXT_LOOKED_AT]


def _as_dict(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _kind_of_connection(error: openai.APIConnectionError) -> Kind:
    cause = error.__cause__
    if isinstance(cause, httpx2.PoolTimeout):
        return Kind.OVERLOADED
    if isinstance(error, openai.APITimeoutError):
        return Kind.UNREACHABLE if isinstance(cause, httpx2.ConnectTimeout) else Kind.TIMEOUT
    if isinstance(cause, httpx2.DecodingError):
        return Kind.BAD_RESPONSE
    if any(isinstance(link, ssl.SSLError) for link in _chain(cause)):
        return Kind.TLS_FAILED
    return Kind.UNREACHABLE if isinstance(cause, httpx2.ConnectError) else Kind.CONNECTION_LOST


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _kind_of_rest(error: openai.OpenAIError) -> Kind:
    match error:
        case openai.LengthFinishReasonError():
            return Kind.TRUNCATED
        case openai.ContentFilterFinishReasonError():
            return Kind.CONTENT_FILTERED
        case openai.APIError():
            return Kind.BAD_RESPONSE
        case openai.WebSocketConnectionClosedError() | openai.WebSocketQueueFullError():
            return Kind.CONNECTION_LOST
        case _:
            return Kind.CLIENT_MISUSED
