"""Sum up a story in the few numbers that the gap rules weigh."""

import math
from operator import add, mul

from app.analysis.agency import Actor
from app.analysis.cues import find_hedges
from app.analysis.quantities import SIZES, Measure
from app.analysis.said import Said
from app.analysis.sections import Reading, Role, Sign

_OUTCOMES = (Sign.OUTCOME, Sign.NUMBER, Sign.VAGUE)


def measure_story(told: tuple[Reading, ...]) -> dict[str, float]:
    """Return the named measures of a story from the sentences that tell it, at least one.

    Probabilities come as log-odds, sums and counts as log(1 + x), shares from 0 to 1.
    """
    roles = list(zip(*[r.roles for r in told], strict=True))
    signs = list(zip(*[r.signs for r in told], strict=True))
    counts = [r.words for r in told]
    ending = list(map(add, roles[Role.RESULT], roles[Role.LEARNING]))
    live = sum([count * (1 - none) for count, none in zip(counts, roles[Role.NONE], strict=True)]) or 1.0
    best = [sorted(column, reverse=True) for column in signs]
    total = list(map(sum, best))
    words = [sum(map(mul, counts, column)) for column in roles]
    at_end = {sign: max(map(mul, signs[sign], ending)) for sign in (*_OUTCOMES, Sign.DECISION)}
    reached = max([at_end[sign] for sign in _OUTCOMES])
    sized = [sum([q.measure in SIZES for q in r.quantities]) for r in told]
    paired = [any(q.measure is Measure.BASELINE for q in r.quantities) for r in told]
    hedges = sum([r.said.tell(_count_hedges) for r in told if "hedge" in r.cues])
    return {
        **_measure_deeds(told),
        "max setting": _odds(best[Sign.SETTING][0]),
        "words situation": math.log1p(words[Role.SITUATION]),
        "share situation": words[Role.SITUATION] / live,
        "max responsibility": _odds(best[Sign.RESPONSIBILITY][0]),
        "sum concrete": math.log1p(total[Sign.CONCRETE]),
        "sum decision": math.log1p(total[Sign.DECISION]),
        "max vague end": _odds(at_end[Sign.VAGUE]),
        "any outcome end": _odds(reached),
        "any outcome": _odds(max([best[sign][0] for sign in _OUTCOMES])),
        "decision end": _odds(at_end[Sign.DECISION]),
        "max part action": _odds(max(roles[Role.ACTION])),
        "max part result": _odds(max(roles[Role.RESULT])),
        "share result": words[Role.RESULT] / live,
        "share none": words[Role.NONE] / (sum(words) or 1.0),
        "words learning": math.log1p(words[Role.LEARNING]),
        "last situation": told[-1].roles[Role.SITUATION],
        "last learning": told[-1].roles[Role.LEARNING],
        "sentences": math.log1p(len(told)),
        "no vague": _absence(best[Sign.VAGUE]),
        "no mechanism": _absence(best[Sign.MECHANISM]),
        "no responsibility": _absence(best[Sign.RESPONSIBILITY]),
        "no decision": _absence(best[Sign.DECISION]),
        "no concrete": _absence(best[Sign.CONCRETE]),
        "max generic": _odds(best[Sign.GENERIC][0]),
        "max decision": _odds(best[Sign.DECISION][0]),
        "max learning": _odds(best[Sign.LEARNING][0]),
        "sum mechanism": math.log1p(total[Sign.MECHANISM]),
        "2nd platitude": _odds(_second(best[Sign.PLATITUDE])),
        "max number": _odds(best[Sign.NUMBER][0]),
        "2nd number": _odds(_second(best[Sign.NUMBER])),
        "size end": max([late for late, size in zip(ending, sized, strict=True) if size], default=0.0),
        "sizes end": math.log1p(sum(map(mul, ending, sized))),
        "pair end": max([late for late, pair in zip(ending, paired, strict=True) if pair], default=0.0),
        "sum baseline": math.log1p(total[Sign.BASELINE]),
        "max vague": _odds(best[Sign.VAGUE][0]),
        "max specific": _odds(max(best[Sign.OUTCOME][0], best[Sign.NUMBER][0])),
        "sum learning": math.log1p(total[Sign.LEARNING]),
        "max mechanism": _odds(best[Sign.MECHANISM][0]),
        "max platitude": _odds(best[Sign.PLATITUDE][0]),
        "hedges": math.log1p(hedges),
        "sum hedge": math.log1p(total[Sign.HEDGE]),
        "contempt": math.log1p(sum(["contempt" in r.cues for r in told])),
        "max blame": _odds(best[Sign.BLAME][0]),
        "2nd blame": _odds(_second(best[Sign.BLAME])),
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
    }


def _count_hedges(said: Said) -> int:
    return len(find_hedges(said.text))


def _absence(values: list[float]) -> float:
    """Return the logarithm of the probability that none of some signs is there."""
    return math.log(max(math.prod([1 - value for value in values]), 1e-6))


def _second(values: list[float]) -> float:
    return values[1] if len(values) > 1 else 0.0


def _odds(probability: float) -> float:
    clipped = min(max(probability, 1e-3), 1 - 1e-3)
    return math.log(clipped / (1 - clipped))
