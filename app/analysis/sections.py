"""Tell what each sentence does in the story: its part, and the signs it carries."""

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from app.analysis.agency import Act, Actor
from app.analysis.features import Place, name_features
from app.analysis.lazily import Pattern
from app.analysis.neighbours import reweigh
from app.analysis.quantities import Quantity
from app.analysis.said import Reader, Said
from app.analysis.sentences import Sentence
from app.analysis.weighing import WEIGHTLESS, Weight, put, weigh


class Role(IntEnum):
    """What a sentence does; `LEARNING` belongs to the result, `NONE` to no part."""

    SITUATION = 0
    TASK = 1
    ACTION = 2
    RESULT = 3
    LEARNING = 4
    NONE = 5


class Sign(IntEnum):
    """What a sentence shows an interviewer."""

    NUMBER = 0
    BASELINE = 1
    OUTCOME = 2
    VAGUE = 3
    DECISION = 4
    CONCRETE = 5
    GENERIC = 6
    LEARNING = 7
    MECHANISM = 8
    PLATITUDE = 9
    HEDGE = 10
    BLAME = 11
    STAKES = 12
    SETTING = 13
    RESPONSIBILITY = 14


OUTPUTS = tuple(role.name.lower() for role in Role) + tuple(f"is {sign.name.lower()}" for sign in Sign)
"""The columns of the sentence model, in order."""


class Observed(NamedTuple):
    """A sentence with its deeds and measures, before it is weighed.

    Attributes:
        said: What it says wherever it stands.
        hint: The part that the nearest heading or label above names.
    """

    sentence: Sentence
    said: Said
    hint: Role | None

    @property
    def is_label(self) -> bool:
        """The sentence is a heading or a label itself."""
        return self.said.is_label


class Reading(NamedTuple):
    """A sentence with everything that was observed in it.

    Attributes:
        role: What the sentence most likely does in the story.
        acts: Deeds, with places relative to the sentence.
        quantities: Measures, with places relative to the sentence.
        tokens: Its words from `name_tokens`.
        cues: The names of the cues that stand in it.
        words: Number of words.
        roles: Probability of each `Role`, given the sentences around.
        signs: Probability of each `Sign`.
        said: What it says wherever it stands.
        weight: What it weighs where it stood last, for `reread`.
    """

    sentence: Sentence
    role: Role
    acts: tuple[Act, ...]
    quantities: tuple[Quantity, ...]
    tokens: tuple[str, ...]
    cues: frozenset[str]
    words: int
    roles: tuple[float, ...]
    signs: tuple[float, ...]
    said: Said
    weight: Weight = WEIGHTLESS

    @property
    def text(self) -> str:
        """The sentence as written."""
        return self.sentence.text

    def shows(self, sign: Sign, above: float = 0.5) -> bool:
        """Tell whether a sign is likelier than `above`."""
        return self.signs[sign] > above


def make_reading(
    sentence: Sentence,
    said: Said,
    roles: tuple[float, ...],
    signs: tuple[float, ...],
    weight: Weight = WEIGHTLESS,
) -> Reading:
    """Return a sentence as it reads with these probabilities."""
    role = _ROLES[roles.index(max(roles))]
    return Reading(
        sentence, role, said.acts, said.quantities, said.tokens, said.cues, said.words, roles, signs, said, weight
    )


_HINTS: tuple[tuple[Role, Pattern], ...] = (
    (
        Role.LEARNING,
        Pattern(
            r"\b(?:learn\w*|lessons?|reflection|takeaways?|hindsight|differently|next time|what stayed|since then)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Role.RESULT,
        Pattern(
            r"^(?:r|end|the end)$|\b(?:results?|outcomes?|impact|numbers?|ended|came out|turned out|went)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Role.ACTION,
        Pattern(r"^(?:a|steps)$|\b(?:what i did|what happened|actions?|how i|approach|execution)\b", re.IGNORECASE),
    ),
    (
        Role.TASK,
        Pattern(
            r"^t$|\b(?:task|goals?|objective|my (?:role|job)|role|assignment|challenge|responsibility)\b", re.IGNORECASE
        ),
    ),
    (Role.SITUATION, Pattern(r"^s$|\b(?:situation|background|context|setting|setup|problem)\b", re.IGNORECASE)),
)
_ROLES = tuple(Role)
_LABEL_ROLES = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
_NO_SIGNS = (0.0,) * len(Sign)
_TEMPER = 0.8
_FLOOR = 1e-6
# How likely one role follows another, in nats below the likeliest; from the usual order of a story.
_FOLLOWS = (
    (0.0, -0.6, -1.0, -2.2, -3.5, -2.5),
    (-1.2, 0.0, -0.4, -2.2, -3.5, -2.5),
    (-2.5, -2.3, 0.0, -0.8, -1.8, -2.5),
    (-2.6, -3.0, -2.0, 0.0, -0.6, -2.5),
    (-3.2, -3.2, -2.3, -1.2, 0.0, -2.3),
    (-1.5, -1.5, -1.2, -1.5, -1.5, 0.0),
)
_STEP = tuple(tuple(2.718281828459045**value for value in row) for row in _FOLLOWS)
_STEP_BACK = tuple(zip(*_STEP, strict=True))
_LAST = [1.0] * len(Role)


def read_sections(sentences: tuple[Sentence, ...], read: Reader = Said) -> tuple[Reading, ...]:
    """Return every sentence with its role, signs, deeds and measures; headings and labels get the role `NONE`.

    Args:
        sentences: The story's, in order.
        read: What reads a sentence, for who has read some of them before.
    """
    observed = observe_sentences(sentences, read)
    told = [item for item in observed if not item.is_label]
    weights = [
        put(item.said.tell(weigh), place, len(Role)) for item, place in zip(told, _find_places(told), strict=True)
    ]
    return _read(observed, weights)


def reread(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Return some of a story's sentences, no heading among them, as they read by themselves, under no heading."""
    observed = [Observed(reading.sentence, reading.said, None) for reading in readings]
    weights = [put(r.weight, place, len(Role)) for r, place in zip(readings, _find_places(observed), strict=True)]
    return _read(observed, weights)


def _read(observed: list[Observed], weights: list[Weight]) -> tuple[Reading, ...]:
    """Return sentences as they read in the light of one another.

    Args:
        observed: The sentences, headings and labels among them.
        weights: What those weigh that are neither.
    """
    weighed = reweigh([weight.likely for weight in weights], len(Role))
    smoothed = smooth([roles for roles, _ in weighed])
    rest = zip(smoothed, weighed, weights, strict=True)
    readings: list[Reading] = []
    for sentence, said, _ in observed:
        if said.is_label:
            readings.append(make_reading(sentence, said, _LABEL_ROLES, _NO_SIGNS))
        else:
            roles, (_, signs), weight = next(rest)
            readings.append(make_reading(sentence, said, roles, signs, weight))
    return tuple(readings)


def observe_sentences(sentences: tuple[Sentence, ...], read: Reader = Said) -> list[Observed]:
    """Return sentences with their deeds, measures and the heading they stand under."""
    observed: list[Observed] = []
    hint: Role | None = None
    for sentence in sentences:
        said = read(sentence.text, sentence.kind)
        if said.is_label:
            hint = said.tell(_find_hint)
        observed.append(Observed(sentence, said, hint))
    return observed


def name_story(told: list[Observed]) -> list[tuple[list[str], list[str]]]:
    """Return the feature names and the words of each sentence that tells the story."""
    return [
        (name_features(item.said, place), list(item.said.tokens))
        for item, place in zip(told, _find_places(told), strict=True)
    ]


def _find_places(told: list[Observed]) -> Iterator[Place]:
    """Yield where each sentence stands among those that tell the story."""
    following = False
    block = -1
    for number, item in enumerate(told):
        hint = item.hint.name.lower() if item.hint is not None else None
        yield Place(number, len(told), hint, item.sentence.block != block, following)
        following = following or Actor.SELF in item.said.actors
        block = item.sentence.block


def smooth(rows: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Return the roles' probabilities given the usual order of a story (forward-backward over a chain)."""
    if not rows:
        return []
    likely = [[value**_TEMPER + _FLOOR for value in row] for row in rows]
    forward = [_unit(likely[0])]
    for row in likely[1:]:
        forward.append(_unit(_pass_on(forward[-1], row)))
    backward = [_LAST]
    for row in reversed(likely[1:]):
        ahead = [value * fit for value, fit in zip(backward[-1], row, strict=True)]
        backward.append(_unit(_reach(ahead)))
    backward.reverse()
    return [
        tuple(_unit([left * right for left, right in zip(ahead, behind, strict=True)]))
        for ahead, behind in zip(forward, backward, strict=True)
    ]


# Products are added from left to right on every version of Python, as `sum` is not.
def _pass_on(before: list[float], row: list[float]) -> list[float]:
    """Return how likely each role is after another sentence, times how likely it is by itself."""
    a, b, c, d, e, f = before
    return [
        (a * u + b * v + c * w + d * x + e * y + f * z) * fit
        for (u, v, w, x, y, z), fit in zip(_STEP_BACK, row, strict=True)
    ]


def _reach(ahead: list[float]) -> list[float]:
    """Return how likely what lies ahead is from each role."""
    a, b, c, d, e, f = ahead
    return [a * u + b * v + c * w + d * x + e * y + f * z for u, v, w, x, y, z in _STEP]


def _unit(values: list[float]) -> list[float]:
    total = sum(values)
    return [value / total for value in values]


def _find_hint(heading: Said) -> Role | None:
    text = heading.text.strip(" *_#:-–—\t").lower()
    return next((role for role, pattern in _HINTS if pattern.search(text)), None)
