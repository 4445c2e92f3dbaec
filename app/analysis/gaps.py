"""Find the gaps of a story: a small formula over its measures for each code, and the sentences that show it."""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from app.analysis.facts import Facts, likeliest
from app.analysis.measures import measure_story
from app.analysis.sections import Reading, Role, Sign
from app.analysis.weights import sigmoid
from app.domain import GapCode

_SURE = 0.15
_CLEAR = 0.5
_POSSIBLE = 0.35
_SPECIFIC = 0.6
_AHEAD = 0.15
_STEPS = 2


class GapSign(NamedTuple):
    """A gap that the rules saw and the sentences that show it.

    Attributes:
        readings: Never empty for a story with a sentence; for an absence, the place where it should stand.
        sure: False where the text leaves it open.
    """

    code: GapCode
    readings: tuple[Reading, ...]
    sure: bool = True


class Formula(NamedTuple):
    """The weighted measures of one gap code; a gap is there when their probability is above the threshold."""

    weights: tuple[tuple[str, float], ...]
    intercept: float
    threshold: float

    def probability(self, measures: dict[str, float]) -> float:
        """Return how likely the gap is, 0 to 1."""
        score = self.intercept + sum(weight * measures[name] for name, weight in self.weights)
        return round(sigmoid(score), 6)


@cache
def load_formulas() -> dict[GapCode, Formula]:
    """Return the shipped formulas."""
    text = files("app.analysis").joinpath("model", "gaps.json").read_text(encoding="utf-8")
    return read_formulas(json.loads(text)["formulas"])


def read_formulas(table: dict[str, dict[str, object]]) -> dict[GapCode, Formula]:
    """Return formulas from their JSON table."""
    return {
        GapCode(code): Formula(
            tuple((str(name), float(weight)) for name, weight in row["weights"].items()),  # type: ignore[attr-defined]
            float(row["intercept"]),  # type: ignore[arg-type]
            float(row["threshold"]),  # type: ignore[arg-type]
        )
        for code, row in table.items()
    }


def find_gaps(facts: Facts, formulas: dict[GapCode, Formula] | None = None) -> tuple[GapSign, ...]:
    """Return the gaps of a story in the order of the codes.

    Args:
        facts: What the story shows.
        formulas: Others than the shipped ones, for training.
    """
    if not facts.told:
        return ()
    measures = measure_story(facts.told)
    present: dict[GapCode, bool] = {}
    for code, formula in (formulas or load_formulas()).items():
        probability = formula.probability(measures)
        if probability > formula.threshold:
            present[code] = probability > formula.threshold + _SURE * (1 - formula.threshold)
    refuted = _refuted(facts)
    for code in refuted | _excluded(set(present) - refuted):
        present.pop(code, None)
    return tuple(
        GapSign(code, _EVIDENCE[code](facts) or facts.told[-1:], present[code]) for code in GapCode if code in present
    )


def _refuted(facts: Facts) -> set[GapCode]:
    """Return the codes whose own counter-evidence stands clearly in the text, whatever the formula says."""
    columns = list(zip(*[reading.signs for reading in facts.told], strict=True))
    highest = list(map(max, columns))
    refuted: set[GapCode] = set()
    if highest[Sign.LEARNING] > _CLEAR or highest[Sign.MECHANISM] > _CLEAR:
        refuted.add(GapCode.NO_LEARNING)
    if highest[Sign.DECISION] > _CLEAR and sum([value > _CLEAR for value in columns[Sign.CONCRETE]]) >= _STEPS:
        refuted.add(GapCode.THIN_ACTION)
    specific = max(highest[Sign.OUTCOME], highest[Sign.NUMBER])
    if max(specific, highest[Sign.VAGUE]) > _POSSIBLE:
        refuted.add(GapCode.MISSING_RESULT)
    if specific > max(_SPECIFIC, _AHEAD + highest[Sign.VAGUE]):
        refuted.add(GapCode.VAGUE_RESULT)
    return refuted


def _excluded(present: set[GapCode]) -> set[GapCode]:
    """Return the codes that are not told beside one that is their cause."""
    if GapCode.MISSING_RESULT in present:
        return {GapCode.MISSING_METRIC, GapCode.VAGUE_RESULT, GapCode.NO_BASELINE}
    return {GapCode.NO_BASELINE} if GapCode.MISSING_METRIC in present else set()


def _ordered(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    return tuple(sorted(readings, key=lambda r: r.sentence.start))


def _show_setup(facts: Facts) -> tuple[Reading, ...]:
    return facts.told[:1]


def _show_task(facts: Facts) -> tuple[Reading, ...]:
    return facts.setup[-1:] or facts.told[:1]


def _show_bloat(facts: Facts) -> tuple[Reading, ...]:
    return _ordered(tuple(sorted(facts.setup, key=lambda r: (-r.words, r.sentence.start))[:2]))


def _show_unowned(facts: Facts) -> tuple[Reading, ...]:
    return facts.unowned[:3] or facts.action[:2]


def _show_thin(facts: Facts) -> tuple[Reading, ...]:
    if facts.generic:
        return _ordered(facts.generic[:2])
    return likeliest(facts.action, Sign.GENERIC, 1) or facts.told[:1]


def _show_end(facts: Facts) -> tuple[Reading, ...]:
    return tuple(r for r in facts.told if r.role in (Role.ACTION, Role.RESULT))[-1:] or facts.told[-1:]


def _show_unmeasured(facts: Facts) -> tuple[Reading, ...]:
    shown = facts.outcomes[:2] or facts.vague[:2]
    return _ordered(shown) or likeliest(facts.told, Sign.OUTCOME, 1)


def _show_measured(facts: Facts) -> tuple[Reading, ...]:
    return _ordered(facts.measured[:2]) or likeliest(facts.told, Sign.NUMBER, 1)


def _show_vague(facts: Facts) -> tuple[Reading, ...]:
    return _ordered(facts.vague[:3]) or likeliest(facts.told, Sign.VAGUE, 1)


def _show_no_learning(facts: Facts) -> tuple[Reading, ...]:
    return facts.platitudes[:1] or facts.told[-1:]


def _show_hedges(facts: Facts) -> tuple[Reading, ...]:
    return _ordered(likeliest(facts.hedges, Sign.HEDGE, 4))


def _show_contempt(facts: Facts) -> tuple[Reading, ...]:
    return _ordered(likeliest(facts.contempt or facts.told, Sign.BLAME, 2))


_EVIDENCE: dict[GapCode, Callable[[Facts], tuple[Reading, ...]]] = {
    GapCode.MISSING_SITUATION: _show_setup,
    GapCode.MISSING_TASK: _show_task,
    GapCode.BLOATED_SETUP: _show_bloat,
    GapCode.WEAK_OWNERSHIP: _show_unowned,
    GapCode.THIN_ACTION: _show_thin,
    GapCode.MISSING_RESULT: _show_end,
    GapCode.MISSING_METRIC: _show_unmeasured,
    GapCode.NO_BASELINE: _show_measured,
    GapCode.VAGUE_RESULT: _show_vague,
    GapCode.NO_LEARNING: _show_no_learning,
    GapCode.HEDGING: _show_hedges,
    GapCode.BLAMES_OTHERS: _show_contempt,
}
