"""Read the claims in an answer's text: strictly of the form that was asked for, or not at all."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.documents import DocumentError, load_json
from app.domain import GapCode, Part
from app.judge.failures import Fault, Kind
from app.judge.schema import Names
from app.judge.sheets import SheetName

_FENCED = re.compile(r"\s*```(?:json)?[ \t]*\n(.*?)\n?[ \t]*```\s*", re.DOTALL | re.IGNORECASE)
_NO = re.compile(
    r"\W*(i'?m (really |very )?sorry|i am (sorry|unable|not able)|sorry|i (can'?t|cannot|won'?t|will not|must decline)"
    r"|i'?m (unable|not able)|as an? (ai|language model)|unfortunately)\b",
    re.IGNORECASE,
)


class _Strict(BaseModel):
    """Exact types, no field too many; the bounds are generous, since not every endpoint enforces the schema's."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


_Quote = Annotated[str, Field(max_length=2_000)]
_Reason = Annotated[str, Field(max_length=2_000)]
_List = Field(max_length=64)


class PartClaim(_Strict):
    """Where the model says that a part begins."""

    quote: _Quote
    part: Part


class SignalClaim(_Strict):
    """Whether the model says that it saw a signal."""

    quote: _Quote
    reason: _Reason
    principle: str
    signal: str
    present: bool


class GapClaim(_Strict):
    """Whether the model says that a gap is there."""

    quote: _Quote
    reason: _Reason
    code: GapCode
    present: bool


class ProbeClaim(_Strict):
    """A question that the model would ask about a sentence."""

    quote: _Quote
    reason: _Reason
    question: _Quote


class UnprovenClaim(_Strict):
    """A sentence that claims what the model finds no proof of."""

    quote: _Quote
    reason: _Reason


class Claims(_Strict):
    """A model's answer to one sheet before its quotes are looked for in the story."""

    parts: list[PartClaim] = []
    signals: list[SignalClaim] = []
    gaps: list[GapClaim] = []
    probes: list[ProbeClaim] = []
    unproven: list[UnprovenClaim] = []


class _StoryAnswer(_Strict):
    parts: Annotated[list[PartClaim], _List]
    signals: Annotated[list[SignalClaim], _List]
    gaps: Annotated[list[GapClaim], _List]


class _Check(_Strict):
    quote: _Quote
    reason: _Reason
    present: bool


class _PrincipleAnswer(_Strict):
    signals: dict[str, _Check]


class _GapsAnswer(_Strict):
    parts: Annotated[list[PartClaim], _List]
    gaps: dict[GapCode, _Check]


class _BarRaiserAnswer(_Strict):
    probes: Annotated[list[ProbeClaim], _List]
    unproven: Annotated[list[UnprovenClaim], _List]


def read_claims(content: str, names: Names, sheet: SheetName = "assess") -> Claims:
    """Return the claims in an answer's text; a code fence or byte order mark around it is taken off, nothing else.

    Args:
        content: The answer.
        names: What it may name; a sheet about one principle must name each of its signals once.
        sheet: What was asked.

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
        return _READERS[sheet](text, names)
    except (DocumentError, ValidationError, _UnknownNameError):
        raise Fault(Kind.INVALID_OUTPUT) from None


class _UnknownNameError(Exception):
    """An answer names what was not asked for, or leaves out what was."""


_Form = TypeVar("_Form", bound=_Strict)


def _parse(form: type[_Form], text: str) -> _Form:
    return form.model_validate_json(text)


def _read_story(text: str, names: Names) -> Claims:
    answer = _parse(_StoryAnswer, text)
    known = all(claim.principle in names.principles and claim.signal in names.signals for claim in answer.signals)
    if not known:
        raise _UnknownNameError
    return Claims(parts=answer.parts, signals=answer.signals, gaps=answer.gaps)


def _read_principle(text: str, names: Names) -> Claims:
    answer = _parse(_PrincipleAnswer, text)
    if set(answer.signals) != set(names.signals):
        raise _UnknownNameError
    (principle,) = names.principles
    return Claims(
        signals=[
            SignalClaim(principle=principle, signal=name, **check.model_dump())
            for name, check in answer.signals.items()
        ]
    )


def _read_gaps(text: str, _: Names) -> Claims:
    answer = _parse(_GapsAnswer, text)
    if set(answer.gaps) != set(GapCode):
        raise _UnknownNameError
    gaps = [GapClaim(code=code, **check.model_dump()) for code, check in answer.gaps.items()]
    return Claims(parts=answer.parts, gaps=gaps)


def _read_follow_ups(text: str, _: Names) -> Claims:
    answer = _parse(_BarRaiserAnswer, text)
    return Claims(probes=answer.probes, unproven=answer.unproven)


_READERS: Mapping[SheetName, Callable[[str, Names], Claims]] = {
    "assess": _read_story,
    "principle": _read_principle,
    "gaps": _read_gaps,
    "bar-raiser": _read_follow_ups,
}
