"""The forms of a model's answers: checklists only, each entry with its quote before its reason before its answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from app.domain import GapCode, Part
from app.judge.dialect import AnswerSchema
from app.judge.sheets import Sheet, SheetName
from app.rubric import Principle, Rubric

MAX_SIGNALS = 16
MAX_NOTES = 32
MAX_PARTS = 6
MAX_PROBES = 6
MAX_UNPROVEN = 4
MAX_QUOTE = 240
MAX_REASON = 120
MAX_OPENING = 80
MAX_QUESTION = 200


class Names(NamedTuple):
    """What a rubric lets an answer name; the key of its schema."""

    principles: tuple[str, ...]
    signals: tuple[str, ...]


def names_of(rubric: Rubric, sheet: Sheet = Sheet("assess")) -> Names:  # noqa: B008 - a constant
    """Return the principle and signal ids that an answer may name: the rubric's, or one principle's alone."""
    principles = rubric.principles if sheet.principle is None else (rubric.principle(sheet.principle),)
    return _names_of_these(principles)


def names_asked(rubric: Rubric, asked: tuple[str, ...]) -> Names:
    """Return what an answer may name that is about some principles of a rubric."""
    return _names_of_these([rubric.principle(name) for name in asked])


def _names_of_these(principles: Sequence[Principle]) -> Names:
    signals = (signal.id for principle in principles for signal in principle.signals)
    return Names(tuple(principle.id for principle in principles), tuple(dict.fromkeys(signals)))


@lru_cache(maxsize=64)
def build_schema(
    names: Names, sheet: SheetName = "assess", *, asked: Names | None = None, most_notes: int = MAX_NOTES
) -> AnswerSchema:
    """Return the schema of an answer.

    The lean one is the same for every story of a rubric, whichever principles are asked for: services compile each new
    schema once, which takes seconds. The bounded one names only what is asked for: servers that hold a model to it
    token by token take twice as long for three times as many names.

    Args:
        names: What the rubric lets an answer name.
        sheet: What is asked.
        asked: What the principles that are asked for let it name; None for all.
        most_notes: How many signals, and how many gaps, an answer about everything may list.
    """
    title, build = _FORMS[sheet]
    bounded = build(asked or names, bounded=True, most_notes=most_notes)
    lean = build(names, bounded=False, most_notes=most_notes)
    return AnswerSchema(title, bounded, lean, max(len(render_schema(form)) for form in (bounded, lean)))


def render_schema(form: dict[str, Any]) -> str:
    """Return a form as JSON text, for endpoints that take none."""
    return json.dumps(form, separators=(",", ":"))


def _story_form(names: Names, *, bounded: bool, most_notes: int) -> dict[str, Any]:
    signal = {"principle": _one_of(names.principles), "signal": _one_of(names.signals)}
    gap = {"code": _one_of(tuple(GapCode))}
    return _object(
        {
            "parts": _parts(bounded=bounded),
            "signals": _list_of({**_check(bounded=bounded), **signal, **_ANSWER}, min(most_notes, MAX_SIGNALS)),
            "gaps": _list_of({**_check(bounded=bounded), **gap, **_ANSWER}, min(most_notes, len(GapCode))),
        }
    )


def _principle_form(names: Names, *, bounded: bool, **_: Any) -> dict[str, Any]:
    return _checklist({"signals": _one_each(names.signals)}, bounded=bounded)


def _gaps_form(_names: Names, *, bounded: bool, **_: Any) -> dict[str, Any]:
    return _checklist({"parts": _parts(bounded=bounded), "gaps": _one_each(tuple(GapCode))}, bounded=bounded)


def _bar_raiser_form(_names: Names, *, bounded: bool, **_: Any) -> dict[str, Any]:
    question = {"question": _text(MAX_QUESTION, bounded=bounded)}
    return _object(
        {
            "probes": _list_of({**_check(bounded=bounded), **question}, MAX_PROBES),
            "unproven": _list_of(_check(bounded=bounded), MAX_UNPROVEN),
        }
    )


_FORMS: Mapping[SheetName, tuple[str, Callable[..., dict[str, Any]]]] = {
    "assess": ("findings", _story_form),
    "principle": ("signals", _principle_form),
    "gaps": ("gaps", _gaps_form),
    "bar-raiser": ("follow_ups", _bar_raiser_form),
}
_ANSWER = {"present": {"type": "boolean"}}


def _checklist(fields: dict[str, Any], *, bounded: bool) -> dict[str, Any]:
    """Return a form whose entries share one definition, which keeps it small."""
    return {**_object(fields), "$defs": {"check": _object({**_check(bounded=bounded), **_ANSWER})}}


def _one_each(names: tuple[str, ...]) -> dict[str, Any]:
    return _object({str(name): {"$ref": "#/$defs/check"} for name in names})


def _parts(*, bounded: bool) -> dict[str, Any]:
    return _list_of({"quote": _text(MAX_OPENING, bounded=bounded), "part": _one_of(tuple(Part))}, MAX_PARTS)


def _check(*, bounded: bool) -> dict[str, Any]:
    return {"quote": _text(MAX_QUOTE, bounded=bounded), "reason": _text(MAX_REASON, bounded=bounded)}


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _list_of(fields: dict[str, Any], longest: int) -> dict[str, Any]:
    return {"type": "array", "items": _object(fields), "maxItems": longest}


def _text(longest: int, *, bounded: bool) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest} if bounded else {"type": "string"}


def _one_of(values: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "string", "enum": [str(value) for value in values]}
