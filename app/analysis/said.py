"""Read what a sentence says by itself, wherever it stands: each thing once, however often it is asked for."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

from app.analysis.agency import Act, Actor, find_acts
from app.analysis.blocks import LABEL, Kind
from app.analysis.cues import find_cues
from app.analysis.features import name_tokens
from app.analysis.quantities import Quantity, find_quantities

_T = TypeVar("_T")


class Said:
    """A sentence without its place.

    Args:
        text: The sentence as written.
        kind: How it stands on the page.

    Attributes:
        is_label: It is a heading or a label itself; then nothing in it counts as a deed or a measure.
        tokens: Its words from `name_tokens`.
        acts: Deeds, with places relative to the sentence.
        quantities: Measures, with places relative to the sentence.
        cues: The names of the cues that stand in it.
        words: How many words it has.
    """

    def __init__(self, text: str, kind: Kind) -> None:
        self.text = text
        self.kind = kind
        self.is_label = kind is Kind.HEADING or LABEL.fullmatch(text.strip()) is not None
        self.tokens: tuple[str, ...] = tuple(name_tokens(text))
        self.acts: tuple[Act, ...] = () if self.is_label else find_acts(text)
        self.quantities: tuple[Quantity, ...] = () if self.is_label else find_quantities(text)
        self.cues = find_cues(text)
        self.words = len(text.split())
        self._answers: dict[Callable[[Said], Any], Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what can be found again: a process that only settles what was seen asks for little of it."""
        found = ("vocabulary", "actors")
        return {name: value for name, value in self.__dict__.items() if name not in found} | {"_answers": {}}

    def tell(self, question: Callable[["Said"], _T]) -> _T:
        """Return what a function says of the sentence; it is called once and must depend on nothing else."""
        answers = self._answers
        if question not in answers:
            answers[question] = question(self)
        return answers[question]

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Its different words."""
        return frozenset(self.tokens)

    @cached_property
    def actors(self) -> frozenset[Actor]:
        """Who does something in it."""
        return frozenset([act.actor for act in self.acts])


Reader = Callable[[str, Kind], Said]
"""What reads a sentence of a kind."""
