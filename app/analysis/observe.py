"""Read a story once and return everything that code can see in it."""

from typing import NamedTuple

from app.analysis.facts import Facts, gather_facts
from app.analysis.gaps import GapSign, find_gaps
from app.analysis.principles import Ranked, rank_principles
from app.analysis.sections import Reading, read_sections
from app.analysis.sentences import count_words, split_sentences
from app.rubric import Rubric


class Observations(NamedTuple):
    """What the rules engine saw.

    Attributes:
        words: Spoken words of the whole text.
        ranked: All principles of the rubric, best fit first.
    """

    words: int
    readings: tuple[Reading, ...]
    facts: Facts
    gaps: tuple[GapSign, ...]
    ranked: tuple[Ranked, ...]


def observe(text: str, rubric: Rubric) -> Observations:
    """Return the observations of a story's text; pure, deterministic, about a millisecond a story."""
    readings = read_sections(split_sentences(text))
    facts = gather_facts(readings)
    return Observations(count_words(text), readings, facts, find_gaps(facts), rank_principles(readings, rubric))
