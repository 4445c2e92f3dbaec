"""What a judge is asked and what it may answer: signals, gaps, parts and questions, each with places in the story."""

from typing import Annotated, Protocol

from pydantic import Field

from app.domain import ArtefactRef, Depth, GapCode, ModelCall, Part, Samples, Span, Story, Usage, Value
from app.rubric import Rubric


class Brief(Value):
    """One story and what to look for in it.

    Attributes:
        principles: Ids of the principles whose signals are asked for, most likely first.
        payer: Id of the user whose budget the calls count against; None where there are no users.
        depth: Whether everything is asked at once.
        sample: Which answer to the same question is wanted, from 1.
        suspicious: Stretches of the text that are no story: they are not shown, and no quote from them counts.
    """

    story: Story
    rubric: Rubric
    role: str
    level: str
    principles: tuple[str, ...]
    payer: str | None = None
    depth: Depth = Depth.QUICK
    sample: Samples = 1
    suspicious: tuple[Span, ...] = ()


Spans = Annotated[tuple[Span, ...], Field(min_length=1)]


class SignalFinding(Value):
    """A rubric signal that the model saw, at verified places of the story's text."""

    principle: str
    signal: str
    spans: Spans


class GapFinding(Value):
    """A gap that the model saw, at verified places of the story's text."""

    code: GapCode
    spans: Spans


class PartFinding(Value):
    """Where the model lets a part of the story begin."""

    part: Part
    span: Span


class Remark(Value):
    """A follow-up question, or why a claim is not proven: a model's words, without a fact that the story lacks."""

    text: str
    span: Span


class Silence(Value):
    """A sheet that no usable answer came to.

    Attributes:
        sheet: What was asked: the prompt's name, with the principle where it was about one.
        kind: The slug of the failure.
    """

    sheet: str
    kind: str


class Findings(Value):
    """What remains of a model's answers after every quote was looked for in the story.

    Attributes:
        probes: Follow-up questions.
        unproven: Claims that the story does not bear out.
        asked: The principles that an answer came about; None for all of the brief.
        gaps_asked: An answer came about the gaps.
        silences: What no answer came about.
        dropped_quotes: Findings that were dropped since their quote is not in the story, or their signal was not asked
            for.
        dropped_texts: Remarks that were dropped since they hold a number, a name or a fact that the story lacks.
        model: The model as the provider reported it, or as it was asked for when the reply names none.
        attempts: HTTP requests that were sent.
        boundary: The random delimiter of the prompt; with it the same bytes can be rendered again.
        cost_usd: At most what it cost; None when the price of the model is not known.
        degraded: A fallback model answered.
        calls: What was asked of the model, one entry an answer.
        samples: The answers to the same question that these findings are what they agree on; empty where there was one.
    """

    signals: tuple[SignalFinding, ...]
    gaps: tuple[GapFinding, ...]
    parts: tuple[PartFinding, ...] = ()
    probes: tuple[Remark, ...] = ()
    unproven: tuple[Remark, ...] = ()
    asked: tuple[str, ...] | None = None
    gaps_asked: bool = True
    silences: tuple[Silence, ...] = ()
    dropped_quotes: Annotated[int, Field(ge=0)]
    dropped_texts: Annotated[int, Field(ge=0)] = 0
    model: str
    prompt: ArtefactRef
    boundary: str | None = None
    usage: Usage | None
    attempts: Annotated[int, Field(ge=0)]
    cost_usd: float | None = None
    degraded: bool = False
    calls: tuple[ModelCall, ...] = ()
    samples: tuple["Findings", ...] = ()


class Judge(Protocol):
    """Whoever answers a brief; the one interface of this project."""

    async def judge(self, brief: Brief) -> Findings:
        """Return verified findings; where some of a panel's sheets were not answered, they say so.

        Raises:
            ModelUnavailable: No answer came in time; a later try may help.
            ModelMisbehaved: An answer came and can't be used.
            Misconfigured: The endpoint refuses the key, the model name or the request.
            LimitExceeded: A limit of this service or the provider's quota is reached.
        """
        ...
