"""What a model's tokens cost: the shipped table, and the operator's own before it."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.documents import DocumentError, load_json
from app.domain import NANO
from app.errors import Misconfigured

_MILLION = 1_000_000
_DATE = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8})$")
_MOST_BYTES = 1_000_000

Usd = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class Price(BaseModel):
    """US dollars per million tokens; without a price of their own, cached tokens cost what others do.

    Attributes:
        batch_share: What the provider's batches cost, as a share of these prices.
        dated: When it was read or recalled.
        source: Where it comes from: a name of the table's sources.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    input: Usd
    cached_input: Usd | None = None
    output: Usd
    batch_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    dated: str | None = None
    source: str | None = None

    def in_a_batch(self) -> "Price":
        """Return the price of the same tokens in a provider's batch."""
        cached = None if self.cached_input is None else self.cached_input * self.batch_share
        return Price(input=self.input * self.batch_share, cached_input=cached, output=self.output * self.batch_share)

    def nanousd(self, input_tokens: int, output_tokens: int, *, cached_tokens: int = 0) -> int:
        """Return what tokens cost, rounded up.

        Args:
            input_tokens: Cached ones included.
            output_tokens: Thoughts included.
            cached_tokens: Those of the input that the provider had in its cache.
        """
        cached = self.input if self.cached_input is None else self.cached_input
        usd = (input_tokens - cached_tokens) * self.input + cached_tokens * cached + output_tokens * self.output
        return math.ceil(usd * (NANO // _MILLION))


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    dated: str
    notice: str = ""
    sources: dict[str, str] = {}
    models: dict[str, Price]


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by model.

    Attributes:
        dated: When the shipped table was written.
        sources: What the names of sources in it mean.
    """

    dated: str
    models: Mapping[str, Price]
    sources: Mapping[str, str]

    def find(self, model: str) -> Price | None:
        """Return a model's price, or None when none is known; a date at the end of a name means the same model."""
        return self.models.get(model) or self.models.get(_DATE.sub("", model))


def load_prices(own: Path | None = None) -> Prices:
    """Read the shipped table and the operator's.

    Args:
        own: A file of the same form as the shipped one; its models come first.

    Raises:
        Misconfigured: The operator's file can't be used.
    """
    shipped = _Table.model_validate(load_json(files("app.judge").joinpath("prices.json").read_text(encoding="utf-8")))
    added = _read_own(own) if own is not None else _Table(dated=shipped.dated, models={})
    return Prices(shipped.dated, {**shipped.models, **added.models}, {**shipped.sources, **added.sources})


def _read_own(path: Path) -> _Table:
    try:
        with path.open("rb") as file:
            value: Any = load_json(file.read(_MOST_BYTES).decode("utf-8"))
        return _Table.model_validate(value)
    except OSError as error:
        reason = error.strerror or "can't be read"
    except UnicodeDecodeError:
        reason = "not UTF-8"
    except DocumentError as error:
        reason = error.reason
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        reason = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    raise Misconfigured(f"COACH_PRICES_FILE: {reason}", slug="bad-prices")
