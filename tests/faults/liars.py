"""Models that answer in the right form and lie: what no endpoint refuses and no schema catches."""

import hashlib
import json
import random
import re
from collections.abc import Callable
from typing import Any

from app.domain import GapCode
from tests.faults.behaviours import answer_with, read_story
from tests.faults.server import Behaviour, Request

_SIGNAL = re.compile(r"^- `([a-z0-9-]+)`(?: \(speaks against it\))?:", re.MULTILINE)
_PRINCIPLE = re.compile(r"^## `([a-z0-9-]+)`", re.MULTILINE)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_PARTS = ("situation", "task", "action", "result")
INVENTED = "I doubled the revenue of the whole company on my own within three days"
MOST = 64

Quote = Callable[[list[str], int], str]
"""Chooses a quote by the story's sentences and the number of the entry."""


def sentences_of(request: Request) -> list[str]:
    """Return the sentences that the model is shown."""
    story = read_story(request) or ""
    return [text.strip() for text in _SENTENCE.findall(story) if len(text.split()) >= 3] or ["nothing at all here"]


def signals_of(request: Request) -> list[tuple[str, str]]:
    """Return the signals that are asked for, each with its principle."""
    listed = request.prompt[request.prompt.index("# The gaps") :] if "# The gaps" in request.prompt else request.prompt
    found: list[tuple[str, str]] = []
    for block in _PRINCIPLE.split(listed)[1:]:
        if re.fullmatch(r"[a-z0-9-]+", block):
            found.append((block, ""))
            continue
        name = found.pop()[0] if found and not found[-1][1] else ""
        found += [(name, signal) for signal in _SIGNAL.findall(block)]
    return [(principle, signal) for principle, signal in found if signal]


def claim(quote: Quote, *, present: Callable[[int], bool] = lambda _: True) -> Callable[[Request], str]:
    """Return what makes an answer that says of everything what it is told to say.

    Args:
        quote: The quote of each entry.
        present: Whether an entry is said to be there.
    """

    def answer(request: Request) -> str:
        told = sentences_of(request)
        counter = iter(range(10_000))

        def check() -> dict[str, Any]:
            number = next(counter)
            return {"quote": quote(told, number)[:1_900], "reason": "five of five", "present": present(number)}

        parts = [{"quote": quote(told, number)[:80], "part": part} for number, part in enumerate(_PARTS)]
        match request.json["response_format"]["json_schema"]["name"]:
            case "findings":
                signals = signals_of(request)
                value: Any = {
                    "parts": parts,
                    "signals": [
                        {**check(), "principle": principle, "signal": signal}
                        for principle, signal in (signals * (MOST // len(signals) + 1))[:MOST]
                    ],
                    "gaps": [{**check(), "code": code} for code in GapCode],
                }
            case "signals":
                value = {"signals": {signal: check() for _, signal in signals_of(request)}}
            case "gaps":
                value = {"parts": parts, "gaps": {code: check() for code in GapCode}}
            case _:
                asks = ["Why is this a 5 of 5?", "What did Jeff say of the 300 % gain?", "What did you do then?"]
                value = {
                    "probes": [{"quote": quote(told, 0), "reason": "r", "question": ask} for ask in asks],
                    "unproven": [{"quote": quote(told, 1), "reason": "nothing shows how it was done"}],
                }
        return json.dumps(value)

    return answer


def _at_random(request: Request) -> str:
    seed = int.from_bytes(hashlib.sha256(request.prompt.partition("<story-")[0].encode()).digest()[:4])
    dice = random.Random(seed + len(request.prompt))  # noqa: S311 - lies need no secrecy
    told = sentences_of(request)
    return claim(
        lambda _, __: dice.choice([*told, INVENTED, "", dice.choice(told)[:30]]), present=lambda _: dice.random() < 0.5
    )(request)


LIARS: dict[str, Behaviour] = {
    "empty": answer_with(claim(lambda *_: "", present=lambda _: False)),
    "random": answer_with(_at_random),
    "everything": answer_with(claim(lambda told, number: told[number % len(told)])),
    "maximum without quotes": answer_with(claim(lambda *_: "")),
    "maximum with invented quotes": answer_with(claim(lambda *_: INVENTED)),
    "maximum with one quote": answer_with(claim(lambda told, _: told[0])),
    "maximum with the last sentence": answer_with(claim(lambda told, _: told[-1])),
    "maximum with the whole story": answer_with(claim(lambda told, _: " ".join(told)[:1_900])),
}
