"""Sum up a story in the few numbers that the gap rules weigh."""

import math

from app.analysis import cues
from app.analysis.agency import Actor
from app.analysis.quantities import SIZES, Measure
from app.analysis.sections import Reading, Role, Sign


def measure_story(told: tuple[Reading, ...]) -> dict[str, float]:
    """Return the named measures of a story from the sentences that tell it, at least one.

    Probabilities come as log-odds, sums and counts as log(1 + x), shares from 0 to 1.
    """
    ending = [r.roles[Role.RESULT] + r.roles[Role.LEARNING] for r in told]
    live = sum(r.words * (1 - r.roles[Role.NONE]) for r in told) or 1.0
    best = {sign: sorted((r.signs[sign] for r in told), reverse=True) for sign in Sign}
    total = {sign: sum(best[sign]) for sign in Sign}
    words = {role: sum(r.words * r.roles[role] for r in told) for role in (Role.SITUATION, Role.ACTION)}
    at_end = {
        sign: max(r.signs[sign] * late for r, late in zip(told, ending, strict=True))
        for sign in (Sign.OUTCOME, Sign.NUMBER, Sign.VAGUE)
    }
    sized = [sum(q.measure in SIZES for q in r.quantities) for r in told]
    paired = [any(q.measure is Measure.BASELINE for q in r.quantities) for r in told]
    hedges = sum(len(cues.find_hedges(r.text)) for r in told if "hedge" in r.cues)
    return {
        **_measure_deeds(told),
        "max setting": _odds(best[Sign.SETTING][0]),
        "words situation": math.log1p(words[Role.SITUATION]),
        "share situation": words[Role.SITUATION] / live,
        "share action": words[Role.ACTION] / live,
        "words action": math.log1p(words[Role.ACTION]),
        "max responsibility": _odds(best[Sign.RESPONSIBILITY][0]),
        "sum responsibility": math.log1p(total[Sign.RESPONSIBILITY]),
        "sum concrete": math.log1p(total[Sign.CONCRETE]),
        "sum decision": math.log1p(total[Sign.DECISION]),
        "max vague end": _odds(at_end[Sign.VAGUE]),
        "any outcome end": _odds(max(at_end.values())),
        "any outcome": _odds(max(best[sign][0] for sign in at_end)),
        "max part result": _odds(max(r.roles[Role.RESULT] for r in told)),
        "max number": _odds(best[Sign.NUMBER][0]),
        "2nd number": _odds(_second(best[Sign.NUMBER])),
        "size end": max((late for late, size in zip(ending, sized, strict=True) if size), default=0.0),
        "sizes end": math.log1p(sum(late * size for late, size in zip(ending, sized, strict=True))),
        "pair end": max((late for late, pair in zip(ending, paired, strict=True) if pair), default=0.0),
        "sum baseline": math.log1p(total[Sign.BASELINE]),
        "max vague": _odds(best[Sign.VAGUE][0]),
        "max specific": _odds(max(best[Sign.OUTCOME][0], best[Sign.NUMBER][0])),
        "sum learning": math.log1p(total[Sign.LEARNING]),
        "max mechanism": _odds(best[Sign.MECHANISM][0]),
        "max platitude": _odds(best[Sign.PLATITUDE][0]),
        "max part learning": _odds(max(r.roles[Role.LEARNING] for r in told)),
        "hedges": math.log1p(hedges),
        "sum hedge": math.log1p(total[Sign.HEDGE]),
        "contempt": math.log1p(sum("contempt" in r.cues for r in told)),
        "max blame": _odds(best[Sign.BLAME][0]),
        "sum blame": math.log1p(total[Sign.BLAME]),
    }


def count_deeds(told: tuple[Reading, ...]) -> dict[Actor, float]:
    """Return how many deeds of the action each kind of actor carries, weighted by how surely they are action."""
    deeds = dict.fromkeys(Actor, 0.0)
    for reading in told:
        for act in reading.acts:
            deeds[act.actor] += reading.roles[Role.ACTION]
    return deeds


def _measure_deeds(told: tuple[Reading, ...]) -> dict[str, float]:
    deeds = count_deeds(told)
    own, group, nobody = deeds[Actor.SELF], deeds[Actor.GROUP], deeds[Actor.NOBODY]
    return {
        "own": math.log1p(own),
        "own share": (own + 0.5) / (own + group + nobody + 1),
        "own share of all": (own + 0.5) / (own + group + nobody + deeds[Actor.OTHER] + 1),
    }


def _second(values: list[float]) -> float:
    return values[1] if len(values) > 1 else 0.0


def _odds(probability: float) -> float:
    clipped = min(max(probability, 1e-3), 1 - 1e-3)
    return math.log(clipped / (1 - clipped))
