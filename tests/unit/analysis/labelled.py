"""Read the labelled sentences, quantities and actors of `evals/sentences`."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from app.analysis.agency import Act, Actor
from app.documents import split_front_matter

FOLDER = Path(__file__).parents[3] / "evals" / "sentences"


class Span(NamedTuple):
    """A labelled stretch of a story.

    Attributes:
        label: The section of a sentence, or the kind of a quantity.
        actor: Who acts in a sentence: `I`, `WE`, `OTHER`, `PASSIVE` or `NONE`; empty for a quantity.
    """

    start: int
    end: int
    label: str
    actor: str = ""


class Labelled(NamedTuple):
    """A story whose sentences and quantities are labelled."""

    name: str
    text: str
    sentences: tuple[Span, ...]
    quantities: tuple[Span, ...]


@cache
def load_labelled() -> tuple[Labelled, ...]:
    """Return all labelled stories."""
    return tuple(_load(path) for path in sorted(FOLDER.glob("*.md")))


def _load(path: Path) -> Labelled:
    front = split_front_matter(path.read_text(encoding="utf-8"))
    assert front.fields is not None
    return Labelled(
        path.stem,
        front.body,
        tuple(Span(start, end, label, actor) for start, end, label, actor in front.fields["sections"]),
        tuple(Span(start, end, label) for start, end, label, _ in front.fields["quantities"] or ()),
    )


def load_lines(name: str, separator: str) -> list[tuple[str, str]]:
    """Return the two halves of each line of a file of hard cases."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [(left, right) for left, _, right in (line.partition(separator) for line in lines)]


def main_actor(acts: tuple[Act, ...]) -> Actor | None:
    """Return who carries the decisive deed: own deeds first, main clauses before side clauses; None without a deed."""
    for candidates in ([act for act in acts if act.main], list(acts)):
        if candidates:
            own = [act for act in candidates if act.actor is Actor.SELF]
            return own[0].actor if own else candidates[0].actor
    return None
