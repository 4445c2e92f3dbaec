"""The fault table: what the endpoint does, how many requests it may see for it, and how the inquiry must end."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from app.judge.failures import Kind
from tests.faults import behaviours as do
from tests.faults.fallback_rows import fallback_rows
from tests.faults.harness import STORY, with_patience
from tests.faults.row import FOUND, Row
from tests.faults.server import ModelServer

SHORT = with_patience(deadline_s=1, attempt_s=1)
QUICK = {"retry-after-ms": "20"}


def _http_date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _closed_port(_: ModelServer) -> str:
    import socket  # noqa: PLC0415 - one row's need

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


def _answer(**changes: Any) -> str:
    signal = {"quote": "I read three weeks of logs", "reason": "r", "principle": "dive-deep"}
    signal["signal"] = "dive-deep-goes-to-the-data"
    return do.findings(signals=[{**signal, **changes}])


def _rate_limits() -> list[Row]:
    waits = {
        "retry-after-ms": QUICK,
        "an HTTP date in the past": {"retry-after": _http_date(-60)},
        "a negative number": {"retry-after": "-5"},
        "NaN": {"retry-after": "NaN"},
        "inf": {"retry-after": "inf"},
        "1e400": {"retry-after": "1e400"},
    }
    quotas = ("insufficient_quota", "credit_balance_exhausted", "enforced_spend_limit_reached")
    return [
        Row("F01", "429 with Retry-After 1, once", (do.status(429, headers={"retry-after": "1"}),), 2, FOUND),
        *(
            Row(f"F02{letter}", f"429 with {name} as Retry-After, once", (do.status(429, headers=headers),), 2, FOUND)
            for letter, (name, headers) in zip("abcdef", waits.items(), strict=True)
        ),
        Row(
            "F03", "429 with Retry-After 8259", (do.status(429, headers={"retry-after": "8259"}),), 1, Kind.RATE_LIMITED
        ),
        Row("F03b", "429 for ever", (), 3, Kind.RATE_LIMITED, then=do.status(429, headers=QUICK)),
        *(
            Row(
                f"F04{letter}",
                f"429 {code}",
                (do.status(429, {"message": "no", "type": code, "code": code}, headers=QUICK),),
                1,
                Kind.PROVIDER_QUOTA,
            )
            for letter, code in zip("abc", quotas, strict=True)
        ),
    ]


def _server_errors() -> list[Row]:
    no_retry = {"x-should-retry": "false"}
    return [
        *(Row(f"F05-{code}", f"{code}, once", (do.status(code),), 2, FOUND) for code in (500, 502, 503, 504, 529)),
        Row("F06", "500 for ever", (), 3, Kind.PROVIDER_UNAVAILABLE, then=do.status(500)),
        Row("F07a", "408 for ever", (), 3, Kind.PROVIDER_UNAVAILABLE, then=do.status(408)),
        Row("F07b", "409 for ever", (), 3, Kind.PROVIDER_UNAVAILABLE, then=do.status(409)),
        Row("F12", "503 with x-should-retry: false", (do.status(503, headers=no_retry),), 1, Kind.PROVIDER_UNAVAILABLE),
    ]


def _refused_requests() -> list[Row]:
    retry = {"x-should-retry": "true"}
    long = {"message": "This model's maximum context length is 8192 tokens", "code": "context_length_exceeded"}
    llama = {"message": "the request exceeds the available context size", "type": "exceed_context_size_error"}
    schema = do.refuse_parameter("response_format", "json_schema is not supported")
    json_mode = do.refuse_parameter("response_format", "json_object is not supported")
    tuned = {"temperature": 0.2, "seed": 7}
    return [
        Row("F08a", "400 invalid request", (do.status(400, headers=retry),), 1, Kind.BAD_REQUEST),
        Row("F08b", "404 unknown model", (do.status(404),), 1, Kind.UNKNOWN_MODEL),
        Row("F08c", "422", (do.status(422),), 1, Kind.BAD_REQUEST),
        Row("F08d", "400 with x-should-retry: true", (do.status(400, headers=retry),), 1, Kind.BAD_REQUEST),
        Row("F09a", "400 context_length_exceeded", (do.status(400, long),), 1, Kind.TOO_LONG),
        Row("F09b", "400 exceed_context_size_error", (do.status(400, llama),), 1, Kind.TOO_LONG),
        Row("F10a", "400 temperature not supported", (do.refuse_parameter("temperature"),), 2, FOUND, settings=tuned),
        Row("F10b", "400 seed not supported", (do.refuse_parameter("seed"),), 2, FOUND, settings=tuned),
        Row(
            "F10c", "400 max_completion_tokens not supported", (do.refuse_parameter("max_completion_tokens"),), 2, FOUND
        ),
        Row("F10d", "400 lengths in the schema not supported", (schema,), 2, FOUND),
        Row("F10e", "400 json_schema not supported at all", (schema, schema), 3, FOUND),
        Row("F10f", "400 no response_format supported", (schema, schema, json_mode), 4, FOUND),
        *(Row(f"F11-{code}", str(code), (do.status(code),), 1, Kind.KEY_REFUSED) for code in (401, 402, 403)),
    ]


def _connections() -> list[Row]:
    def tls(server: ModelServer) -> str:
        return server.url.replace("http:", "https:")

    hang = with_patience(attempt_s=0.3)
    return [
        Row("F13a", "connection refused", (), 3, Kind.UNREACHABLE, url=_closed_port),
        Row("F13b", "TLS handshake fails", (), 1, Kind.TLS_FAILED, url=tls),
        Row("F14a", "reset before the headers, for ever", (), 3, Kind.CONNECTION_LOST, then=do.reset_before_headers),
        Row("F14b", "reset after the headers, for ever", (), 3, Kind.CONNECTION_LOST, then=do.reset_after_headers),
        Row("F14c", "body cut, for ever", (), 3, Kind.CONNECTION_LOST, then=do.cut),
        Row("F14d", "body cut, once", (do.cut,), 2, FOUND),
        Row("F15a", "hangs before the headers, past the deadline", (), 1, Kind.TIMEOUT, then=do.hang, patience=SHORT),
        Row(
            "F15b",
            "hangs once, longer than one try may take",
            (do.hang,),
            2,
            FOUND,
            patience=with_patience(attempt_s=1),
        ),
        Row("F15c", "hangs before the headers, at each try", (), 3, Kind.TIMEOUT, then=do.hang, patience=hang),
        Row("F16", "drips one byte at a time", (), 1, Kind.TIMEOUT, then=do.drip, patience=SHORT),
    ]


def _bodies() -> list[Row]:
    page = do.raw(b"<html>busy</html>", headers={"content-type": "text/html"})
    inner = do.body({"error": {"code": 502, "message": "upstream"}})
    message = {"role": "assistant", "content": [{"type": "text", "text": "{}"}]}
    whole = do.completion(_answer())
    wrong = Kind.BAD_RESPONSE
    return [
        Row("F17", "200 with an HTML page", (), 2, wrong, then=page),
        Row("F17b", "200 with an HTML page, once", (page,), 2, FOUND),
        Row("F18a", "200 with an empty body", (), 2, wrong, then=do.raw(b"")),
        Row("F18b", "200 with half a JSON text", (), 2, wrong, then=do.raw(json.dumps(whole).encode()[:60])),
        Row("F18c", "200 with invalid UTF-8", (), 2, wrong, then=do.raw(b'{"choices": "\xff\xfe"}')),
        Row("F18d", "200 with broken gzip", (), 2, wrong, then=do.raw(b"{}", headers={"content-encoding": "gzip"})),
        Row("F19a", "200 with an error of code 502 inside", (), 3, Kind.PROVIDER_UNAVAILABLE, then=inner),
        Row("F19b", "200 with an error without a code", (), 2, wrong, then=do.body({"error": "upstream"})),
        Row("F20a", "choices null", (), 2, wrong, then=do.body({**whole, "choices": None})),
        Row("F20b", "choices empty", (), 2, wrong, then=do.body({**whole, "choices": []})),
        Row("F20c", "message null", (), 2, wrong, then=do.body({"choices": [{"message": None}]})),
        Row("F20d", "content null", (), 2, wrong, then=do.answer(None)),
        Row("F20e", "content a list of parts", (), 2, wrong, then=do.answer(None, message=message)),
        Row("F31a", "a body of 100 MB", (do.huge(100),), 1, Kind.REPLY_TOO_LARGE),
        Row("F31b", "a gzip bomb of 200 MB", (do.gzip_bomb(200),), 1, Kind.REPLY_TOO_LARGE),
        Row("F31c", "an honest gzip body", (do.answer_packed,), 1, FOUND),
        Row("F32a", "307 to another host", (), 1, Kind.REDIRECTED, redirects_with=307),
        Row("F32b", "308 to another host", (), 1, Kind.REDIRECTED, redirects_with=308),
        Row("F32c", "307 to the same host", (do.redirect(307, "/v1/other"),), 1, Kind.REDIRECTED),
        Row("F33", "an unasked-for stream without an end", (), 2, wrong, then=do.half_a_stream),
    ]


def _finishes() -> list[Row]:
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function"}]}
    refusal = {"role": "assistant", "content": None, "refusal": "no"}
    prompt_filter = do.status(400, {"message": "filtered", "code": "content_filter", "type": None})
    cut = do.answer(_answer()[:30], finish_reason="length")
    filtered = Kind.CONTENT_FILTERED
    return [
        Row("F21", "length, JSON cut", (), 2, Kind.TRUNCATED, then=cut),
        Row("F21b", "length, once", (cut,), 2, FOUND),
        Row(
            "F22",
            "length, JSON looks complete",
            (),
            2,
            Kind.TRUNCATED,
            then=do.answer(_answer(), finish_reason="length"),
        ),
        Row("F23", "length, no content", (), 2, Kind.TRUNCATED, then=do.answer("", finish_reason="length")),
        Row("F24a", "content_filter", (do.answer("", finish_reason="content_filter"),), 1, filtered),
        Row("F24b", "content_filter, some text", (do.answer(_answer(), finish_reason="content_filter"),), 1, filtered),
        Row("F24c", "400, the filter holds the prompt", (prompt_filter,), 1, filtered),
        Row("F25a", "refusal field", (do.answer(None, message=refusal),), 1, Kind.REFUSED),
        Row("F25b", "refusal in prose", (do.answer("I’m sorry, but I can't help with that."),), 1, Kind.REFUSED),
        Row("F26a", "unknown finish_reason", (), 2, Kind.BAD_RESPONSE, then=do.answer(_answer(), finish_reason="odd")),
        Row(
            "F26b", "tool_calls", (), 2, Kind.BAD_RESPONSE, then=do.answer("", message=call, finish_reason="tool_calls")
        ),
    ]


def _contents() -> list[Row]:
    good = _answer()
    bad = {
        "F27b prose around JSON": f"Here you are: {good}",
        "F27d two objects": good + good,
        "F27e a key twice": good.replace('"gaps"', '"gaps": [], "gaps"'),
        "F27f NaN": good.replace('"r"', "NaN"),
        "F27g 1e999": good.replace('"r"', "1e999"),
        "F27h trailing comma": good[:-1] + ",}",
        "F28a a score beside the findings": good[:-1] + ', "score": 5}',
        "F28b a level in a finding": _answer(level=5),
        "F28c a number for a quote": _answer(quote=5),
        "F28d true for a reason": _answer(reason=True),
        "F28e a list is missing": '{"parts": [], "signals": []}',
        "F28f an unknown principle": _answer(principle="charisma"),
        "F28g an unknown gap": do.findings(gaps=[{"quote": "q", "reason": "r", "code": "ugly"}]),
        "F28h a verdict alone": '{"level": 5}',
        "F28i a bare number": "5",
    }
    return [
        Row("F27a", "JSON in a fence", (do.answer(f"```json\n{good}\n```"),), 1, FOUND),
        Row("F27c", "byte order mark before JSON", (do.answer("\ufeff" + good),), 1, FOUND),
        *(
            Row(name[:4], name[5:], (), 2, Kind.INVALID_OUTPUT, then=do.answer(content))
            for name, content in bad.items()
        ),
        Row("F28j", "a score beside the findings, once", (do.answer('{"score": 5}'),), 2, FOUND),
        Row(
            "F28k",
            "quotes that are not in the story",
            (do.answer(_answer(quote="I cut costs by 90 % alone")),),
            1,
            FOUND,
        ),
        Row("F28l", "another story's principle", (do.answer(_answer(principle="deliver-results")),), 1, FOUND),
        Row("F29a", "another model's name", (do.answer(good, model="other-model"),), 1, FOUND),
        Row("F29b", "the story for a model's name", (do.answer(good, model=STORY),), 1, FOUND),
        Row("F30a", "no usage", (do.answer(good, usage=None),), 1, FOUND),
        Row(
            "F30b", "negative usage", (do.answer(good, usage={"prompt_tokens": -1, "completion_tokens": 1}),), 1, FOUND
        ),
        Row(
            "F30c",
            "absurd usage",
            (do.answer(good, usage={"prompt_tokens": 10**12, "completion_tokens": 1}),),
            1,
            FOUND,
        ),
    ]


ROWS: tuple[Row, ...] = tuple(
    sorted(
        [
            *_rate_limits(),
            *_server_errors(),
            *_refused_requests(),
            *_connections(),
            *_bodies(),
            *_finishes(),
            *_contents(),
            *fallback_rows(),
        ],
        key=lambda row: row.number,
    )
)
