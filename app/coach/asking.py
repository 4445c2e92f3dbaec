"""Ask for what a gap lacks, in the words of the clause that shows it."""

import re
from typing import NamedTuple

from app.analysis.lazily import Pattern
from app.coach.phrasing import Change, Clause, Outcome
from app.domain import GapCode

GENERAL = {
    GapCode.MISSING_SITUATION: "Where was this, when, for whom, and what was at stake if nothing changed?",
    GapCode.MISSING_TASK: "What were you asked to do, or what did you take on, and what was the goal?",
    GapCode.BLOATED_SETUP: "Which two facts does a listener need before the action?",
    GapCode.WEAK_OWNERSHIP: "Which of these steps did you yourself decide, write, say or build?",
    GapCode.THIN_ACTION: "How exactly did you do it, which option did you turn down, and why?",
    GapCode.MISSING_RESULT: "How did it end, for whom, even if the outcome was poor?",
    GapCode.MISSING_METRIC: "Which number would show it, what was it before, and when did you measure it again?",
    GapCode.NO_BASELINE: "What was this number before you began, what was the target, and how long did it take?",
    GapCode.VAGUE_RESULT: "What could somebody else have seen or counted that shows this?",
    GapCode.NO_LEARNING: "What do you do differently since then, and what did you leave behind that others use?",
    GapCode.HEDGING: "Which part are you certain of, and how would you say it plainly?",
    GapCode.BLAMES_OTHERS: "What was your own share in it, and how would the other side tell what happened?",
}
"""The question that a gap raises in any story."""

_TIMED = Pattern(
    r"\b(?:faster|slower|quicker|shorter|speed|latency|delays?|waiting|wait|duration|lead times?|response times?|"
    r"builds?|deploy\w*|load\w*|queues?|turnaround|late|early)\b",
    re.IGNORECASE,
)
_PAID = Pattern(r"\b(?:costs?|bills?|spend\w*|revenue|sales|budget|price|prices|cheaper|savings?)\b", re.IGNORECASE)
_COUNTED = Pattern(
    r"\b(?:complaints?|tickets?|incidents?|errors?|bugs?|calls?|alerts?|pages?|outages?|defects?|"
    r"questions?|mistakes?|returns?|crashes|requests?|accidents?|duplicates?|failures?|interruptions?)\b",
    re.IGNORECASE,
)
_TALKED = Pattern(
    r"\b(?:talk\w*|spoke|discuss\w*|met|meeting|meetings|communicat\w*|align\w*|escalat\w*|explain\w*|convinc\w*|"
    r"persuad\w*|asked|told|workshops?)\b",
    re.IGNORECASE,
)
_CHANGED = Pattern(
    r"\b(?:improv\w*|optimi[sz]\w*|fixed|fix|fixing|changed|changes|refactor\w*|solved|resolved|tuned|cleaned|reworked|"
    r"updated|upgraded|migrated|automat\w*|implement\w*|built|introduced|set up|created|wrote|developed|defined)\b",
    re.IGNORECASE,
)


_PRONOUN = Pattern(r"\b(?:he|she|they)\b", re.IGNORECASE)
_PEOPLE = Pattern(
    r"\b(?:clients?|customers?|users?|teams?|managers?|directors?|boss|leads?|parents|staff|board|management|engineers|"
    r"developers|stakeholders|colleagues|nurses|owners?|sponsors?|students|teachers|patients|partners?|suppliers?|"
    r"vendors?|agents|operators|drivers|guests|members|department|leadership|ceo|cto|cfo|vp)$",
    re.IGNORECASE,
)


class Setting(NamedTuple):
    """What a listener misses of the scene, and the question for it."""

    missing: str
    question: str


def ask_setting(*, placed: bool, staked: bool) -> Setting:
    """Ask for place and time, for the stakes, or for both."""
    if placed and not staked:
        return Setting(
            "why it mattered, and to whom, is not told", "What would have happened, and to whom, if nobody had acted?"
        )
    if staked and not placed:
        return Setting(
            "a listener can't tell where and when this was",
            "Where did you work then, in which role, and when was this?",
        )
    return Setting(
        "a listener can't tell where, when or for whom this happened, or why it mattered",
        GENERAL[GapCode.MISSING_SITUATION],
    )


_ASKED_OF = {
    Change.TAKEN_UP: "how many of those who could, since when, and what does it save them?",
    Change.DELIVERED: "against which date, and what changed for its users, in numbers?",
    Change.KEPT: "what was that worth, in money, users or time?",
}


def ask_for_number(outcome: Outcome, *, is_vague: bool) -> str:
    """Ask for the figure behind an outcome that is told without one."""
    said = outcome.clause.quoted
    if outcome.change in (Change.MOVED, Change.COMPARED):
        return f"{said}: {_ask_figure(outcome)}"
    if outcome.change is Change.LIKED:
        return f"{said}: what did {_people(outcome)} do or say that shows it, and which number moved?"
    if outcome.change is not None:
        return f"{said}: {_ASKED_OF[outcome.change]}"
    if is_vague:
        return f"{said}: which number would show it, what was it before, and when did you measure it again?"
    return f"{said}: what did that change or save, in numbers, and for how many?"


def _ask_figure(outcome: Outcome) -> str:
    told = f"{outcome.about or ''} {outcome.clause.text}"
    many = outcome.is_many
    about = outcome.about
    if about and many and _COUNTED.search(about):
        return "how many were there a week or a month before, and how many afterwards?"
    if _PAID.search(told):
        return "how much a month was it before, and how much afterwards?"
    if _TIMED.search(told):
        took = f"did {about} take" if about else "did it take"
        return f"how long {took} before, how long afterwards, and how was it measured?"
    if about:
        return f"which figure shows it for {about}, what was it before, and what is it now?"
    return "what was the figure before, what is it now, and how was it measured?"


def ask_for_observation(outcome: Outcome) -> str:
    """Ask for something that others could have seen behind an outcome that nobody could check."""
    said, about = outcome.clause.quoted, outcome.about
    if outcome.change is Change.LIKED:
        return f"{said}: what did {_people(outcome)} do afterwards that had not been done before?"
    if about and outcome.change in (Change.MOVED, Change.COMPARED):
        return f"{said}: what about {about} could somebody else have seen or counted?"
    return f"{said}: what could somebody else have seen or counted that shows this?"


def ask_how(clause: Clause) -> str:
    """Ask how a deed was done that is only named."""
    if _TALKED.search(clause.text):
        return f"{clause.quoted}: with whom exactly, what did you say, and what did they want instead?"
    if _CHANGED.search(clause.text):
        return f"{clause.quoted}: what exactly, in which steps, and why that rather than something else?"
    return f"{clause.quoted}: how exactly, and which other way did you turn down, and why?"


def ask_yardstick(number: str, *, is_change: bool) -> str:
    """Ask what an outcome's number is to be held against."""
    if is_change:
        return f"“{number}”: from how much to how much, and over what time?"
    return f"“{number}”: what was it before you began, or what was the target, and over what time?"


def _people(outcome: Outcome) -> str:
    """Return those whom an outcome is about where they are people."""
    if outcome.about and _PEOPLE.search(outcome.about):
        return outcome.about
    pronoun = _PRONOUN.search(outcome.clause.text)
    return pronoun.group().lower() if pronoun else "people"
