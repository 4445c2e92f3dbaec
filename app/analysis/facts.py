"""Gather what a story shows, sentence by sentence, so that a gap can point at its place."""

from typing import NamedTuple

from app.analysis.agency import Actor
from app.analysis.measures import count_deeds
from app.analysis.sections import Reading, Role, Sign

_CLEAR = 0.4
_UNOWNED = frozenset({Actor.GROUP, Actor.NOBODY})


class Facts(NamedTuple):
    """The sentences that bear on each question, in the story's order unless said otherwise.

    Attributes:
        told: All sentences but headings, labels and notes to self.
        unowned: Action sentences whose deeds belong to a group or to nobody.
        outcomes: Sentences that tell a checkable outcome, likeliest first.
        measured: Sentences with a number that measures the outcome, likeliest first.
        vague: Sentences that tell an outcome nobody could check, likeliest first.
        own_acts: Deeds of the candidate in the action; `group_acts` of a group; `unowned_acts` of nobody named.
    """

    told: tuple[Reading, ...]
    setup: tuple[Reading, ...]
    action: tuple[Reading, ...]
    unowned: tuple[Reading, ...]
    generic: tuple[Reading, ...]
    decisions: tuple[Reading, ...]
    outcomes: tuple[Reading, ...]
    measured: tuple[Reading, ...]
    vague: tuple[Reading, ...]
    platitudes: tuple[Reading, ...]
    hedges: tuple[Reading, ...]
    contempt: tuple[Reading, ...]
    own_acts: int
    group_acts: int
    unowned_acts: int

    @property
    def words(self) -> int:
        """Words in the sentences that tell the story."""
        return sum(reading.words for reading in self.told)

    @property
    def setup_share(self) -> float:
        """Share of the words that set the scene, 0 to 1."""
        return sum(reading.words for reading in self.setup) / self.words if self.words else 0.0


def select_told(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Return the sentences that tell the story; all of them when nothing but headings and notes was written."""
    return tuple(r for r in readings if r.role is not Role.NONE) or readings


def gather_facts(readings: tuple[Reading, ...]) -> Facts:
    """Return the facts of a story."""
    told = select_told(readings)
    action = tuple(r for r in told if r.role is Role.ACTION)
    deeds = count_deeds(told)
    return Facts(
        told=told,
        setup=tuple(r for r in told if r.role in (Role.SITUATION, Role.TASK)),
        action=action,
        unowned=tuple(r for r in action if _is_unowned(r)),
        generic=_ranked(told, Sign.GENERIC, _CLEAR),
        decisions=_ranked(told, Sign.DECISION, _CLEAR),
        outcomes=_ranked(told, Sign.OUTCOME, _CLEAR),
        measured=_ranked(told, Sign.NUMBER, _CLEAR),
        vague=_ranked(told, Sign.VAGUE, _CLEAR),
        platitudes=_ranked(told, Sign.PLATITUDE, _CLEAR),
        hedges=tuple(r for r in told if "hedge" in r.cues or r.shows(Sign.HEDGE, _CLEAR)),
        contempt=tuple(r for r in told if "contempt" in r.cues or r.shows(Sign.BLAME, _CLEAR)),
        own_acts=round(deeds[Actor.SELF]),
        group_acts=round(deeds[Actor.GROUP]),
        unowned_acts=round(deeds[Actor.NOBODY]),
    )


def likeliest(readings: tuple[Reading, ...], sign: Sign, most: int) -> tuple[Reading, ...]:
    """Return the sentences that most likely carry a sign, likeliest first."""
    return tuple(sorted(readings, key=lambda r: (-round(r.signs[sign], 6), r.sentence.start))[:most])


def _ranked(told: tuple[Reading, ...], sign: Sign, above: float) -> tuple[Reading, ...]:
    shown = tuple([r for r in told if r.signs[sign] > above])
    return likeliest(shown, sign, len(shown)) if len(shown) > 1 else shown


def _is_unowned(reading: Reading) -> bool:
    return bool(reading.acts) and _UNOWNED.issuperset(reading.said.actors)
