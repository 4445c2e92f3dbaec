"""The sheets that a brief is asked with: one for everything, or one for each principle, the gaps and the follow-ups."""

from typing import Literal, NamedTuple

from app.domain import Depth
from app.judge.findings import Brief

SheetName = Literal["assess", "principle", "gaps", "bar-raiser"]
"""Each is the name of its prompt."""


class Sheet(NamedTuple):
    """One question to a model.

    Attributes:
        principle: The only principle it is about; None for any other sheet.
    """

    name: SheetName
    principle: str | None = None

    @property
    def label(self) -> str:
        """What it is about, for provenance and reasons."""
        return self.name if self.principle is None else f"{self.name}:{self.principle}"


def lay_out(brief: Brief) -> tuple[Sheet, ...]:
    """Return the sheets of a brief; follow-ups are asked for with its first sample alone."""
    if brief.depth is Depth.QUICK:
        return (Sheet("assess"),)
    principles = tuple(Sheet("principle", name) for name in brief.principles)
    return (*principles, Sheet("gaps"), *((Sheet("bar-raiser"),) if brief.sample == 1 else ()))
