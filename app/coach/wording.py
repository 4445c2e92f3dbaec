"""Word a gap for one story: what is there, what is missing and the question whose answer would close it."""

from collections.abc import Callable
from typing import NamedTuple

from app.analysis import cues
from app.analysis.agency import Actor
from app.analysis.facts import Facts
from app.analysis.gaps import GapSign
from app.analysis.quantities import SIZES
from app.analysis.sections import Reading, Sign
from app.domain import GapCode

_CLIP = 60
_SHOWN = 3
_LIKELY = 0.4


class Words(NamedTuple):
    """The two sentences that a gap is told in."""

    message: str
    advice: str


def word_gap(sign: GapSign, facts: Facts) -> Words:
    """Return what is there and what is missing in this story, and the one question that would close the gap.

    Every quoted word and every number is taken from the story.
    """
    words = _WORDING[sign.code](sign, facts)
    return words if sign.sure else Words(f"{words.message} The text leaves it open.", words.advice)


def general_advice(code: GapCode) -> str:
    """Return the question that a gap of this code raises in any story."""
    return _GENERAL[code]


_GENERAL = {
    GapCode.MISSING_SITUATION: "Where was this, when, for whom, and what was at stake if nothing changed?",
    GapCode.MISSING_TASK: "What were you asked to do, or what did you take on, and what was the goal?",
    GapCode.BLOATED_SETUP: "Which two facts does a listener need before the action? Keep those.",
    GapCode.WEAK_OWNERSHIP: "Which of these steps did you yourself decide, write, say or build?",
    GapCode.THIN_ACTION: "How exactly did you do it, which option did you turn down, and why?",
    GapCode.MISSING_RESULT: "How did it end, for whom, even if the outcome was poor?",
    GapCode.MISSING_METRIC: "Which number would show it, what was it before, and when did you measure it again?",
    GapCode.NO_BASELINE: "What was this number before you began, what was the target, and how long did it take?",
    GapCode.VAGUE_RESULT: "What could somebody else have seen or counted that shows this?",
    GapCode.NO_LEARNING: "What do you do differently since then, and what did you leave behind that others use?",
    GapCode.HEDGING: "What are you sure of? Say that part plainly and keep doubt for facts you don't know.",
    GapCode.BLAMES_OTHERS: "What was your own share in it, and how would the other side tell what happened?",
}


def _snippet(reading: Reading) -> str:
    """Return a sentence in quotation marks, cut at a word where it is long; what is quoted is the story's own text."""
    text = reading.text.split("\n")[0].rstrip()
    if len(text) <= _CLIP:
        return f"“{text}”"
    cut = text.rfind(" ", 0, _CLIP)
    return f"“{text[: cut if cut > 0 else _CLIP].rstrip(' ,;:')}” …"


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


def _numbers(readings: tuple[Reading, ...]) -> list[str]:
    return [q.text.strip() for r in readings for q in r.quantities if q.measure in SIZES]


def _word_situation(sign: GapSign, facts: Facts) -> Words:
    return Words(
        f"The story opens with {_snippet(facts.told[0])}: a listener can't tell where, when or for whom this happened, "
        "or why it mattered.",
        _GENERAL[sign.code],
    )


def _word_task(sign: GapSign, facts: Facts) -> Words:
    goal = _starting_points(facts.setup)
    asked = f" Was {goal[0]} to become something else, and who expected it of you?" if goal else ""
    return Words("Nothing says what your own responsibility or goal was.", _GENERAL[sign.code] + asked)


def _word_bloat(sign: GapSign, facts: Facts) -> Words:
    words = sum(reading.words for reading in facts.setup)
    longest = max(sign.readings, key=lambda r: r.words)
    return Words(
        f"Setting the scene takes {words} of {facts.words} words ({round(100 * facts.setup_share)} %); "
        "the action should carry the story.",
        f"{_GENERAL[sign.code]} Could {_snippet(longest)} go?",
    )


def _word_ownership(sign: GapSign, facts: Facts) -> Words:
    verbs = [a.verb for r in sign.readings for a in r.acts if a.actor in (Actor.GROUP, Actor.NOBODY)]
    named = f" Who did what in {_list(verbs)}?" if verbs else ""
    return Words(
        f"Of the deeds in the action, {facts.own_acts} say “I”, {facts.group_acts} a group and {facts.unowned_acts} "
        "nobody: your own part can't be told.",
        _GENERAL[sign.code] + named,
    )


def _word_thin(sign: GapSign, facts: Facts) -> Words:
    what = "no decision is told with its reason" if not facts.decisions else "the steps are named and not shown"
    place = sign.readings[0]
    return Words(
        f"{_snippet(place)} tells what was done; {what}.",
        f"How exactly did you do that, step by step, and which option did you turn down, and why? ({_snippet(place)})",
    )


def _word_no_result(sign: GapSign, facts: Facts) -> Words:
    goal = _starting_points(facts.setup)
    asked = f" You name {_list(goal)} at the start: where did that end?" if goal else ""
    return Words(f"The story stops at {_snippet(sign.readings[-1])}, before any outcome.", _GENERAL[sign.code] + asked)


def _word_metric(sign: GapSign, facts: Facts) -> Words:
    before = _starting_points(facts.setup)
    asked = (
        f"You name {_list(before)} in the setup: what was it afterwards, and when did you measure it again?"
        if before
        else _GENERAL[sign.code]
    )
    return Words(f"{_snippet(sign.readings[0])} is told as the outcome, and no number measures it.", asked)


def _word_baseline(sign: GapSign, _: Facts) -> Words:
    numbers = _numbers(sign.readings)
    if not numbers:
        return Words("There is a number for the outcome, and nothing tells how good it is.", _GENERAL[sign.code])
    return Words(
        f"“{numbers[0]}” measures the outcome, and no starting point, target or time frame tells how good that is.",
        f"“{numbers[0]}”: from what, against which target, and over what time?",
    )


def _word_vague(sign: GapSign, _: Facts) -> Words:
    place = _snippet(sign.readings[0])
    return Words(
        f"{place} tells the outcome in words that nobody could check.",
        f"What could somebody else have seen or counted that shows this? ({place})",
    )


def _word_learning(sign: GapSign, facts: Facts) -> Words:
    if facts.platitudes:
        return Words(
            f"{_snippet(facts.platitudes[0])} is a lesson that anybody could state; nothing of your own is told.",
            _GENERAL[sign.code],
        )
    return Words("Nothing says what you learned, would do differently, or what lasted.", _GENERAL[sign.code])


def _word_hedging(sign: GapSign, facts: Facts) -> Words:
    softeners = [softener for r in facts.hedges for softener in cues.find_hedges(r.text)]
    found = f" ({_list(softeners)})" if softeners else ""
    return Words(f"Your own claims are played down in {len(facts.hedges)} sentences{found}.", _GENERAL[sign.code])


def _word_blame(sign: GapSign, _: Facts) -> Words:
    return Words(
        f"{_snippet(sign.readings[0])} puts a failure or conflict on others, without your own share.",
        _GENERAL[sign.code],
    )


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
