"""What asking a model took and what it costs."""

from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from app.domain.terms import ArtefactRef, Value

NANO = 1_000_000_000


class Charge(NamedTuple):
    """Tokens, and money in billionths of a US dollar, so that sums are exact; None where no price is known."""

    tokens: int
    nanousd: int | None

    @property
    def usd(self) -> float | None:
        """The money in US dollars."""
        return None if self.nanousd is None else self.nanousd / NANO


class Spent(NamedTuple):
    """What one request turned out to take.

    Attributes:
        charge: What counts against budgets: what was reported, or the most it could be where nothing plausible was.
        requests: 1, or 0 when it was never sent.
        input_tokens: As reported; 0 when nothing plausible was.
        output_tokens: As reported, thoughts included; 0 when nothing plausible was.
    """

    charge: Charge
    requests: int
    input_tokens: int = 0
    output_tokens: int = 0


NOTHING_SPENT = Spent(Charge(0, 0), requests=0)


@dataclass(slots=True)
class Bill:
    """One request on its way from a budget to the model.

    Attributes:
        most: What it can cost at most; held back while it is under way.
        payer: Id of the user whose budget it counts against; None where there are no users.
        spent: What it took, as far as that is known; read when it is over.
    """

    most: Charge
    payer: str | None
    spent: Spent = NOTHING_SPENT


class ModelCall(Value):
    """One answered question to a model: enough to ask it again, and to look it up at the provider.

    Attributes:
        model: As the provider reported it, or as it was asked for when the reply names none.
        degraded: A fallback model answered, since the first could not.
        attempts: HTTP requests that were sent for it.
        parameters: What was sent beside model and messages; a schema by its name.
        latency_ms: From the first request to the last byte, waits between tries included.
        cost_usd: At most this much: a request without a plausible count counts as the most it could cost. None where
            no price is known.
        asked: What it was about: the prompt's name, with the principle where it was about one.
        boundary: The random delimiter of its prompt.
        sample: Which answer to the same question it is, from 1.
        recalled: It was paid for before: nothing was sent, and what the first time took is not counted again.
    """

    model: str
    degraded: bool = False
    attempts: Annotated[int, Field(ge=0)]
    parameters: Annotated[dict[str, Any], Field(default_factory=dict)]
    latency_ms: Annotated[int, Field(ge=0)]
    finish_reason: str
    request_id: str | None = None
    input_tokens: Annotated[int | None, Field(ge=0)] = None
    cached_tokens: Annotated[int | None, Field(ge=0)] = None
    output_tokens: Annotated[int | None, Field(ge=0)] = None
    cost_usd: float | None = None
    asked: str | None = None
    prompt: ArtefactRef | None = None
    boundary: str | None = None
    sample: Annotated[int, Field(ge=1)] = 1
    recalled: bool = False
