"""Tell which part of the story each sentence belongs to."""

import re
from enum import IntEnum
from typing import NamedTuple

from app.analysis import cues
from app.analysis.agency import Act, Actor, find_acts
from app.analysis.quantities import Measure, Quantity, find_quantities
from app.analysis.sentences import LABEL, Kind, Sentence


class Role(IntEnum):
    """What a sentence does; `LEARNING` belongs to the result, `NONE` to no part."""

    SITUATION = 0
    TASK = 1
    ACTION = 2
    RESULT = 3
    LEARNING = 4
    NONE = 5


class Reading(NamedTuple):
    """A sentence with everything that was observed in it.

    Attributes:
        role: What the sentence does in the story.
        acts: Deeds, with places relative to the sentence.
        quantities: Measures, with places relative to the sentence.
        words: Number of spoken words.
    """

    sentence: Sentence
    role: Role
    acts: tuple[Act, ...]
    quantities: tuple[Quantity, ...]
    words: int

    @property
    def text(self) -> str:
        """The sentence as written."""
        return self.sentence.text


class _Observed(NamedTuple):
    sentence: Sentence
    acts: tuple[Act, ...]
    quantities: tuple[Quantity, ...]
    words: int
    hint: Role | None
    is_label: bool


_HINTS: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        Role.LEARNING,
        re.compile(
            r"\b(?:learn\w*|lessons?|reflection|takeaways?|in hindsight|what stayed|would do differently)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Role.RESULT,
        re.compile(
            r"^(?:r|results?|outcomes?|impact|numbers?|how it (?:went|came out|ended)|the end|end)\b|\b(?:results?|outcome|impact)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Role.ACTION,
        re.compile(
            r"^(?:a|actions?|approach|steps)\b|\b(?:what i did|what happened|actions?|how i|my approach|execution)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Role.TASK,
        re.compile(
            r"^(?:t|task|goals?|objective|my (?:role|job|task)|assignment|challenge)\b|\b(?:task|assignment|responsibility)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Role.SITUATION,
        re.compile(r"^(?:s|situation|background|context|setting|setup|problem|the problem)\b", re.IGNORECASE),
    ),
)
_HINT_WEIGHT = 5.0
_TRANSITION = (
    #  S     T     A     R     L
    (0.0, -0.3, -0.7, -2.0, -4.0),  # from situation
    (-1.2, 0.0, -0.3, -2.0, -4.0),  # from task
    (-2.5, -2.2, 0.0, -0.7, -1.8),  # from action
    (-2.5, -2.8, -2.0, 0.0, -0.5),  # from result
    (-3.5, -3.5, -2.5, -1.0, 0.0),  # from learning
)
_START = (0.0, -0.7, -1.5, -1.8, -3.5)


def read_sections(sentences: tuple[Sentence, ...]) -> tuple[Reading, ...]:
    """Return every sentence with its role, deeds and measures; labels and notes to self get the role `NONE`."""
    observed = _observe(sentences)
    told = [item for item in observed if not item.is_label]
    scores = [_score(item, index / max(1, len(told) - 1)) for index, item in enumerate(told)]
    roles = iter(_best_path(scores))
    return tuple(
        Reading(item.sentence, Role.NONE if item.is_label else next(roles), item.acts, item.quantities, item.words)
        for item in observed
    )


def _observe(sentences: tuple[Sentence, ...]) -> list[_Observed]:
    observed: list[_Observed] = []
    hint: Role | None = None
    for sentence in sentences:
        words = len(sentence.text.split())
        label = sentence.kind is Kind.HEADING or bool(LABEL.fullmatch(sentence.text.strip()))
        if label:
            hint = _hint(sentence.text)
            observed.append(_Observed(sentence, (), (), words, hint, is_label=True))
            continue
        acts = find_acts(sentence.text)
        observed.append(_Observed(sentence, acts, find_quantities(sentence.text), words, hint, is_label=False))
    return observed


def _hint(heading: str) -> Role | None:
    text = heading.strip(" *_#:-–—\t")
    return next((role for role, pattern in _HINTS if pattern.search(text)), None)


def _score(item: _Observed, place: float) -> list[float]:
    """Return how well a sentence fits each role; `place` runs from 0 at the first sentence to 1 at the last."""
    text = item.sentence.text
    own = sum(1 for act in item.acts if act.actor is Actor.SELF)
    deeds = len(item.acts)
    measured = sum(1 for quantity in item.quantities if quantity.measure is not Measure.TIMEFRAME)
    paired = any(quantity.measure in (Measure.BASELINE, Measure.PERCENT) for quantity in item.quantities)
    scores = [1.2 - 4.5 * place, 0.4 - 2.2 * place, 1.0 - 1.2 * abs(place - 0.5), 3.2 * place - 2.0, 3.8 * place - 3.3]
    if cues.SETTING.search(text):
        scores[0] += 1.0
    if cues.STAKES.search(text):
        scores[0] += 0.4
    if cues.RESPONSIBILITY.search(text):
        scores[1] += 2.0
    if own:
        scores[2] += 1.0 + 0.3 * min(own, 3)
        scores[0] -= 0.6
    elif deeds:
        scores[2] += 0.7
    else:
        scores[2] -= 0.5
        scores[0] += 0.3
    if cues.OUTCOME.search(text):
        scores[3] += 1.2 - (0.6 if own else 0.0)
    if measured:
        scores[3] += 0.5 + (0.7 if paired else 0.0)
    if cues.VAGUE.search(text):
        scores[3] += 1.0
    if cues.LEARNING.search(text):
        scores[4] += 2.2
    if cues.MECHANISM.search(text):
        scores[3] += 0.6
        scores[4] += 0.5
    if cues.PLATITUDE.search(text):
        scores[4] += 1.5
    if item.hint is not None:
        scores[item.hint] += _HINT_WEIGHT
        if item.hint in (Role.RESULT, Role.LEARNING):
            scores[Role.RESULT] += _HINT_WEIGHT / 2
            scores[Role.LEARNING] += _HINT_WEIGHT / 2
    return scores


def _best_path(scores: list[list[float]]) -> list[Role]:
    """Return the likeliest roles in order (Viterbi over the usual order of a story)."""
    if not scores:
        return []
    totals = [start + score for start, score in zip(_START, scores[0], strict=True)]
    back: list[list[int]] = []
    for row in scores[1:]:
        step: list[int] = []
        fresh: list[float] = []
        for role in range(5):
            came_from = max(range(5), key=lambda before: totals[before] + _TRANSITION[before][role])  # noqa: B023 - used at once
            step.append(came_from)
            fresh.append(totals[came_from] + _TRANSITION[came_from][role] + row[role])
        totals = fresh
        back.append(step)
    best = max(range(5), key=lambda role: totals[role])
    path = [best]
    for step in reversed(back):
        best = step[best]
        path.append(best)
    return [Role(role) for role in reversed(path)]
