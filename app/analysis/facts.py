"""Gather what a story shows, sentence by sentence, so that each gap rule reads as one question."""

from typing import NamedTuple

from app.analysis import cues
from app.analysis.agency import Actor
from app.analysis.quantities import Measure
from app.analysis.sections import Reading, Role


class Facts(NamedTuple):
    """The sentences that bear on each question, in the story's order.

    Attributes:
        told: All sentences but labels, headings and notes to self.
        outcomes: Sentences that tell a checkable outcome.
        measured: Outcomes with a number that measures them.
        compared: Outcome numbers that have a starting point, a target, a comparison or a time frame.
        own_acts: Deeds of the candidate in the action; `group_acts` of a group; `unowned_acts` of nobody named.
    """

    told: tuple[Reading, ...]
    setup: tuple[Reading, ...]
    responsibility: tuple[Reading, ...]
    action: tuple[Reading, ...]
    own: tuple[Reading, ...]
    unowned: tuple[Reading, ...]
    decisions: tuple[Reading, ...]
    steps: tuple[Reading, ...]
    result: tuple[Reading, ...]
    outcomes: tuple[Reading, ...]
    measured: tuple[Reading, ...]
    compared: tuple[Reading, ...]
    vague: tuple[Reading, ...]
    learnings: tuple[Reading, ...]
    mechanisms: tuple[Reading, ...]
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


_SCALE_UNITS = (Measure.PERCENT, Measure.MONEY, Measure.BASELINE, Measure.COUNT, Measure.DURATION)


def gather_facts(readings: tuple[Reading, ...]) -> Facts:
    """Return the facts of a story."""
    told = tuple(
        reading for reading in readings if reading.role is not Role.NONE and not cues.NOTE_TO_SELF.search(reading.text)
    )
    setup = tuple(reading for reading in told if reading.role in (Role.SITUATION, Role.TASK))
    action = tuple(reading for reading in told if reading.role is Role.ACTION)
    result = tuple(reading for reading in told if reading.role is Role.RESULT)
    ending = tuple(reading for reading in told if reading.role in (Role.RESULT, Role.LEARNING))
    measured = tuple(reading for reading in ending if _is_measured(reading))
    acts = [act for reading in action for act in reading.acts]
    return Facts(
        told=told,
        setup=setup,
        responsibility=tuple(r for r in told if r.role is not Role.LEARNING and cues.RESPONSIBILITY.search(r.text)),
        action=action,
        own=tuple(r for r in action if any(act.actor is Actor.SELF for act in r.acts)),
        unowned=tuple(r for r in action if r.acts and all(act.actor in (Actor.GROUP, Actor.NOBODY) for act in r.acts)),
        decisions=tuple(r for r in action if cues.DECISION.search(r.text)),
        steps=tuple(r for r in action if r.acts and r.words > 5),  # noqa: PLR2004 - a shorter note tells no how
        result=result,
        outcomes=tuple(r for r in ending if cues.OUTCOME.search(r.text) or _is_measured(r)),
        measured=measured,
        compared=tuple(r for r in measured if _is_compared(r)),
        vague=tuple(r for r in result if cues.VAGUE.search(r.text)),
        learnings=tuple(r for r in told if r.role in (Role.LEARNING, Role.RESULT) and cues.LEARNING.search(r.text)),
        mechanisms=tuple(r for r in ending if cues.MECHANISM.search(r.text)),
        platitudes=tuple(r for r in told if r.role is Role.LEARNING and cues.PLATITUDE.search(r.text)),
        hedges=tuple(r for r in told if cues.HEDGE.search(r.text)),
        contempt=tuple(r for r in told if cues.CONTEMPT.search(r.text)),
        own_acts=sum(act.actor is Actor.SELF for act in acts),
        group_acts=sum(act.actor is Actor.GROUP for act in acts),
        unowned_acts=sum(act.actor is Actor.NOBODY for act in acts),
    )


def _is_measured(reading: Reading) -> bool:
    return any(quantity.measure in _SCALE_UNITS for quantity in reading.quantities)


def _is_compared(reading: Reading) -> bool:
    measures = {quantity.measure for quantity in reading.quantities}
    numbers = sum(quantity.measure in _SCALE_UNITS for quantity in reading.quantities)
    return (
        Measure.BASELINE in measures
        or Measure.TIMEFRAME in measures
        or numbers > 1
        or bool(_COMPARISON.search(reading.text))
    )


_COMPARISON = cues.COMPARISON
