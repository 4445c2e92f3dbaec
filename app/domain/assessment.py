"""What an interviewer would have written down: parts, principles, gaps and what made them."""

from typing import Annotated, Literal

from pydantic import Field

from app.domain.coaching import Delivery, ExpectationFinding, FollowUp, Limit, TieBreak, Unproven, Unsupported
from app.domain.spending import ModelCall
from app.domain.story import StoryRef, Target
from app.domain.terms import (
    ArtefactRef,
    Depth,
    Engine,
    Evidence,
    FlagCode,
    GapCode,
    Part,
    Samples,
    Score,
    Severity,
    Source,
    Status,
    Value,
)


class StarSpan(Value):
    """A stretch of the text that belongs to one part, `[start, end)` in code points.

    Attributes:
        source: `both` where a model lets this part begin within the stretch.
    """

    part: Part
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    source: Source = Source.RULES


class Suppression(Value):
    """Why no threshold counts a gap, which is shown all the same and limits the strength as any other.

    Attributes:
        kind: `comment` for a comment in the story, `baseline` for a list of gaps that were known before.
        reason: In the words of whoever wrote the comment; for a baseline, its name.
    """

    kind: Literal["comment", "baseline"]
    reason: str


class Gap(Value):
    """Something an interviewer would still have to ask for.

    `evidence` is empty only where the gap is an absence that no place in the text shows.

    Attributes:
        source: Who sees it. What a model alone sees is a note, which no threshold counts.
        disputed: The rules see it, and a model that was asked about it does not.
        suppressed: Why no threshold counts it; null where one does.
    """

    code: GapCode
    severity: Severity
    part: Part | None
    message: str
    advice: str
    source: Source = Source.RULES
    disputed: bool = False
    evidence: tuple[Evidence, ...] = ()
    suppressed: Suppression | None = None


class Flag(Value):
    """Something odd about the text, which moves neither level nor strength.

    Attributes:
        evidence: Where it stands; empty when it stands outside the story's text, as in its title.
    """

    code: FlagCode
    message: str
    evidence: tuple[Evidence, ...] = ()


class ShownSignal(Value):
    """A behaviour of the rubric that a model sees in the story, with the quotes it gives.

    Attributes:
        speaks_for: Whether it counts for the principle or against it.
    """

    id: str
    text: str
    speaks_for: bool
    evidence: tuple[Evidence, ...]


class PrincipleFinding(Value):
    """What the story shows of one principle; `level` is null unless `status` is `assessed`.

    Attributes:
        source: Who sees evidence; null where nobody does.
        disputed: The rules see evidence, and a model that was asked about the principle sees none.
        evidence: What the level rests on: the rules' sentences, then quotes of a model that the rules can confirm.
        signals: All that a model sees and can quote.
        sample_levels: What each answer of a model would have made of the level; the published one is their median.
        low_confidence: They lie more than one level apart.
    """

    id: str
    rank: Annotated[int, Field(ge=1)]
    level: Score | None
    status: Status
    reason: str | None = None
    declared: bool = False
    source: Source | None = None
    disputed: bool = False
    evidence: tuple[Evidence, ...] = ()
    signals: tuple[ShownSignal, ...] = ()
    sample_levels: tuple[Score, ...] = ()
    low_confidence: bool = False
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
        depth: How the model was asked.
        boundary: The random delimiter of the first prompt; with it the same bytes can be rendered again.
        samples: How many answers to the same question were taken into account.
        samples_wanted: How many there would have been if an early one could not have told the outcome.
        dropped_quotes: Findings of a model whose quote is not in the story, or that were not asked for.
        dropped_texts: Questions of a model that held a number, a name or another fact that the story lacks.
        degraded: A fallback model answered at least one question; such levels are not for comparing with others.
        calls: What was asked of the model, one entry an answer.
    """

    engine: Engine
    model: str | None = None
    rubric: ArtefactRef
    prompt: ArtefactRef | None = None
    depth: Depth | None = None
    boundary: str | None = None
    samples: Samples = 1
    samples_wanted: Samples = 1
    usage: Usage | None = None
    cost_usd: float | None = None
    dropped_quotes: Annotated[int, Field(ge=0)] = 0
    dropped_texts: Annotated[int, Field(ge=0)] = 0
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
    unproven: tuple[Unproven, ...] = ()
    provenance: Provenance

    @property
    def open_gaps(self) -> tuple[Gap, ...]:
        """The gaps that are not suppressed."""
        return tuple(gap for gap in self.gaps if gap.suppressed is None)
