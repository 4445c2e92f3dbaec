from typing import Any

import pytest

from app.judge.failures import Kind, RefusedParameter
from app.judge.translate import classify_status

SENT = ("response_format", "max_completion_tokens", "temperature", "seed")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"param": "temperature", "message": "x", "code": "unsupported_value"}, "temperature"),
        ({"param": "response_format.json_schema", "message": "invalid schema"}, "response_format"),
        ({"message": "Unrecognized request argument supplied: max_completion_tokens"}, "max_completion_tokens"),
        ({"message": "response_format.type json_schema is unavailable now"}, "response_format"),
        ({"message": "This model does not support structured outputs"}, "response_format"),
        ({"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs: seed"}]}, "seed"),
        ({"error": "json_schema: not supported"}, "response_format"),
        ("guided decoding failed: grammar too complex", "response_format"),
    ],
)
def test_a_refused_parameter_is_recognised_in_the_words_of_many_services(body: Any, name: str):
    fault = classify_status(400, body, {}, SENT)

    assert isinstance(fault, RefusedParameter)
    assert fault.name == name


def test_a_parameter_that_was_not_sent_is_not_blamed():
    fault = classify_status(400, {"message": "max_tokens and top_p"}, {}, SENT)

    assert not isinstance(fault, RefusedParameter)
    assert fault.kind is Kind.BAD_REQUEST


@pytest.mark.parametrize(
    "body",
    [
        {"code": "context_length_exceeded", "message": "x", "param": "messages"},
        {"message": "maximum context length is 8192, your max_completion_tokens is too large"},
        {"type": "exceed_context_size_error"},
        {"error": {"message": "Prompt is too long"}},
        "too many tokens: 9000",
    ],
)
def test_a_text_that_is_too_long_is_not_taken_for_a_refused_parameter(body: Any):
    assert classify_status(400, body, {}, SENT).kind is Kind.TOO_LONG


@pytest.mark.parametrize(
    "body", [None, "", [], {}, 7, {"error": None}, {"message": 5}, [[["x"]]], {"detail": {"loc": []}}]
)
def test_any_error_body_is_classified(body: Any):
    assert classify_status(400, body, {}, SENT).kind is Kind.BAD_REQUEST


def test_an_endless_error_body_is_looked_at_for_a_moment_only():
    nested: Any = {"message": "x"}
    for _ in range(10_000):
        nested = {"error": nested, "detail": [nested] * 3}

    assert classify_status(400, nested, {}, SENT).kind is Kind.BAD_REQUEST


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Kind.REDIRECTED),
        (304, Kind.REDIRECTED),
        (405, Kind.BAD_REQUEST),
        (413, Kind.TOO_LONG),
        (418, Kind.BAD_REQUEST),
    ]
    + [(code, Kind.PROVIDER_UNAVAILABLE) for code in (408, 409, 500, 501, 529, 599, 999)],
)
def test_every_status_has_a_kind(status: int, kind: Kind):
    assert classify_status(status, None, {}).kind is kind


def test_a_quota_is_recognised_under_any_status():
    for status in (400, 402, 403, 429):
        assert classify_status(status, {"code": "insufficient_quota"}, {}).kind is Kind.PROVIDER_QUOTA
