"""The gap rules: one function for each code, each with the sentences that show it."""

from collections.abc import Callable
from typing import NamedTuple

from app.analysis import cues
from app.analysis.facts import Facts
from app.analysis.sections import Reading, Role
from app.domain import GapCode

_BLOATED_SHARE = 0.42
_OWN_SHARE = 0.34
_SCENE_WORDS = 8
_HEDGES = 2


class GapSign(NamedTuple):
    """A gap that a rule saw and the sentences that show it; none where nothing in the text can."""

    code: GapCode
    readings: tuple[Reading, ...]


def find_gaps(facts: Facts) -> tuple[GapSign, ...]:
    """Return the gaps of a story in the order of the codes."""
    signs = [sign for rule in _RULES if (sign := rule(facts)) is not None]
    codes = {sign.code for sign in signs}
    if GapCode.MISSING_RESULT in codes:
        signs = [
            sign
            for sign in signs
            if sign.code not in (GapCode.MISSING_METRIC, GapCode.VAGUE_RESULT, GapCode.NO_BASELINE)
        ]
    elif GapCode.MISSING_METRIC in codes:
        signs = [sign for sign in signs if sign.code is not GapCode.NO_BASELINE]
    return tuple(signs)


def _missing_situation(facts: Facts) -> GapSign | None:
    scene = [r for r in facts.setup if r.role is Role.SITUATION]
    if sum(r.words for r in scene) >= _SCENE_WORDS or any(cues.SETTING.search(r.text) for r in facts.told[:2]):
        return None
    return GapSign(GapCode.MISSING_SITUATION, facts.told[:1])


def _missing_task(facts: Facts) -> GapSign | None:
    return None if facts.responsibility else GapSign(GapCode.MISSING_TASK, facts.setup[-1:])


def _bloated_setup(facts: Facts) -> GapSign | None:
    if facts.setup_share <= _BLOATED_SHARE or not facts.action:
        return None
    return GapSign(GapCode.BLOATED_SETUP, tuple(sorted(facts.setup, key=lambda r: -r.words)[:2]))


def _weak_ownership(facts: Facts) -> GapSign | None:
    total = facts.own_acts + facts.group_acts + facts.unowned_acts
    if not facts.unowned or total == 0 or facts.own_acts / total >= _OWN_SHARE:
        return None
    return GapSign(GapCode.WEAK_OWNERSHIP, facts.unowned[:3])


def _thin_action(facts: Facts) -> GapSign | None:
    if len(facts.steps) >= 2 and facts.decisions:  # noqa: PLR2004 - the definition asks for two steps and one decision
        return None
    return GapSign(GapCode.THIN_ACTION, facts.action[:2])


def _missing_result(facts: Facts) -> GapSign | None:
    if facts.outcomes or facts.vague:
        return None
    return GapSign(GapCode.MISSING_RESULT, facts.told[-1:])


def _missing_metric(facts: Facts) -> GapSign | None:
    if facts.measured:
        return None
    return GapSign(GapCode.MISSING_METRIC, (facts.outcomes or facts.vague or facts.told[-1:])[:2])


def _no_baseline(facts: Facts) -> GapSign | None:
    if not facts.measured or facts.compared:
        return None
    return GapSign(GapCode.NO_BASELINE, facts.measured[:2])


def _vague_result(facts: Facts) -> GapSign | None:
    specific = [r for r in facts.outcomes if r not in facts.vague]
    if not facts.vague or facts.measured or specific:
        return None
    return GapSign(GapCode.VAGUE_RESULT, facts.vague[:3])


def _no_learning(facts: Facts) -> GapSign | None:
    real = [r for r in facts.learnings if r not in facts.platitudes]
    if real or facts.mechanisms:
        return None
    return GapSign(GapCode.NO_LEARNING, facts.platitudes[:1] or facts.told[-1:])


def _hedging(facts: Facts) -> GapSign | None:
    count = sum(len(cues.HEDGE.findall(r.text)) for r in facts.hedges)
    return GapSign(GapCode.HEDGING, facts.hedges[:4]) if count >= _HEDGES else None


def _blames_others(facts: Facts) -> GapSign | None:
    return GapSign(GapCode.BLAMES_OTHERS, facts.contempt[:3]) if facts.contempt else None


_RULES: tuple[Callable[[Facts], GapSign | None], ...] = (
    _missing_situation,
    _missing_task,
    _bloated_setup,
    _weak_ownership,
    _thin_action,
    _missing_result,
    _missing_metric,
    _no_baseline,
    _vague_result,
    _no_learning,
    _hedging,
    _blames_others,
)
