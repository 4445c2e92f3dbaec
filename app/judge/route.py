"""One model at the endpoint: what it understands, what it costs, how it fares and how fast it may be asked."""

from collections.abc import Sequence
from typing import NamedTuple

from app.domain import Charge, Spent
from app.judge.breaker import Breaker
from app.judge.dialect import Dialect
from app.judge.failures import Fault, Kind
from app.judge.pace import Pace
from app.judge.prices import Price
from app.judge.prompts import Inquiry, Message
from app.judge.reply import Tokens

_TOKENS_A_MESSAGE = 16  # roles and separators
_BYTES_A_TOKEN = 4  # of English; providers estimate in the same way when they count against a limit
_ABSURD = 10  # so many times the most that a request can take is not what it took
_NEVER_RUN = frozenset({Kind.UNREACHABLE, Kind.TLS_FAILED, Kind.ADDRESS_REFUSED, Kind.OVERLOADED})


class Size(NamedTuple):
    """The tokens of a request before it is sent.

    Attributes:
        most_input: A token is at least a byte, so there can't be more.
        output: The limit that goes with the request.
    """

    most_input: int
    output: int

    @property
    def likely(self) -> int:
        """Both together, as a provider estimates it."""
        return self.most_input // _BYTES_A_TOKEN + self.output


def measure(inquiry: Inquiry, messages: Sequence[Message], output_tokens: int) -> Size:
    """Return the size of a request; the answer's form counts as if it were written out."""
    form = max(len(inquiry.schema_note), inquiry.schema.longest)
    texts = [message.content for message in messages]
    written = form + sum(len(text) if text.isascii() else len(text.encode()) for text in texts)
    return Size(written + _TOKENS_A_MESSAGE * len(messages), output_tokens)


class Route:
    """A model at the endpoint, with the key of the client that uses it.

    Args:
        model: Its name there.
        dialect: What it is taken to understand at first.
        price: None where it is not known.
        pace: Its rate.
        breaker: Its health.
    """

    def __init__(self, model: str, dialect: Dialect, *, price: Price | None, pace: Pace, breaker: Breaker) -> None:
        self.model = model
        self.dialect = dialect
        self.pace = pace
        self.breaker = breaker
        self._price = price

    def most(self, size: Size) -> Charge:
        """Return the most that a request can cost."""
        return self._charge(Tokens(size.most_input, size.output))

    def spent(self, size: Size, tokens: Tokens | None) -> Spent:
        """Return what an answered request took: the most it can, where the reply's numbers are missing or absurd."""
        if tokens is None or tokens.input > _ABSURD * size.most_input or tokens.output > _ABSURD * size.output:
            return Spent(self.most(size), requests=1)
        return Spent(self._charge(tokens), 1, tokens.input, tokens.output)

    def spent_in_vain(self, size: Size, fault: Fault) -> Spent:
        """Return what a failed request may have taken; an error reply is free, a lost connection may not be."""
        is_free = fault.status is not None or fault.kind in _NEVER_RUN
        return Spent(Charge(0, 0) if is_free else self.most(size), requests=1)

    def _charge(self, tokens: Tokens) -> Charge:
        nanousd = None
        if self._price is not None:
            nanousd = self._price.nanousd(tokens.input, tokens.output, cached_tokens=tokens.cached)
        return Charge(tokens.input + tokens.output, nanousd)
