"""Word a gap for one story: what is there, what is missing and the one question whose answer would close it."""

import re
from collections.abc import Callable
from functools import cache
from typing import Literal, NamedTuple

from app.analysis import cues
from app.analysis.agency import Actor
from app.analysis.facts import Facts
from app.analysis.gaps import GapSign
from app.analysis.quantities import SIZES, Measure, Quantity
from app.analysis.sections import Reading, Sign
from app.coach.asking import GENERAL, ask_for_number, ask_for_observation, ask_how, ask_setting, ask_yardstick
from app.coach.phrasing import Change, Clause, read_outcome, take_clause, take_opening
from app.domain import GapCode

_LIKELY = 0.4
_SHOWN = 3
_TELLING = 5
_ASKED_FIRST: dict[Change | None, int] = {Change.MOVED: 0, Change.COMPARED: 0, Change.TAKEN_UP: 1, Change.KEPT: 1}
_STRONG = frozenset({Measure.PERCENT, Measure.MONEY})
_NEGATED = re.compile(r"n['’]?t\b|\bnot\b|\bnever\b")


class Words(NamedTuple):
    """The two sentences that a gap is told in."""

    message: str
    advice: str


def word_gap(sign: GapSign, facts: Facts) -> Words:
    """Return what is there and what is missing in this story, and the one question that would close the gap.

    Every quoted word and every number is taken from the story, but for counts of its words and deeds.
    """
    words = _WORDING[sign.code](sign, facts)
    return words if sign.sure else Words(f"{words.message} The text leaves it open.", words.advice)


def general_advice(code: GapCode) -> str:
    """Return the question that a gap of this code raises in any story."""
    return GENERAL[code]


def clause_of(reading: Reading, *actors: Actor) -> Clause:
    """Return the clause of a sentence around the first deed of one of these actors, or else its first clause."""
    act = next((act for act in reading.acts if act.actor in actors), None)
    return take_clause(reading.text, act.start if act else 0)


def _list(items: list[str]) -> str:
    unique = list(dict.fromkeys(items))[:_SHOWN]
    return ", ".join(f"“{item}”" for item in unique)


def _starting_points(readings: tuple[Reading, ...]) -> list[str]:
    """Return the measures that the setup gives for what was to change; a team size or a date is none."""
    return [
        q.text.strip()
        for r in readings
        if r.shows(Sign.BASELINE, _LIKELY) and not r.shows(Sign.NUMBER, _LIKELY)
        for q in r.quantities
        if q.measure in SIZES
    ]


def _word_situation(sign: GapSign, facts: Facts) -> Words:
    opening = facts.setup[:2] or facts.told[:2]
    seen = frozenset[str]().union(*(r.cues for r in opening))
    placed = "setting" in seen or any(r.shows(Sign.SETTING) for r in opening)
    staked = "stakes" in seen or any(r.shows(Sign.STAKES) for r in opening)
    missing, question = ask_setting(placed=placed, staked=staked)
    return Words(f"The story opens with {take_opening(sign.readings[0].text).quoted}; {missing}.", question)


def _word_task(sign: GapSign, facts: Facts) -> Words:
    goal = _starting_points(facts.setup)
    message = "Nothing says what your own responsibility or goal was."
    own = next((r for r in facts.action if _has(r, Actor.SELF)), None)
    if own is None:
        return Words(message, GENERAL[sign.code])
    clause = clause_of(own, Actor.SELF)
    aim = f"and what was “{goal[0]}” to become" if goal else "and what was the goal"
    return Words(
        f"The first deed of your own is {clause.quoted}, and nothing says what you answered for or aimed at.",
        f"{clause.quoted}: did somebody ask this of you or did you take it on, {aim}?",
    )


def _word_bloat(sign: GapSign, facts: Facts) -> Words:
    words = sum(reading.words for reading in facts.setup)
    longest = take_opening(max(sign.readings, key=lambda r: r.words).text)
    return Words(
        f"Setting the scene takes {words} of {facts.words} words ({round(100 * facts.setup_share)} %); "
        "the action should carry the story.",
        f"What would a listener miss without {longest.quoted}?",
    )


def _word_ownership(sign: GapSign, facts: Facts) -> Words:
    total = facts.own_acts + facts.group_acts + facts.unowned_acts
    message = (
        f"Of {total} deeds in the action you tell {facts.own_acts} with “I”, {facts.group_acts} with a group and "
        f"{facts.unowned_acts} with nobody, so your own part can't be told."
    )
    deeds = [(r, act) for r in sign.readings for act in r.acts if act.actor in (Actor.GROUP, Actor.NOBODY)]
    clauses = [(act.actor, take_clause(reading.text, act.start)) for reading, act in deeds]
    told = [item for item in clauses if not _NEGATED.search(item[1].text)] or clauses
    if not told:
        return Words(message, GENERAL[sign.code])
    actor, clause = told[0]
    if actor is Actor.NOBODY:
        return Words(message, f"{clause.quoted}: by whom, and which part of it did you decide, write or say yourself?")
    return Words(message, f"{clause.quoted}: which part of this did you yourself decide, write, say or build?")


def _word_thin(sign: GapSign, facts: Facts) -> Words:
    missing = "no decision is told with its reason" if not facts.decisions else "how it was done is not"
    clause = clause_of(sign.readings[0], Actor.SELF, Actor.GROUP, Actor.NOBODY)
    return Words(f"{clause.quoted} tells what was done; {missing}.", ask_how(clause))


def _word_no_result(sign: GapSign, facts: Facts) -> Words:
    goal = _starting_points(facts.setup)
    last = clause_of(sign.readings[-1], *Actor)
    message = f"The story stops at {last.quoted}, before any outcome."
    if goal:
        return Words(message, f"You name “{goal[0]}” at the start: where did that end, and for whom?")
    return Words(message, f"After {last.quoted}: how did it end, and for whom, even if it ended badly?")


def _word_metric(sign: GapSign, facts: Facts) -> Words:
    outcomes = [(reading, read_outcome(reading.text)) for reading in sign.readings]
    place, outcome = min(outcomes, key=lambda item: _ASKED_FIRST.get(item[1].change, len(_ASKED_FIRST)))
    size = next(
        (q.text.strip() for q in place.quantities if q.measure in _STRONG and q.text in outcome.clause.text), None
    )
    lack = f"nothing tells what “{size}” started from or how it was measured" if size else "no number measures it"
    message = f"{outcome.clause.quoted} is told as the outcome, and {lack}."
    before = _starting_points(facts.setup)
    if before:
        return Words(message, f"You name “{before[0]}” at the start: what was it afterwards, and when did you measure?")
    return Words(message, ask_for_number(outcome, is_vague=place.shows(Sign.VAGUE, _LIKELY)))


def _word_baseline(sign: GapSign, facts: Facts) -> Words:
    del facts
    for reading in sign.readings:
        size = next((q for q in reading.quantities if q.measure in SIZES), None)
        if size is not None:
            return _word_yardstick(reading, size)
    return Words(
        f"{take_clause(sign.readings[0].text).quoted} gives the outcome a number, and nothing tells how good it is.",
        GENERAL[sign.code],
    )


def _word_yardstick(reading: Reading, size: Quantity) -> Words:
    clause = take_clause(reading.text, max(size.start, 0))
    number = size.text.strip()
    measured = clause.quoted if number in clause.text else f"“{number}”"
    moved = f"by {number}" in reading.text or read_outcome(reading.text).change is Change.MOVED
    return Words(
        f"{measured} measures the outcome, and no starting point, target or time frame tells how good that is.",
        ask_yardstick(number, is_change=moved and size.measure is Measure.PERCENT),
    )


def _word_vague(sign: GapSign, facts: Facts) -> Words:
    del facts
    outcomes = [read_outcome(r.text, _place_of("vague", r.text) or 0) for r in sign.readings]
    outcome = next((outcome for outcome in outcomes if outcome.about), outcomes[0])
    return Words(
        f"{outcome.clause.quoted} tells the outcome in words that nobody could check.", ask_for_observation(outcome)
    )


def _word_learning(sign: GapSign, facts: Facts) -> Words:
    question = _look_back(facts) or GENERAL[sign.code]
    if facts.platitudes:
        lesson = take_clause(facts.platitudes[0].text)
        return Words(f"{lesson.quoted} is a lesson that anybody could state; nothing of your own is told.", question)
    return Words("Nothing says what you learned, would do differently, or what lasted.", question)


def _look_back(facts: Facts) -> str | None:
    """Ask about the first decision or deed of the candidate's own that says enough to be recognised."""
    own = [clause_of(r, Actor.SELF) for r in (*facts.decisions, *facts.action) if _has(r, Actor.SELF)]
    clause = next((clause for clause in own if len(clause.text.split()) >= _TELLING), own[0] if own else None)
    return (
        f"{clause.quoted}: looking back, what would you do differently, or what has stayed since?" if clause else None
    )


def _word_hedging(sign: GapSign, facts: Facts) -> Words:
    softeners = [_whole(softener, r.text) for r in facts.hedges for softener in cues.find_hedges(r.text)]
    found = f" ({_list(softeners)})" if softeners else ""
    sentences = "one sentence" if len(facts.hedges) == 1 else f"{len(facts.hedges)} sentences"
    message = f"Your own claims are played down in {sentences}{found}."
    if not softeners:
        return Words(message, GENERAL[sign.code])
    place = next((r for r in sign.readings if softeners[0] in r.text), sign.readings[0])
    clause = take_clause(place.text, max(place.text.find(softeners[0]), 0))
    return Words(message, f"{clause.quoted}: which part of this are you certain of, said without “{softeners[0]}”?")


def _whole(softener: str, text: str) -> str:
    """Return a softener with the preposition that belongs to it."""
    return f"{softener} of" if f"{softener} of " in text else softener


def _word_blame(sign: GapSign, facts: Facts) -> Words:
    del facts
    place = _place_of("contempt", sign.readings[0].text)
    clause = take_clause(sign.readings[0].text, place) if place else clause_of(sign.readings[0], Actor.OTHER)
    return Words(
        f"{clause.quoted} puts a failure or conflict on others, without your own share.",
        f"{clause.quoted}: what was your own share in it, and how would they tell what happened?",
    )


def _has(reading: Reading, *actors: Actor) -> bool:
    return any(act.actor in actors for act in reading.acts)


def _place_of(cue: Literal["contempt", "vague"], text: str) -> int | None:
    """Return where the first words of a cue begin."""
    match = _pattern(cue).search(text)
    return match.start() if match else None


@cache
def _pattern(cue: Literal["contempt", "vague"]) -> re.Pattern[str]:
    phrases = cues.CONTEMPT if cue == "contempt" else cues.VAGUE
    return re.compile("|".join(f"(?:{pattern})" for pattern in phrases), re.IGNORECASE)


_WORDING: dict[GapCode, Callable[[GapSign, Facts], Words]] = {
    GapCode.MISSING_SITUATION: _word_situation,
    GapCode.MISSING_TASK: _word_task,
    GapCode.BLOATED_SETUP: _word_bloat,
    GapCode.WEAK_OWNERSHIP: _word_ownership,
    GapCode.THIN_ACTION: _word_thin,
    GapCode.MISSING_RESULT: _word_no_result,
    GapCode.MISSING_METRIC: _word_metric,
    GapCode.NO_BASELINE: _word_baseline,
    GapCode.VAGUE_RESULT: _word_vague,
    GapCode.NO_LEARNING: _word_learning,
    GapCode.HEDGING: _word_hedging,
    GapCode.BLAMES_OTHERS: _word_blame,
}
