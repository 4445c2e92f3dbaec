"""Pick the stories that an evaluation goes wrong on most, and say why in a line each."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.coach.evaluate_dataset import Label, Said
from app.coach.evaluate_figures import Result
from app.coach.settle import cap_level
from app.domain import GapCode
from app.reports.evaluation import Section, quote_for
from app.rubric import Rubric

_FIRST_FEW = 3
_NEAR, _FAR = 0.5, 1.0
_BEST, _SPREAD = 5, 4


class Suspect(NamedTuple):
    """A story with what was said by weights that never saw its writer and, where known, by the shipped ones."""

    dataset: str
    result: Result
    shipped: Said | None = None


def find_worst(suspects: Sequence[Suspect], most: int) -> list[Suspect]:
    """Return the stories with the highest penalty, worst first; ties keep the order of the stories.

    A missed or invented gap, a step of strength and a first principle that is not among the first three cost 1 each;
    a first principle that is second or third costs a half. A story without a fault is never among the worst.
    """
    wrong = [(_penalty(suspect.result), suspect) for suspect in suspects]
    wrong.sort(key=lambda item: -item[0])
    return [suspect for penalty, suspect in wrong[:most] if penalty]


def lay_out_suspect(suspect: Suspect, rubric: Rubric) -> Section:
    """Return what was said of a story, what is labelled, and why they differ."""
    said, label = suspect.result.said, suspect.result.label
    rows = (
        ("gaps", _list(said.gaps), _list(label.gaps or ())),
        ("strength", str(said.strength or "-"), str(label.strength or "-")),
        ("principles", _list(said.principles[:_FIRST_FEW]), _list(label.principles)),
    )
    title = f"{suspect.dataset}/{suspect.result.id}"
    return Section(title, ("", "said", "labelled"), rows, tuple(explain(suspect, rubric)), numeric=False)


def explain(suspect: Suspect, rubric: Rubric) -> Iterator[str]:
    """Yield why a story went wrong: the nearest miss for each gap, then strength and principle."""
    result = suspect.result
    if result.said.reason is not None:
        yield f"not assessed: {result.said.reason}"
        return
    taken: set[GapCode] = set()
    for code in result.missed:
        near = _nearest(code, set(result.invented) - taken, rubric)
        if near is not None:
            taken.add(near)
        yield _tell_missed(result.label, code, near)
    for code in result.invented:
        if code not in taken:
            yield _tell_invented(suspect, code)
    for code in result.contested:
        yield f"{code}: one reader alone saw it, so it counts neither way"
    yield from _tell_strength(result, rubric)
    yield from _tell_principle(result)


def _penalty(result: Result) -> float:
    said, label = result.said, result.label
    penalty = float(len(result.missed) + len(result.invented))
    if label.strength is not None:
        penalty += abs(said.strength - label.strength) if said.strength is not None else _SPREAD
    if label.shows_principles and label.principles[0] != next(iter(said.principles), None):
        penalty += _NEAR if label.principles[0] in said.principles[:_FIRST_FEW] else _FAR
    return penalty


def _nearest(code: GapCode, invented: set[GapCode], rubric: Rubric) -> GapCode | None:
    """Return the invented gap about the same part of the story, which probably stands for the missed one."""
    if code is GapCode.NO_LEARNING:  # filed under the result, and about something else
        return None
    part = rubric.gap_rule(code).part
    alike = (one for one in GapCode if one in invented and one is not GapCode.NO_LEARNING)
    return next((one for one in alike if rubric.gap_rule(one).part is part), None)


def _tell_missed(label: Label, code: GapCode, near: GapCode | None) -> str:
    if near is not None:
        return f"{code}: taken for {near}, a gap of the same part"
    quotes = label.evidence.get(code, ())
    return f"{code}: missed; a reader points at “{quotes[0]}”" if quotes else f"{code}: an absence that was not seen"


def _tell_invented(suspect: Suspect, code: GapCode) -> str:
    if suspect.shipped is None:
        return f"{code}: no reader saw it"
    if code not in suspect.shipped.gaps:
        return f"{code}: no reader saw it; the shipped weights, which have seen this writer, do not say it"
    return f"{code}: no reader saw it; the shipped weights say it too, of “{quote_for(suspect.shipped, code)}”"


def _tell_strength(result: Result, rubric: Rubric) -> Iterator[str]:
    said, label = result.said.strength, result.label.strength
    if said is None or label is None or said == label or result.label.gaps is None:
        return
    ideal = cap_level(_BEST, result.label.gaps, rubric)
    if ideal == label:
        yield f"strength {said} for {label}: the gaps are the cause, for the labelled ones would give {ideal}"
    else:
        yield f"strength {said} for {label}: the formula is part of it, for the labelled gaps would give {ideal}"


def _tell_principle(result: Result) -> Iterator[str]:
    label, ranked = result.label, result.said.principles
    if not label.shows_principles or not ranked or ranked[0] == label.principles[0]:
        return
    wanted = label.principles[0]
    place = f"stands at {ranked.index(wanted) + 1}" if wanted in ranked else f"is not among the first {len(ranked)}"
    also = ", which the readers name too" if ranked[0] in label.principles else ""
    yield f"first principle: {wanted} {place}, behind {ranked[0]}{also}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
