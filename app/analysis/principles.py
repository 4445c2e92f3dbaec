"""Rank the principles that a story gives behavioural evidence for."""

import math
import re
from collections import Counter
from typing import NamedTuple

from app.analysis.agency import Actor
from app.analysis.sections import Reading, Role
from app.catalog import Principle, Rubric

_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")
_STOP = frozenset(
    "the a an and or but so of to in on at for from with by as that this these those it its i me my we us our you he she they them their his her "
    "was were is are be been am had have has did do does not no which who what when where how if because then than into about out up down over "
    "would could can will there just also only candidate says tells shows story".split()
)
_ROLE_WEIGHT = {
    Role.SITUATION: 0.6,
    Role.TASK: 0.8,
    Role.ACTION: 1.0,
    Role.RESULT: 0.8,
    Role.LEARNING: 0.8,
    Role.NONE: 0.0,
}
_MIN_STEM = 4


class Ranked(NamedTuple):
    """A principle with how well the story fits it and the sentences that show it.

    Attributes:
        score: Cosine-like fit; comparable only within one story.
        readings: Sentences that give evidence, strongest first.
    """

    principle: Principle
    score: float
    readings: tuple[Reading, ...]


def rank_principles(readings: tuple[Reading, ...], rubric: Rubric, *, evidence: int = 4) -> tuple[Ranked, ...]:
    """Return all principles of a rubric, best fit first; ties keep the rubric's order.

    Args:
        readings: The story's sentences.
        rubric: Principles with their signals and behaviours.
        evidence: Most sentences to give for a principle.
    """
    space = _space(rubric)
    vectors = [(reading, space.vector(reading.text)) for reading in readings if reading.role is not Role.NONE]
    whole: Counter[str] = Counter()
    for reading, vector in vectors:
        for stem, weight in vector.items():
            whole[stem] += weight * _ROLE_WEIGHT[reading.role]  # type: ignore[assignment] - a counter of floats
    ranked = [
        Ranked(principle, round(_cosine(whole, profile), 6), _evidence(vectors, profile, evidence))
        for principle, profile in zip(rubric.principles, space.profiles, strict=True)
    ]
    order = {principle.id: index for index, principle in enumerate(rubric.principles)}
    return tuple(sorted(ranked, key=lambda item: (-item.score, order[item.principle.id])))


def _evidence(
    vectors: list[tuple[Reading, dict[str, float]]], profile: dict[str, float], most: int
) -> tuple[Reading, ...]:
    fits = [
        (round(_cosine(vector, profile), 6), reading)
        for reading, vector in vectors
        if any(act.actor is Actor.SELF for act in reading.acts) or reading.role in (Role.RESULT, Role.LEARNING)
    ]
    fits = sorted((fit for fit in fits if fit[0] > 0), key=lambda fit: (-fit[0], fit[1].sentence.start))
    return tuple(reading for _, reading in fits[:most])


class _Space:
    """TF-IDF over the rubric's own wording."""

    def __init__(self, rubric: Rubric) -> None:
        texts = [
            " ".join(
                [p.name, p.summary, *(s.text for s in p.positive_signals), *p.levels.values(), *p.behaviours, *p.probes]
            )
            for p in rubric.principles
        ]
        counts = [Counter(stems(text)) for text in texts]
        seen = Counter(stem for count in counts for stem in count)
        self._idf = {stem: math.log(1 + len(texts) / number) for stem, number in seen.items()}
        self.profiles = [self._weigh(count) for count in counts]

    def vector(self, text: str) -> dict[str, float]:
        """Return the weighted stems of a text, unit length."""
        return self._weigh(Counter(stems(text)))

    def _weigh(self, count: Counter[str]) -> dict[str, float]:
        weights = {
            stem: (1 + math.log(number)) * self._idf[stem] for stem, number in count.items() if stem in self._idf
        }
        norm = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {stem: weight / norm for stem, weight in weights.items()}


_SPACES: dict[str, _Space] = {}


def _space(rubric: Rubric) -> _Space:
    if rubric.sha256 not in _SPACES:
        _SPACES[rubric.sha256] = _Space(rubric)
    return _SPACES[rubric.sha256]


def stems(text: str) -> list[str]:
    """Return the content words of a text, cut to a rough stem."""
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP and len(word) >= _MIN_STEM - 1]


def _stem(word: str) -> str:
    for suffix in (
        "ations",
        "ation",
        "ings",
        "ing",
        "ments",
        "ment",
        "edly",
        "ies",
        "ied",
        "ers",
        "ed",
        "es",
        "er",
        "ly",
        "s",
    ):
        if word.endswith(suffix) and len(word) - len(suffix) >= _MIN_STEM:
            return word[: -len(suffix)]
    return word


def _cosine(left: dict[str, float] | Counter[str], right: dict[str, float]) -> float:
    small, large = (left, right) if len(left) < len(right) else (right, left)
    dot = sum(weight * large.get(stem, 0.0) for stem, weight in small.items())
    norm = math.sqrt(sum(weight * weight for weight in left.values())) * math.sqrt(
        sum(weight * weight for weight in right.values())
    )
    return dot / norm if norm else 0.0
