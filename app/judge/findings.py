"""What a judge is asked and what it may answer: signals and gaps, each with places in the story."""

from typing import Annotated, Protocol

from pydantic import Field

from app.domain import ArtefactRef, GapCode, ModelCall, Span, Story, Usage, Value
from app.rubric import Rubric


class Brief(Value):
    """One story and what to look for in it.

    Attributes:
        principles: Ids of the principles whose signals are asked for, most likely first.
        payer: Id of the user whose budget the calls count against; None where there are no users.
    """

    story: Story
    rubric: Rubric
    role: str
    level: str
    principles: tuple[str, ...]
    payer: str | None = None


class SignalFinding(Value):
    """A rubric signal that the model saw, at verified places of the story's text."""

    principle: str
    signal: str
    spans: Annotated[tuple[Span, ...], Field(min_length=1)]


class GapFinding(Value):
    """A gap that the model saw, at verified places of the story's text."""

    code: GapCode
    spans: Annotated[tuple[Span, ...], Field(min_length=1)]


class Findings(Value):
    """What remains of a model's answer after every quote was looked for in the story.

    Attributes:
        dropped_quotes: Findings that were dropped since their quote is not in the story, or their signal was not asked
            for.
        model: The model as the provider reported it, or as it was asked for when the reply names none.
        attempts: HTTP requests that were sent.
        boundary: The random delimiter of the prompt; with it the same bytes can be rendered again.
        cost_usd: At most what it cost; None when the price of the model is not known.
        degraded: A fallback model answered.
        calls: What was asked of the model, one entry an answer.
    """

    signals: tuple[SignalFinding, ...]
    gaps: tuple[GapFinding, ...]
    dropped_quotes: Annotated[int, Field(ge=0)]
    model: str
    prompt: ArtefactRef
    boundary: str | None = None
    usage: Usage | None
    attempts: Annotated[int, Field(ge=1)]
    cost_usd: float | None = None
    degraded: bool = False
    calls: tuple[ModelCall, ...] = ()


class Judge(Protocol):
    """Whoever answers a brief; the one interface of this project."""

    async def judge(self, brief: Brief) -> Findings:
        """Return verified findings.

        Raises:
            ModelUnavailable: No answer came in time; a later try may help.
            ModelMisbehaved: An answer came and can't be used.
            Misconfigured: The endpoint refuses the key, the model name or the request.
            LimitExceeded: A limit of this service or the provider's quota is reached.
        """
        ...
