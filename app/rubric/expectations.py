"""What a rubric expects of a story at a role and a level, beyond its four parts."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.domain import Severity, Slug, Value
from app.rubric.parts import SeverityRule


class Mark(StrEnum):
    """Something that the analysis can see in a sentence and that an expectation may rest on; see docs/rubrics.md."""

    DECISION = "decision"
    TOOL = "tool"
    ADOPTION = "adoption"
    INSPECTION = "inspection"
    LASTING = "lasting"
    PREVENTION = "prevention"
    GROUP_DEED = "group-deed"
    DELEGATION = "delegation"
    STAYED_CLOSE = "stayed-close"
    PERSON = "person"
    FEEDBACK = "feedback"
    LOW_PERFORMANCE = "low-performance"
    PLAN = "plan"
    PARTNERS = "partners"
    WIDER = "wider"
    FRAMING = "framing"
    INITIATIVE = "initiative"
    INCIDENT = "incident"


class Expectation(Value):
    """Something that a story told for a role and level should show, and the question to ask where it does not.

    Attributes:
        text: What is expected, in one sentence.
        reason: Why an interviewer looks for it.
        roles: Role ids it is asked of; empty for all.
        levels: Level ids it is asked at; empty for all.
        principles: Asked only where one of these is declared or ranked first; empty for all.
        when: Asked only where the story shows one of these.
        after: An earlier expectation that must be met before this one is asked.
        shown_by: Any of these meets it.
        unless: Severities that differ by role and level.
    """

    id: Slug
    text: str
    reason: str
    roles: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    principles: tuple[Slug, ...] = ()
    when: tuple[Mark, ...] = ()
    after: Slug | None = None
    shown_by: Annotated[tuple[Mark, ...], Field(min_length=1)]
    probe: str
    severity: Severity
    unless: tuple[SeverityRule, ...] = ()

    def is_for(self, role: str, level: str) -> bool:
        """Tell whether a target is asked for this at all."""
        return (not self.roles or role in self.roles) and (not self.levels or level in self.levels)

    def severity_for(self, role: str, level: str) -> Severity:
        """Return how much it matters to a target that this is not met."""
        return next((rule.severity for rule in self.unless if rule.matches(role, level, None)), self.severity)
