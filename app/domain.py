"""The frozen values that every layer and every door speaks: story, evidence, gap, assessment."""

from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

Score = Annotated[int, Field(ge=1, le=5)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


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


class Story(Value):
    """A text to assess, with what its author says about it.

    Attributes:
        text: The story exactly as given; every offset counts its Unicode code points.
        principles: Principle ids that the author wants the story to show.
        role: A role id of the rubric, such as `sdm`.
        level: A target level of the rubric, such as `L6`.
        path: The file it came from, as the caller named it.
        first_line: The 1-based line of the file on which the text begins.
    """

    text: str
    id: str | None = None
    title: str | None = None
    question: str | None = None
    principles: tuple[str, ...] = ()
    role: str | None = None
    level: str | None = None
    path: str | None = None
    first_line: Annotated[int, Field(ge=1)] = 1


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


class StarSpan(Value):
    """A stretch of the text that belongs to one part, `[start, end)` in code points."""

    part: Part
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class Gap(Value):
    """Something an interviewer would still have to ask for.

    `evidence` is empty only where the gap is an absence that no place in the text shows.
    """

    code: GapCode
    severity: Severity
    part: Part | None
    message: str
    advice: str
    source: Source = Source.RULES
    evidence: tuple[Evidence, ...] = ()


class PrincipleFinding(Value):
    """What the story shows of one principle; `level` is null unless `status` is `assessed`."""

    id: str
    rank: Annotated[int, Field(ge=1)]
    level: Score | None
    status: Status
    reason: str | None = None
    declared: bool = False
    evidence: tuple[Evidence, ...] = ()
    missing_signals: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()


class StoryRef(Value):
    """Which story was assessed, without its text."""

    id: str | None
    revision: str | None = None
    title: str | None
    path: str | None
    words: Annotated[int, Field(ge=0)]
    spoken_seconds: Annotated[int, Field(ge=0)]


class Target(Value):
    """What the story was assessed for."""

    question: str | None = None
    principles: tuple[str, ...] = ()
    role: str
    level: str


class ArtefactRef(Value):
    """The exact bytes of a rubric or a prompt."""

    name: str
    version: str
    sha256: str


class Usage(Value):
    """Tokens that the provider reported, summed over all calls."""

    input_tokens: Annotated[int, Field(ge=0)]
    output_tokens: Annotated[int, Field(ge=0)]
    calls: Annotated[int, Field(ge=0)]


class Provenance(Value):
    """What made the assessment, enough to make it again."""

    engine: Engine
    model: str | None = None
    rubric: ArtefactRef
    prompt: ArtefactRef | None = None
    samples: Annotated[int, Field(ge=1)] = 1
    usage: Usage | None = None
    cost_usd: float | None = None
    dropped_quotes: Annotated[int, Field(ge=0)] = 0
    attempts: Annotated[int, Field(ge=0)] = 0
    version: str


class Assessment(Value):
    """What an interviewer would have written down; `strength` is null unless the story could be assessed."""

    id: str
    created_at: str | None = None
    story: StoryRef
    target: Target
    status: Status
    reason: str | None = None
    strength: Score | None
    summary: str
    star: tuple[StarSpan, ...] = ()
    principles: tuple[PrincipleFinding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    provenance: Provenance


EngineChoice = Literal["auto", "rules", "llm"]
