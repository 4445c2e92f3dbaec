"""One released version of a rubric, checked as a whole."""

from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.domain import ArtefactRef, GapCode, Severity, Slug, Value
from app.errors import NotFound
from app.rubric.checks import find_problems
from app.rubric.expectations import Expectation
from app.rubric.parts import Formula, GapRule, Principle, Question, Role, TargetLevel


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
    expectations: tuple[Expectation, ...] = ()
    formula: Formula
    questions: tuple[Question, ...] = ()
    sha256: str = ""

    @model_validator(mode="after")
    def _check_references(self) -> Self:
        problems = find_problems(self)
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def expectations_for(self, role: str, level: str) -> tuple[Expectation, ...]:
        """Return what a story told for a target should show."""
        return tuple(item for item in self.expectations if item.is_for(role, level))

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
