"""Rank the principles that a story gives behavioural evidence for."""

import math
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import pairwise, repeat
from typing import NamedTuple

from app.analysis.agency import Actor
from app.analysis.features import name_tokens
from app.analysis.sections import Reading, Role, Sign
from app.analysis.weights import Weights, load_weights
from app.rubric import Principle, Rubric

_MIN_SHARE = 0.5
_NEARLY = 0.4  # at 0.0, naming every sentence for everything would lift 27 % of the levels by one; so it is 11 %
_CLEAR = 0.4
QUESTION_WEIGHT = 0.8
"""How much the question counts beside the story, which is what the interviewer wanted to hear about."""


class Ranked(NamedTuple):
    """A principle with how well the story fits it and the sentences that show it.

    Attributes:
        score: Fit in units of the model; comparable only within one story.
        readings: Sentences that give evidence, strongest first.
    """

    principle: Principle
    score: float
    readings: tuple[Reading, ...]


class _Fit(NamedTuple):
    """A sentence with its fit to each principle and their mean."""

    reading: Reading
    scores: dict[str, float]
    mean: float


Fits = dict[tuple[str, ...], dict[str, float]]
"""How well stretches of a story fit each principle, by their words."""


def rank_principles(
    readings: tuple[Reading, ...],
    rubric: Rubric,
    *,
    question: str | None = None,
    most: int = 4,
    known: Fits | None = None,
) -> tuple[Ranked, ...]:
    """Return all principles of a rubric, best fit first; ties keep the rubric's order.

    The question moves the order alone: what counts as evidence is found in the story.

    Args:
        readings: The story's sentences.
        rubric: The principles; those that the shipped model does not know score lowest and show no sentence.
        question: What the story answers, if that is known.
        most: Most sentences to give for a principle.
        known: What was found out before about the same sentences; more is put into it.
    """
    fits: Fits = {} if known is None else known
    told = [r for r in readings if r.role is not Role.NONE]
    whole = _look_up(tuple([token for r in told for token in r.tokens]), fits)
    if question:
        asked = _score_tokens(name_tokens(question), _questions())
        whole = {name: score + QUESTION_WEIGHT * asked.get(name, 0.0) for name, score in whole.items()}
    each = [_fit(r, fits) for r in told if _may_be_evidence(r)]
    floor = min(whole.values(), default=0.0) - 1
    ranked = [
        Ranked(principle, whole.get(principle.id, floor), _evidence(each, principle.id, most))
        for principle in rubric.principles
    ]
    order = {principle.id: number for number, principle in enumerate(rubric.principles)}
    return tuple(sorted(ranked, key=lambda item: (-item.score, order[item.principle.id])))


def supports(reading: Reading, principle: str) -> bool:
    """Tell whether a sentence that somebody else names could be noted down for a principle.

    It must be what evidence can be, and fit the principle nearly as well as what the ranking itself would name.
    """
    if not _may_be_evidence(reading):
        return False
    fit = _fit(reading, {})
    return fit.scores.get(principle, fit.mean) - fit.mean > _NEARLY


def name_terms(text: str) -> list[str]:
    """Return the words and word pairs that the principle model weighs, repeated as often as they stand."""
    return _join_terms(name_tokens(text))


def _join_terms(tokens: Iterable[str]) -> list[str]:
    words = [word for word in tokens if word[0].isalpha() or word == "0"]
    return words + [f"{left} {right}" for left, right in pairwise(words)]


@cache
def _stories() -> Weights:
    return load_weights("principles.bin")


@cache
def _questions() -> Weights:
    return load_weights("questions.bin")


def score_text(text: str) -> dict[str, float]:
    """Return the fit of a text to each principle the model knows, rounded so that every machine agrees."""
    return _score_tokens(name_tokens(text))


def _score_tokens(tokens: Iterable[str], table: Weights | None = None) -> dict[str, float]:
    table = table or _stories()
    by_count: dict[int, list[str]] = {}
    all_terms = _join_terms(tokens)
    if len(set(all_terms)) == len(all_terms):
        by_count[1] = all_terms
    else:
        for term, count in Counter(all_terms).items():
            by_count.setdefault(count, []).append(term)
    totals = [0.0] * len(table.outputs)
    norm = 0.0
    for often, terms in sorted(by_count.items()):
        part, _ = table.add(terms)
        if often == 1:  # comes first
            totals, norm = part, float(len(terms))
            continue
        weight = 1 + math.log(often)
        totals = [total + weight * value for total, value in zip(totals, part, strict=True)]
        norm += sum(repeat(weight * weight, len(terms)))
    root = math.sqrt(norm) or 1.0
    return {
        name: round(bias + total / root, 6) for name, bias, total in zip(table.outputs, table.bias, totals, strict=True)
    }


def _may_be_evidence(reading: Reading) -> bool:
    """Tell whether a sentence could be noted down: an own deed, a checkable outcome or a lesson, nothing vague."""
    if reading.shows(Sign.VAGUE) and not reading.shows(Sign.NUMBER):
        return False
    own = any(act.actor is Actor.SELF for act in reading.acts)
    return own or any(
        reading.shows(sign, _CLEAR) for sign in (Sign.OUTCOME, Sign.NUMBER, Sign.LEARNING, Sign.MECHANISM)
    )


def _fit(reading: Reading, fits: Fits) -> _Fit:
    scores = _look_up(reading.tokens, fits)
    return _Fit(reading, scores, sum(scores.values()) / max(1, len(scores)))


def _look_up(tokens: tuple[str, ...], fits: Fits) -> dict[str, float]:
    if (scores := fits.get(tokens)) is None:
        scores = fits[tokens] = _score_tokens(tokens)
    return scores


def _evidence(each: list[_Fit], principle: str, most: int) -> tuple[Reading, ...]:
    """Return the sentences that fit the principle better than the average one does."""
    fits = [
        (fit, reading) for reading, scores, mean in each if (fit := scores.get(principle, mean) - mean) > _MIN_SHARE
    ]
    fits.sort(key=lambda item: (-item[0], item[1].sentence.start))
    return tuple(reading for _, reading in fits[:most])
