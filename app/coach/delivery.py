"""Measure how a story would be told aloud: how long it takes, how its parts share the words, and who acts in it."""

from collections import Counter

from app.analysis.agency import Actor
from app.analysis.observe import Observations
from app.analysis.sections import Role
from app.domain import Delivery, Shares, Voices

WORDS_PER_MINUTE = 140
_SLOW, _FAST = 130, 150
_WHOLE = 100
_ROLES = ((Role.SITUATION,), (Role.TASK,), (Role.ACTION,), (Role.RESULT, Role.LEARNING))


def measure_delivery(observed: Observations) -> Delivery:
    """Return how the story would be told aloud."""
    words = [0] * len(Role)
    for reading in observed.readings:
        words[reading.role] += reading.words
    deeds = Counter([act.actor for reading in observed.readings for act in reading.acts])
    situation, task, action, result = share_out([sum(words[role] for role in roles) for roles in _ROLES], _WHOLE)
    told = situation + task + action + result
    return Delivery(
        words=observed.words,
        seconds=speaking_time(observed.words),
        seconds_fast=speaking_time(observed.words, _FAST),
        seconds_slow=speaking_time(observed.words, _SLOW),
        parts=Shares(situation=situation, task=task, action=action, result=result) if told else None,
        clauses=Voices(
            i=deeds[Actor.SELF], we=deeds[Actor.GROUP], others=deeds[Actor.OTHER], nobody=deeds[Actor.NOBODY]
        ),
    )


def speaking_time(words: int, words_per_minute: int = WORDS_PER_MINUTE) -> int:
    """Return how many seconds it takes to say so many words."""
    return round(words * 60 / words_per_minute)


def share_out(sizes: list[int], whole: int) -> list[int]:
    """Return whole numbers in proportion to the sizes, which add up to `whole`; none that is there vanishes.

    All are 0 where every size is.
    """
    total = sum(sizes)
    if not total:
        return [0] * len(sizes)
    exact = [size * whole / total for size in sizes]
    shares = [max(int(share), 1 if share else 0) for share in exact]
    by_rest = sorted(range(len(shares)), key=lambda i: (shares[i] - exact[i], i))
    for index in by_rest[: max(whole - sum(shares), 0)]:
        shares[index] += 1
    shares[shares.index(max(shares))] -= max(sum(shares) - whole, 0)
    return shares
