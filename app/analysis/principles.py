"""Rank the principles that a story gives behavioural evidence for."""

import math
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import chain, pairwise, repeat
from typing import NamedTuple

from app.analysis.agency import Actor
from app.analysis.features import name_tokens
from app.analysis.said import Said
from app.analysis.sections import Reading, Role, Sign
from app.analysis.weights import Total, Weights, load_weights
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


def rank_principles(
    readings: tuple[Reading, ...], rubric: Rubric, *, question: str | None = None, most: int = 4
) -> tuple[Ranked, ...]:
    """Return all principles of a rubric, best fit first; ties keep the rubric's order.

    The question moves the order alone: what counts as evidence is found in the story.

    Args:
        readings: The story's sentences.
        rubric: The principles; those that the shipped model does not know score lowest and show no sentence.
        question: What the story answers, if that is known.
        most: Most sentences to give for a principle.
    """
    whole = _score_story([r.said for r in readings if r.role is not Role.NONE])
    if question:
        asked = _score_terms(name_terms(question), _questions())
        whole = {name: score + QUESTION_WEIGHT * asked.get(name, 0.0) for name, score in whole.items()}
    evidence = find_evidence(readings, most=most)
    floor = min(whole.values(), default=0.0) - 1
    ranked = [
        Ranked(principle, whole.get(principle.id, floor), evidence.get(principle.id, ()))
        for principle in rubric.principles
    ]
    return tuple(sorted(ranked, key=lambda item: -item.score))


def find_evidence(readings: Iterable[Reading], *, most: int = 4) -> dict[str, tuple[Reading, ...]]:
    """Return the sentences that show each principle, strongest first, as `rank_principles` gives them."""
    fits: dict[str, list[tuple[float, Reading]]] = {}
    for reading in readings:
        if reading.role is not Role.NONE and _may_be_evidence(reading):
            for name, fit in reading.said.tell(_find_fits).items():
                fits.setdefault(name, []).append((fit, reading))
    return {name: _strongest(shown, most) for name, shown in fits.items()}


def supports(reading: Reading, principle: str) -> bool:
    """Tell whether a sentence that somebody else names could be noted down for a principle.

    It must be what evidence can be, and fit the principle nearly as well as what the ranking itself would name.
    """
    if not _may_be_evidence(reading):
        return False
    scores = reading.said.tell(_score_sentence)
    mean = _mean(scores)
    return scores.get(principle, mean) - mean > _NEARLY


def name_terms(text: str) -> list[str]:
    """Return the words and word pairs that the principle model weighs, repeated as often as they stand."""
    return _join_terms(_keep_words(name_tokens(text)))


def _keep_words(tokens: Iterable[str]) -> list[str]:
    return [word for word in tokens if word[0].isalpha() or word == "0"]


def _join_terms(words: list[str]) -> list[str]:
    return words + [f"{left} {right}" for left, right in pairwise(words)]


@cache
def _stories() -> Weights:
    return load_weights("principles.bin")


@cache
def _questions() -> Weights:
    return load_weights("questions.bin")


def score_text(text: str) -> dict[str, float]:
    """Return the fit of a text to each principle the model knows, rounded so that every machine agrees."""
    return _score_terms(name_terms(text), _stories())


def _score_story(told: list[Said]) -> dict[str, float]:
    """Return how well all sentences together fit each principle, as `score_text` does."""
    table = _stories()
    sentences = [sentence for said in told if (sentence := said.tell(_name_sentence))]
    # Behind a sentence's words stand their pairs, one fewer.
    joints = [f"{left[len(left) // 2]} {right[0]}" for left, right in pairwise(sentences)]
    total = table.gather(joints)
    for said in told:
        total = total.plus(said.tell(_gather_sentence))
    counts = Counter(chain(joints, *sentences))
    return _round(_weigh(counts, total, table), table)


def _name_sentence(said: Said) -> list[str]:
    return _join_terms(_keep_words(said.tokens))


def _gather_sentence(said: Said) -> Total:
    return _stories().gather(said.tell(_name_sentence))


def _score_sentence(said: Said) -> dict[str, float]:
    return _round(_weigh(Counter(said.tell(_name_sentence)), said.tell(_gather_sentence), _stories()), _stories())


def _find_fits(said: Said) -> dict[str, float]:
    """Return how far a sentence fits a principle better than the average one, of those that it is evidence for."""
    scores = said.tell(_score_sentence)
    mean = _mean(scores)
    return {name: fit for name, score in scores.items() if (fit := score - mean) > _MIN_SHARE}


def _score_terms(terms: list[str], table: Weights) -> dict[str, float]:
    return _round(_weigh(Counter(terms), table.gather(terms), table), table)


def _round(weights: list[float], table: Weights) -> dict[str, float]:
    return {name: round(value, 6) for name, value in zip(table.outputs, weights, strict=True)}


def _weigh(counts: Counter[str], total: Total, table: Weights) -> list[float]:
    """Return the fit of terms to each principle; what stands often counts more, but less than as often.

    Args:
        counts: How often each term stands there.
        total: The sum of all their rows, each as often as its term stands there.
        table: Where the rows come from.
    """
    repeated: dict[int, list[str]] = {}
    for term in [term for term, count in counts.items() if count > 1]:
        repeated.setdefault(counts[term], []).append(term)
    sums = {count: table.gather(terms) for count, terms in repeated.items()}
    for count, some in sums.items():
        total = total.minus(some, count)
    totals = table.scale(total)
    norm = float(len(counts) - sum(map(len, repeated.values())))
    for count, some in sorted(sums.items()):
        weight = 1 + math.log(count)
        totals = [value + weight * more for value, more in zip(totals, table.scale(some), strict=True)]
        norm += sum(repeat(weight * weight, len(repeated[count])))
    root = math.sqrt(norm) or 1.0
    return [bias + value / root for bias, value in zip(table.bias, totals, strict=True)]


def _mean(scores: dict[str, float]) -> float:
    return sum(scores.values()) / max(1, len(scores))


def _may_be_evidence(reading: Reading) -> bool:
    """Tell whether a sentence could be noted down: an own deed, a checkable outcome or a lesson, nothing vague."""
    if reading.shows(Sign.VAGUE) and not reading.shows(Sign.NUMBER):
        return False
    return Actor.SELF in reading.said.actors or any(
        reading.shows(sign, _CLEAR) for sign in (Sign.OUTCOME, Sign.NUMBER, Sign.LEARNING, Sign.MECHANISM)
    )


def _strongest(fits: list[tuple[float, Reading]], most: int) -> tuple[Reading, ...]:
    fits.sort(key=lambda item: (-item[0], item[1].sentence.start))
    return tuple([reading for _, reading in fits[:most]])
