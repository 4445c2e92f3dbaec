"""Rank the principles that a story gives behavioural evidence for."""

import math
from collections import Counter
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from app.analysis.agency import Actor
from app.analysis.features import name_tokens
from app.analysis.sections import Reading, Role
from app.analysis.weights import Weights, load_weights
from app.rubric import Principle, Rubric

_MIN_SHARE = 0.25


class Ranked(NamedTuple):
    """A principle with how well the story fits it and the sentences that show it.

    Attributes:
        score: Fit in units of the model; comparable only within one story.
        readings: Sentences that give evidence, strongest first.
    """

    principle: Principle
    score: float
    readings: tuple[Reading, ...]


def rank_principles(readings: tuple[Reading, ...], rubric: Rubric, *, most: int = 4) -> tuple[Ranked, ...]:
    """Return all principles of a rubric, best fit first; ties keep the rubric's order.

    Args:
        readings: The story's sentences.
        rubric: The principles; those that the shipped model does not know score lowest and show no sentence.
        most: Most sentences to give for a principle.
    """
    told = [r for r in readings if r.role is not Role.NONE]
    whole = score_text(" ".join(r.text for r in told))
    each = [(r, score_text(r.text)) for r in told if _may_be_evidence(r)]
    floor = min(whole.values(), default=0.0) - 1
    ranked = [
        Ranked(principle, whole.get(principle.id, floor), _evidence(each, principle.id, most))
        for principle in rubric.principles
    ]
    order = {principle.id: number for number, principle in enumerate(rubric.principles)}
    return tuple(sorted(ranked, key=lambda item: (-item.score, order[item.principle.id])))


def name_terms(text: str) -> list[str]:
    """Return the words and word pairs that the principle model weighs, repeated as often as they stand."""
    tokens = [word for word in name_tokens(text) if word[0].isalpha() or word == "0"]
    return tokens + [f"{left} {right}" for left, right in pairwise(tokens)]


@cache
def _table() -> Weights:
    return load_weights("principles.bin")


def score_text(text: str) -> dict[str, float]:
    """Return the fit of a text to each principle the model knows, rounded so that every machine agrees."""
    table = _table()
    counts = Counter(name_terms(text))
    totals = [0.0] * len(table.outputs)
    norm = 0.0
    for often in sorted(set(counts.values())):
        weight = 1 + math.log(often)
        part, _ = table.add(sorted(term for term, count in counts.items() if count == often))
        totals = [total + weight * value for total, value in zip(totals, part, strict=True)]
        norm += sum(weight * weight for count in counts.values() if count == often)
    root = math.sqrt(norm) or 1.0
    return {
        name: round(bias + total / root, 6) for name, bias, total in zip(table.outputs, table.bias, totals, strict=True)
    }


def _may_be_evidence(reading: Reading) -> bool:
    own = any(act.actor is Actor.SELF for act in reading.acts)
    return own or reading.role in (Role.RESULT, Role.LEARNING)


def _evidence(each: list[tuple[Reading, dict[str, float]]], principle: str, most: int) -> tuple[Reading, ...]:
    """Return the sentences that fit the principle better than the average one does."""
    fits: list[tuple[float, Reading]] = []
    for reading, scores in each:
        mean = sum(scores.values()) / max(1, len(scores))
        fit = scores.get(principle, mean) - mean
        if fit > _MIN_SHARE:
            fits.append((fit, reading))
    fits.sort(key=lambda item: (-item[0], item[1].sentence.start))
    return tuple(reading for _, reading in fits[:most])
