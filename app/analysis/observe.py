"""Read a story once and return everything that code can see in it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.analysis.facts import Facts, gather_facts
from app.analysis.gaps import GapSign, find_gaps
from app.analysis.language import find_obstacle
from app.analysis.principles import Ranked, find_evidence, rank_principles
from app.analysis.said import Reader, Said
from app.analysis.screen.adverts import find_adverts
from app.analysis.screen.filler import find_filler, is_word_salad
from app.analysis.screen.screen import Measure, Screened, screen
from app.analysis.sections import Reading, read_sections, reread
from app.analysis.sentences import count_words
from app.domain import GapCode, Span
from app.rubric import Rubric

_NOTHING_TOLD = (GapCode.MISSING_SITUATION, GapCode.THIN_ACTION, GapCode.MISSING_RESULT)
_SALAD = "The words do not make up sentences that tell of anything; there is nothing to assess."


class Observations(NamedTuple):
    """What the rules engine saw.

    Attributes:
        words: Spoken words of the whole text.
        readings: The sentences that may count, in order.
        ranked: All principles of the rubric, best fit first.
        suspicious: Stretches of the text that are no story and counted for nothing.
        obstacle: Why nothing can be assessed once sentences that tell nothing are left out; None when it can.
    """

    words: int
    readings: tuple[Reading, ...]
    facts: Facts
    gaps: tuple[GapSign, ...]
    ranked: tuple[Ranked, ...]
    suspicious: tuple[Span, ...] = ()
    obstacle: str | None = None


class Sight(NamedTuple):
    """What came of looking at a text: what was screened, and what was observed or why nothing can be assessed."""

    screened: Screened
    observed: Observations | str


def look(
    text: str,
    rubric: Rubric,
    *,
    question: str | None = None,
    measure: Measure | None = None,
    read: Reader = Said,
) -> Sight:
    """Screen a text and observe what is left; pure, deterministic, some ten milliseconds a story.

    Args:
        text: The text as given.
        rubric: The principles to rank.
        question: As for `observe_screened`.
        measure: As for `screen`.
        read: As for `observe_screened`.
    """
    screened = screen(text, measure)
    obstacle = find_obstacle(screened.left)
    if obstacle is not None:
        return Sight(screened, obstacle)
    observed = observe_screened(text, screened, rubric, question=question, read=read)
    return Sight(screened, observed if observed.obstacle is None else observed.obstacle)


def observe(text: str, rubric: Rubric, *, question: str | None = None) -> Observations:
    """Return the observations of a story's text; pure, deterministic, a few milliseconds a story."""
    return observe_screened(text, screen(text), rubric, question=question)


def observe_screened(
    text: str, screened: Screened, rubric: Rubric, *, question: str | None = None, read: Reader = Said
) -> Observations:
    """Return the observations of a text that was screened before.

    Args:
        text: The text as given.
        screened: What `screen` returned for it.
        rubric: The principles to rank.
        question: What the story answers; it helps to rank the principles and is no evidence.
        read: What reads a sentence, for who has read some of them before.
    """
    everything = read_sections(screened.sentences, read)
    facts = gather_facts(everything)
    gaps = find_gaps(facts)
    asked = screen(question).left if question else None
    whole = Observations(count_words(text), everything, facts, gaps, (), screened.suspicious)
    adverts = find_adverts(everything)
    idle = find_filler(everything) | adverts | screened.company
    labels = frozenset([number for number, reading in enumerate(everything) if reading.said.is_label])
    is_salad = is_word_salad(everything)
    if (idle or labels) and not is_salad and (not everything or len(adverts) < len(everything)):
        return _discount(whole, idle, labels, rubric, question=asked)
    whole = whole._replace(ranked=rank_principles(everything, rubric, question=asked))
    if is_salad:
        return whole._replace(obstacle=_SALAD)
    return _tell_nothing(whole) if everything and len(adverts) == len(everything) else whole


def _tell_nothing(whole: Observations) -> Observations:
    """Return what a text shows that tells of nothing that happened: no scene, no deed, no outcome, no principle."""
    gaps = tuple(GapSign(code, whole.readings[:1]) for code in _NOTHING_TOLD)
    return whole._replace(gaps=gaps, ranked=tuple(item._replace(readings=()) for item in whole.ranked))


def _discount(
    whole: Observations,
    idle: frozenset[int],
    labels: frozenset[int],
    rubric: Rubric,
    *,
    question: str | None,
) -> Observations:
    """Return what holds both with and without headings and the sentences that tell nothing: they can only harm.

    Args:
        whole: What was observed in everything; nothing is ranked yet.
        idle: Numbers of the sentences that tell nothing.
        labels: Numbers of the headings.
        rubric: The principles to rank.
        question: What the story answers.
    """
    left = [reading for number, reading in enumerate(whole.readings) if number not in idle]
    obstacle = find_obstacle("\n".join(reading.text for reading in left)) if idle else None
    told = [reading for number, reading in enumerate(whole.readings) if number not in idle | labels]
    if not told:
        return whole._replace(ranked=rank_principles(whole.readings, rubric, question=question), obstacle=obstacle)
    readings = reread(told)
    ranked = _agree(rank_principles(readings, rubric, question=question), find_evidence(whole.readings))
    chosen = whole._replace(ranked=ranked, obstacle=obstacle)
    most = _most(whole.gaps, rubric)
    if most <= min((cap.at_most for cap in rubric.formula.caps), default=most):
        return chosen  # no gap that would come to light could allow less
    facts = gather_facts(readings)
    gaps = find_gaps(facts)
    return chosen._replace(readings=readings, facts=facts, gaps=gaps) if _most(gaps, rubric) < most else chosen


def _agree(ranked: tuple[Ranked, ...], evidence: Mapping[str, Sequence[Reading]]) -> tuple[Ranked, ...]:
    """Return a ranking with that evidence alone which was found elsewhere as well."""
    known = {name: {reading.sentence.start for reading in readings} for name, readings in evidence.items()}
    return tuple(
        [
            item._replace(readings=tuple([r for r in item.readings if r.sentence.start in known[item.principle.id]]))
            if item.principle.id in known
            else item._replace(readings=())
            for item in ranked
        ]
    )


def _most(gaps: tuple[GapSign, ...], rubric: Rubric) -> int:
    """Return the highest strength that the gaps allow."""
    codes = {gap.code for gap in gaps}
    caps = [cap for cap in rubric.formula.caps if cap.principle is None]
    return min((cap.at_most for cap in caps if sum(code in codes for code in cap.gaps) >= cap.at_least), default=5)
