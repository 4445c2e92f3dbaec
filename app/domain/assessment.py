"""What an interviewer would have written down: parts, principles, gaps and what made them."""

from typing import Annotated

from pydantic import Field

from app.domain.coaching import Delivery, ExpectationFinding, FollowUp, Limit, TieBreak, Unsupported
from app.domain.spending import ModelCall
from app.domain.story import StoryRef, Target
from app.domain.terms import (
    ArtefactRef,
    Engine,
    Evidence,
    FlagCode,
    GapCode,
    Part,
    Score,
    Severity,
    Source,
    Status,
    Value,
)


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


class Flag(Value):
    """Something odd about the text, which moves neither level nor strength.

    Attributes:
        evidence: Where it stands; empty when it stands outside the story's text, as in its title.
    """

    code: FlagCode
    message: str
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


class Usage(Value):
    """Tokens that the provider reported, summed over all calls."""

    input_tokens: Annotated[int, Field(ge=0)]
    output_tokens: Annotated[int, Field(ge=0)]
    calls: Annotated[int, Field(ge=0)]


class Provenance(Value):
    """What made the assessment, enough to make it again.

    Attributes:
        boundary: The random delimiter of the prompt; with it the same bytes can be rendered again.
        degraded: A fallback model answered at least one question; such levels are not for comparing with others.
        calls: What was asked of the model, one entry an answer.
    """

    engine: Engine
    model: str | None = None
    rubric: ArtefactRef
    prompt: ArtefactRef | None = None
    boundary: str | None = None
    samples: Annotated[int, Field(ge=1)] = 1
    usage: Usage | None = None
    cost_usd: float | None = None
    dropped_quotes: Annotated[int, Field(ge=0)] = 0
    attempts: Annotated[int, Field(ge=0)] = 0
    degraded: bool = False
    calls: tuple[ModelCall, ...] = ()
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
    limits: tuple[Limit, ...] = ()
    summary: str
    star: tuple[StarSpan, ...] = ()
    delivery: Delivery | None = None
    principles: tuple[PrincipleFinding, ...] = ()
    tie_break: TieBreak | None = None
    unsupported: tuple[Unsupported, ...] = ()
    gaps: tuple[Gap, ...] = ()
    flags: tuple[Flag, ...] = ()
    expectations: tuple[ExpectationFinding, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    provenance: Provenance
