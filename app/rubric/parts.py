"""The parts of a rubric: principles with their signals, gap rules, the formula, roles, levels and questions."""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.domain import GapCode, Part, Score, Severity, Slug, Value


class Signal(Value):
    """An observable behaviour that a rubric lists."""

    id: Slug
    text: str
    polarity: Literal["positive", "negative"]


class Confusion(Value):
    """A neighbour principle and the one question that tells the two apart."""

    other: Slug
    ask: str
    yes: Slug
    no: Slug


class Principle(Value):
    """One principle as a coach reads it; all wording is this project's own.

    Attributes:
        metric: `required` where a missing number is a real gap, `lenient` where an observable outcome may stand for it.
        levels: Target level id (`L5`) to what an answer at that level shows.
        behaviours: Short examples of acting on the principle, across roles; the ranking model learns from them.
    """

    id: Slug
    name: str
    summary: str
    metric: Literal["required", "lenient"]
    signals: Annotated[tuple[Signal, ...], Field(min_length=4)]
    probes: Annotated[tuple[str, ...], Field(min_length=3)]
    confusions: tuple[Confusion, ...]
    levels: dict[str, str]
    behaviours: tuple[str, ...] = ()

    @cached_property
    def positive_signals(self) -> tuple[Signal, ...]:
        """The behaviours that count for the principle."""
        return tuple(signal for signal in self.signals if signal.polarity == "positive")


class SeverityRule(Value):
    """A severity that differs where all given conditions hold; the first match wins."""

    severity: Severity
    roles: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    metric: Literal["required", "lenient"] | None = None

    def matches(self, role: str, level: str, metric: str | None) -> bool:
        """Tell whether the rule holds for a target and for the metric need of the story's first principle."""
        return (
            (not self.roles or role in self.roles)
            and (not self.levels or level in self.levels)
            and (self.metric is None or self.metric == metric)
        )


class GapRule(Value):
    """What a gap code is called and how much it matters."""

    code: GapCode
    title: str
    definition: str
    part: Part | None
    severity: Severity
    unless: tuple[SeverityRule, ...] = ()


class Cap(Value):
    """The highest strength and level that stand while gaps are open or expectations are not met.

    Attributes:
        gaps: The codes that count.
        expectations: The ids of the expectations that count where they are asked for and not met.
        principle: The only principle whose level is capped; without it, the strength and all levels are.
        at_least: How many must be present for the cap to hold.
    """

    gaps: tuple[GapCode, ...] = ()
    expectations: tuple[Slug, ...] = ()
    principle: Slug | None = None
    at_least: Annotated[int, Field(ge=1)] = 1
    at_most: Score
    reason: str

    @model_validator(mode="after")
    def _check_reach(self) -> Self:
        if self.at_least > len(self.gaps) + len(self.expectations):
            raise ValueError("a cap needs as many gaps and expectations as at_least says")
        return self


class Formula(Value):
    """How levels follow from verified findings.

    Attributes:
        evidence_for_level: Distinct evidence sentences that level 2, 3, 4 and 5 of a principle need.
        tie_margin: Two leading principles whose scores are no further apart than this are close.
        supported_rank: A declared principle that ranks lower is not supported by the evidence.
    """

    evidence_for_level: Annotated[tuple[int, ...], Field(min_length=4, max_length=4)]
    tie_margin: Annotated[float, Field(ge=0)] = 0.4
    supported_rank: Annotated[int, Field(ge=1)] = 5
    caps: tuple[Cap, ...]


class Role(Value):
    """A job family that stories are told for."""

    id: Slug
    title: str
    manages_people: bool


class TargetLevel(Value):
    """A job level that stories are told for."""

    id: str
    title: str
    scope: str


class Question(Value):
    """A question of this project's own bank and the principles it usually looks for."""

    id: Slug
    text: str
    principles: Annotated[tuple[Slug, ...], Field(min_length=1)]
