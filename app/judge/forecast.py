"""Foresee what asking about stories would take, without asking."""

from collections.abc import Iterable
from typing import NamedTuple

from app.catalog import Catalog
from app.domain import NANO
from app.judge.cache import AnswerCache, Place
from app.judge.endpoint import read_endpoint
from app.judge.findings import Brief
from app.judge.prices import load_prices
from app.judge.prompts import Inquiry, draw_boundary, load_prompters
from app.judge.recall import Recall, Request, describe_circumstances
from app.judge.route import Size, measure
from app.judge.sheets import lay_out
from app.settings import Settings


class Forecast(NamedTuple):
    """What asking would take.

    Attributes:
        calls: Questions to a model, those of which the answer is kept included.
        recalled: Those of which the answer is kept, or is asked for twice.
        input_tokens: As providers estimate them from the size of a text.
        output_tokens: The most that the answers may have.
        nanousd: The cost of both, in billionths of a US dollar; None where no price is known.
    """

    calls: int = 0
    recalled: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    nanousd: int | None = 0

    @property
    def cost_usd(self) -> float | None:
        """The cost in US dollars; None where no price is known."""
        return None if self.nanousd is None else self.nanousd / NANO


class Forecaster:
    """Foresees what a judge with the same settings would ask, each question once.

    Args:
        settings: The endpoint, its model and its limits.
        catalog: Where prompts come from.
        cache: Where answers are kept; None asks each time.
        in_a_batch: Questions go through the provider's batches, at their price.

    Raises:
        Misconfigured: No endpoint is configured, or a prompt or the file of prices is broken.
    """

    def __init__(
        self, settings: Settings, catalog: Catalog, cache: AnswerCache | None, *, in_a_batch: bool = False
    ) -> None:
        endpoint = read_endpoint(settings)
        price = load_prices(settings.prices_file).find(endpoint.model)
        self._price = price.in_a_batch() if price and in_a_batch else price
        self._output_tokens = settings.max_output_tokens
        self._prompters = load_prompters(catalog, most_notes=settings.max_notes)
        self._recall = Recall(cache, describe_circumstances(endpoint, settings), longest_s=0.0)
        self._asked: set[Place] = set()

    async def foresee(self, brief: Brief, samples: int) -> Forecast:
        """Return what it would take to ask about a story.

        Args:
            brief: What to ask.
            samples: The most answers to the same question.
        """
        calls = recalled = input_tokens = 0
        boundary = draw_boundary()
        for one in (brief.model_copy(update={"sample": number}) for number in range(1, samples + 1)):
            for sheet in lay_out(one):
                prompter = self._prompters[sheet.name]
                inquiry = prompter.render(one, boundary, sheet)
                calls += 1
                if await self._is_known(Request(one, sheet, inquiry, prompter.ref, boundary)):
                    recalled += 1
                else:
                    input_tokens += self._size(inquiry).likely - self._output_tokens
        output_tokens = self._output_tokens * (calls - recalled)
        nanousd = self._price.nanousd(input_tokens, output_tokens) if self._price else None
        return Forecast(calls, recalled, input_tokens, output_tokens, nanousd if calls > recalled else 0)

    async def _is_known(self, request: Request) -> bool:
        place = self._recall.place(request)
        if place is None:
            return False
        is_known = place in self._asked or await self._recall.knows(request)
        self._asked.add(place)
        return is_known

    def _size(self, inquiry: Inquiry) -> Size:
        return measure(inquiry, inquiry.messages(show_schema=False, repair=False), self._output_tokens)


def add_up(forecasts: Iterable[Forecast]) -> Forecast:
    """Return several forecasts as one; its cost is unknown where one of theirs is."""
    total = Forecast()
    for one in forecasts:
        nanousd = None if total.nanousd is None or one.nanousd is None else total.nanousd + one.nanousd
        total = Forecast(
            total.calls + one.calls,
            total.recalled + one.recalled,
            total.input_tokens + one.input_tokens,
            total.output_tokens + one.output_tokens,
            nanousd,
        )
    return total
