"""Rows of the fault table in which another model may answer."""

from typing import Any

from app.judge.failures import Kind
from tests.faults import behaviours as do
from tests.faults.harness import with_patience
from tests.faults.row import FOUND, Row
from tests.faults.server import Behaviour


def fallback_rows() -> list[Row]:
    """Return what happens with and without a model to fall back on."""
    spare: dict[str, Any] = {"fallback_models": ("spare-model",)}
    two: dict[str, Any] = {"fallback_models": ("spare-model", "last-model")}
    long = do.status(400, {"message": "too long", "code": "context_length_exceeded"})
    far = do.status(429, headers={"retry-after": "30"})

    def first(behaviour: Behaviour) -> Behaviour:
        return do.by_model({"test-model": behaviour})

    unwilling = do.status(503, headers={"x-should-retry": "false"})
    filtered = do.answer("", finish_reason="content_filter")
    quick = with_patience(attempt_s=1)
    down = Kind.PROVIDER_UNAVAILABLE
    both = do.by_model({"test-model": do.status(500), "spare-model": do.status(502)})
    return [
        Row("F44a", "429 with Retry-After 30, a fallback is there", (), 2, FOUND, then=first(far), settings=spare),
        Row("F44b", "500 for ever, a fallback is there", (), 3, FOUND, then=first(do.status(500)), settings=spare),
        Row("F44c", "503 with x-should-retry: false, as above", (), 2, FOUND, then=first(unwilling), settings=spare),
        Row("F44d", "hangs, as above", (), 2, FOUND, then=first(do.hang), settings=spare, patience=quick),
        Row("F44e", "400 context_length_exceeded, as above", (), 2, FOUND, then=first(long), settings=spare),
        Row("F44f", "500 from both models for ever", (), 3, down, then=both, settings=spare),
        Row("F44g", "500 from two of three models for ever", (), 3, FOUND, then=both, settings=two),
        Row("F44h", "401, a fallback is there", (do.status(401),), 1, Kind.KEY_REFUSED, settings=spare),
        Row("F44i", "content_filter, as above", (filtered,), 1, Kind.CONTENT_FILTERED, settings=spare),
        Row(
            "F44j",
            "429 insufficient_quota, as above",
            (do.status(429, {"code": "insufficient_quota"}),),
            1,
            Kind.PROVIDER_QUOTA,
            settings=spare,
        ),
    ]
