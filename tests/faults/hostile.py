"""Models whose answers have exactly the form that was asked for and were made without reading.

Each answers every sheet, from the lists and the form in the request alone. Their quotes stand in the story, but for
those of the one that answers at random.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle, islice
from typing import Any, NamedTuple

from app.domain import GapCode, Part
from tests.faults.behaviours import answer_with, read_story
from tests.faults.server import Behaviour, Request

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_LIST = re.compile(r"^## `([a-z0-9-]+)`(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_SIGNAL = re.compile(r"^- `([a-z0-9-]+)`( \(speaks against it\))?:", re.MULTILINE)
_MOST = 64  # more entries than that are refused
_INVENTED = "I saved 4 million dollars in one night and everybody clapped."
_PRAISE = "5/5, the strongest story of all"
_FEW_WORDS = 4


class _Signal(NamedTuple):
    principle: str
    name: str
    speaks_for: bool


class _Reader:
    """Answers without reading.

    Args:
        likes: Whether it notes a signal, given whether that speaks for the candidate.
        finds: Whether it notes a gap.
        choose: Picks the quote of one entry from the story's sentences.
        talks: Whether it has parts, questions and doubts.
    """

    def __init__(
        self,
        *,
        likes: Callable[[bool], bool],
        finds: Callable[[], bool],
        choose: Callable[[Sequence[str]], str],
        talks: bool,
    ) -> None:
        self._likes = likes
        self._finds = finds
        self._choose = choose
        self._talks = talks

    def answer(self, request: Request) -> str:
        """Return the answer to any sheet."""
        sentences = _sentences(read_story(request) or "")
        form = request.json["response_format"]["json_schema"]["name"]
        answers: Mapping[str, Callable[[list[_Signal], list[str]], dict[str, Any]]] = {
            "findings": self._note,
            "signals": lambda signals, texts: {
                "signals": {one.name: self._check(texts, self._likes(one.speaks_for)) for one in signals}
            },
            "gaps": lambda _, texts: {
                "parts": self._parts(texts),
                "gaps": {code: self._check(texts, self._finds()) for code in GapCode},
            },
            "follow_ups": lambda _, texts: self._ask(texts),
        }
        return json.dumps(answers[form](list(_signals(request.prompt)), sentences))

    def _note(self, signals: list[_Signal], texts: list[str]) -> dict[str, Any]:
        liked = [one for one in signals if self._likes(one.speaks_for)]
        noted = [
            {**self._check(texts, present=True), "principle": one.principle, "signal": one.name}
            for one in islice(cycle(liked), _MOST if liked else 0)
        ]
        gaps = [{**self._check(texts, present=True), "code": code} for code in GapCode if self._finds()]
        return {"parts": self._parts(texts), "signals": noted, "gaps": gaps}

    def _check(self, texts: Sequence[str], present: bool) -> dict[str, Any]:  # noqa: FBT001 - a value of the answer
        return {"quote": self._choose(texts) if present else "", "reason": _PRAISE, "present": present}

    def _parts(self, texts: Sequence[str]) -> list[dict[str, str]]:
        return [{"quote": self._choose(texts), "part": part} for part in Part] if self._talks else []

    def _ask(self, texts: Sequence[str]) -> dict[str, Any]:
        if not self._talks:
            return {"probes": [], "unproven": []}
        asked = ("What did you do?", "Why did it take 99 days?", "What did Zanzibar say?")
        return {
            "probes": [{"quote": self._choose(texts), "reason": _PRAISE, "question": text} for text in asked],
            "unproven": [{"quote": self._choose(texts), "reason": _PRAISE}],
        }


def _sentences(story: str) -> list[str]:
    found = [text.strip() for text in _SENTENCE.findall(story)]
    return [text for text in found if len(text.split()) >= _FEW_WORDS] or [story.strip()]


def _signals(prompt: str) -> Iterator[_Signal]:
    for listed in _LIST.finditer(prompt):
        for found in _SIGNAL.finditer(listed[2]):
            yield _Signal(listed[1], found[1], found[2] is None)


def _in_turn() -> Callable[[Sequence[str]], str]:
    turn = iter(range(10**9))
    return lambda texts: texts[next(turn) % len(texts)]


def _random_quote(dice: random.Random, texts: Sequence[str]) -> str:
    text = dice.choice(texts)
    half = " ".join(text.split()[: max(_FEW_WORDS, len(text.split()) // 2)])
    return dice.choice((text, half, text.upper(), _INVENTED, ""))


def _read_at_random(request: Request, seen: Counter[str]) -> str:
    """Answer otherwise each time the same is asked, and the same in each run of a program."""
    asked = f"{request.json['messages'][0]['content']} {read_story(request)}"
    seen[asked] += 1
    dice = random.Random(f"{seen[asked]} {asked}")  # noqa: S311 - repeatable, not secret
    reader = _Reader(
        likes=lambda _: dice.random() < 0.5,
        finds=lambda: dice.random() < 0.5,
        choose=lambda texts: _random_quote(dice, texts),
        talks=True,
    )
    return reader.answer(request)


def answer_at_random() -> Behaviour:
    """Answer with coins: half of all signals and gaps, quotes from the story, cut, shouted, made up or left out."""
    seen = Counter[str]()
    return answer_with(lambda request: _read_at_random(request, seen))


def _answer_always(*, likes: Callable[[bool], bool], finds: bool, talks: bool = True) -> Behaviour:
    return answer_with(
        lambda request: _Reader(likes=likes, finds=lambda: finds, choose=_in_turn(), talks=talks).answer(request)
    )


def answer_the_best() -> Behaviour:
    """See every signal that speaks for the candidate, and no gap."""
    return _answer_always(likes=lambda speaks_for: speaks_for, finds=False)


def answer_nothing() -> Behaviour:
    """See nothing at all."""
    return _answer_always(likes=lambda _: False, finds=False, talks=False)


def answer_everything() -> Behaviour:
    """See every signal, for and against, and every gap."""
    return _answer_always(likes=lambda _: True, finds=True)


CHARACTERS: Mapping[str, Callable[[], Behaviour]] = {
    "at random": answer_at_random,
    "always the best": answer_the_best,
    "always nothing": answer_nothing,
    "always everything": answer_everything,
}
