"""The closed lists and the smallest values, of which all others are made."""

from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

Score = Annotated[int, Field(ge=1, le=5)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
EngineChoice = Literal["auto", "rules", "llm"]
Samples = Annotated[int, Field(ge=1, le=9)]


class Value(BaseModel):
    """A frozen value; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(StrEnum):
    """A part of a STAR story."""

    SITUATION = "situation"
    TASK = "task"
    ACTION = "action"
    RESULT = "result"


class GapCode(StrEnum):
    """What a trained interviewer would still have to ask; defined in docs/gaps.md."""

    MISSING_SITUATION = "missing-situation"
    MISSING_TASK = "missing-task"
    BLOATED_SETUP = "bloated-setup"
    WEAK_OWNERSHIP = "weak-ownership"
    THIN_ACTION = "thin-action"
    MISSING_RESULT = "missing-result"
    MISSING_METRIC = "missing-metric"
    NO_BASELINE = "no-baseline"
    VAGUE_RESULT = "vague-result"
    NO_LEARNING = "no-learning"
    HEDGING = "hedging"
    BLAMES_OTHERS = "blames-others"


class FlagCode(StrEnum):
    """What is odd about a text, whatever the story in it is worth."""

    SUSPICIOUS_TEXT = "suspicious-text"


class Severity(StrEnum):
    """How much a gap matters, most first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Source(StrEnum):
    """Who found it."""

    RULES = "rules"
    MODEL = "model"
    BOTH = "both"


class Status(StrEnum):
    """Whether a judgement could be made; anything but `assessed` comes with a reason."""

    ASSESSED = "assessed"
    PARTIAL = "partial"
    NOT_ASSESSED = "not_assessed"


class Engine(StrEnum):
    """What made the findings."""

    RULES = "rules"
    LLM = "llm"


class Depth(StrEnum):
    """How a model is asked: everything at once, or each principle, the gaps and the follow-ups by themselves."""

    QUICK = "quick"
    PANEL = "panel"


class Effort(Value):
    """How thoroughly a model is asked; what is None is the service's choice.

    Attributes:
        samples: How often at most the same is asked.
    """

    depth: Depth | None = None
    samples: Samples | None = None


class Span(NamedTuple):
    """A stretch of a text, `[start, end)` in Unicode code points."""

    start: int
    end: int


class Evidence(Value):
    """A verified quote: `quote == text[start:end]`, in Unicode code points of the story's text.

    Attributes:
        line: 1-based line in the file (in the text, when the story did not come from a text file).
        column: 1-based column in that line, in code points.
    """

    quote: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    line: Annotated[int, Field(ge=1)]
    column: Annotated[int, Field(ge=1)]


class ArtefactRef(Value):
    """The exact bytes of a rubric or a prompt."""

    name: str
    version: str
    sha256: str
