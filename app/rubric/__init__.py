"""A rubric: principles with their signals, gap rules, expectations, and the formula that turns findings into levels."""

from app.rubric.document import Rubric
from app.rubric.expectations import Expectation, Mark
from app.rubric.parts import (
    Cap,
    Confusion,
    Formula,
    GapRule,
    Principle,
    Question,
    Role,
    SeverityRule,
    Signal,
    TargetLevel,
)

__all__ = [
    "Cap",
    "Confusion",
    "Expectation",
    "Formula",
    "GapRule",
    "Mark",
    "Principle",
    "Question",
    "Role",
    "Rubric",
    "SeverityRule",
    "Signal",
    "TargetLevel",
]
