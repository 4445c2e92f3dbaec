"""A rubric: principles with their signals, gap rules, and the formula that turns findings into levels."""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.domain import ArtefactRef, GapCode, Part, Score, Severity, Slug, Value
from app.errors import NotFound


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
    """The highest strength and level that stand while gaps are open.

    Attributes:
        gaps: The codes that count.
        at_least: How many of them must be present for the cap to hold.
    """

    gaps: Annotated[tuple[GapCode, ...], Field(min_length=1)]
    at_least: Annotated[int, Field(ge=1)] = 1
    at_most: Score
    reason: str


class Formula(Value):
    """How levels follow from verified findings.

    Attributes:
        evidence_for_level: Distinct evidence sentences that level 2, 3, 4 and 5 of a principle need.
    """

    evidence_for_level: Annotated[tuple[int, ...], Field(min_length=4, max_length=4)]
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


class Rubric(Value):
    """One released version of a rubric."""

    name: Slug
    version: Annotated[str, Field(pattern=r"^v[0-9]+$")]
    title: str
    notice: str
    default_role: str
    default_level: str
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    levels: Annotated[tuple[TargetLevel, ...], Field(min_length=1)]
    principles: Annotated[tuple[Principle, ...], Field(min_length=1)]
    gaps: tuple[GapRule, ...]
    formula: Formula
    questions: tuple[Question, ...] = ()
    sha256: str = ""

    @model_validator(mode="after")
    def _check_references(self) -> Self:
        known = {principle.id for principle in self.principles}
        levels = {level.id for level in self.levels}
        roles = {role.id for role in self.roles}
        problems = [
            *_repeated("principle", [principle.id for principle in self.principles]),
            *_repeated("gap", [gap.code for gap in self.gaps]),
            *_repeated("question", [question.id for question in self.questions]),
            *(f"no rule for the gap {code}" for code in GapCode if code not in {gap.code for gap in self.gaps}),
            *(
                f"{principle.id}: unknown principle {name}"
                for principle in self.principles
                for confusion in principle.confusions
                for name in (confusion.other, confusion.yes, confusion.no)
                if name not in known
            ),
            *(
                f"{principle.id}: the answers to a confusion must be {principle.id} and {confusion.other}"
                for principle in self.principles
                for confusion in principle.confusions
                if {confusion.yes, confusion.no} != {principle.id, confusion.other}
            ),
            *(
                f"{principle.id}: levels must be {', '.join(sorted(levels))}"
                for principle in self.principles
                if set(principle.levels) != levels
            ),
            *(
                problem
                for principle in self.principles
                for problem in _repeated(f"{principle.id}: signal", [signal.id for signal in principle.signals])
            ),
            *(
                f"question {q.id}: unknown principle {p}"
                for q in self.questions
                for p in q.principles
                if p not in known
            ),
            *([] if self.default_role in roles else [f"default_role {self.default_role} is not among the roles"]),
            *([] if self.default_level in levels else [f"default_level {self.default_level} is not among the levels"]),
            *(
                f"gap {gap.code}: unknown role or level {name}"
                for gap in self.gaps
                for rule in gap.unless
                for name in (*rule.roles, *rule.levels)
                if name not in roles | levels
            ),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def ref(self) -> ArtefactRef:
        """The exact bytes this rubric was loaded from."""
        return ArtefactRef(name=self.name, version=self.version, sha256=self.sha256)

    @cached_property
    def principle_ids(self) -> tuple[str, ...]:
        """All principle ids in the rubric's order."""
        return tuple(principle.id for principle in self.principles)

    def principle(self, principle_id: str) -> Principle:
        """Return a principle.

        Raises:
            NotFound: The rubric has no such principle.
        """
        for principle in self.principles:
            if principle.id == principle_id:
                return principle
        raise NotFound(f"the rubric {self.name} has no principle with this id")

    def gap_rule(self, code: GapCode) -> GapRule:
        """Return the rule of a gap code; every code has one."""
        return next(rule for rule in self.gaps if rule.code == code)

    def severity(self, code: GapCode, *, role: str, level: str, metric: str | None) -> Severity:
        """Return how much a gap matters for a target."""
        rule = self.gap_rule(code)
        for exception in rule.unless:
            if exception.matches(role, level, metric):
                return exception.severity
        return rule.severity


def _repeated(what: str, names: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{what} {name} is given twice"
        seen.add(name)
