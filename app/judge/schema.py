"""The form of a model's answer: findings only, each with its quote before its reason before its name."""

import json
from functools import lru_cache
from typing import Any, NamedTuple

from app.domain import GapCode
from app.judge.dialect import AnswerSchema
from app.rubric import Rubric

MAX_SIGNALS = 16
MAX_GAPS = 12
MAX_QUOTE = 240
MAX_REASON = 120


class Names(NamedTuple):
    """What a rubric lets an answer name; the key of its schema."""

    principles: tuple[str, ...]
    signals: tuple[str, ...]


def names_of(rubric: Rubric) -> Names:
    """Return all principle and signal ids of a rubric, in its order."""
    signals = (signal.id for principle in rubric.principles for signal in principle.signals)
    return Names(rubric.principle_ids, tuple(dict.fromkeys(signals)))


@lru_cache(maxsize=32)
def build_schema(names: Names) -> AnswerSchema:
    """Return the schema of an answer.

    It is the same for every story of a rubric, whichever principles are asked for: services compile each new schema
    once, which takes seconds.
    """
    return AnswerSchema("findings", _build(names, bounded=True), _build(names, bounded=False))


@lru_cache(maxsize=32)
def render_schema(names: Names) -> str:
    """Return the bounded schema as JSON text, for endpoints that take none."""
    return json.dumps(build_schema(names).bounded, separators=(",", ":"))


def _build(names: Names, *, bounded: bool) -> dict[str, Any]:
    signal = {"principle": _one_of(names.principles), "signal": _one_of(names.signals)}
    gap = {"code": _one_of(tuple(GapCode))}
    fields = {
        "signals": _list_of(signal, MAX_SIGNALS, bounded=bounded),
        "gaps": _list_of(gap, MAX_GAPS, bounded=bounded),
    }
    return _object(fields)


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _list_of(answer: dict[str, Any], longest: int, *, bounded: bool) -> dict[str, Any]:
    texts = {"quote": _text(MAX_QUOTE, bounded=bounded), "reason": _text(MAX_REASON, bounded=bounded)}
    return {"type": "array", "items": _object({**texts, **answer}), "maxItems": longest}


def _text(longest: int, *, bounded: bool) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest} if bounded else {"type": "string"}


def _one_of(values: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "string", "enum": [str(value) for value in values]}
