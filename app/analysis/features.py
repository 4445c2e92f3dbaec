"""Name the features of a sentence that the shipped model weighs: words, cues, deeds, measures and place."""

import re
from typing import Protocol

from app.analysis import cues
from app.analysis.agency import Act, Actor
from app.analysis.quantities import Quantity
from app.analysis.sentences import Sentence

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d[\d.,]*%?|[!?→:;()]|->")
_CUES: dict[str, re.Pattern[str]] = {
    name.lower(): pattern for name, pattern in vars(cues).items() if name.isupper() and isinstance(pattern, re.Pattern)
}
_PLACES = 10


class Observed(Protocol):
    """What the features are read from."""

    @property
    def sentence(self) -> Sentence: ...
    @property
    def acts(self) -> tuple[Act, ...]: ...
    @property
    def quantities(self) -> tuple[Quantity, ...]: ...
    @property
    def words(self) -> int: ...


def name_tokens(text: str) -> list[str]:
    """Return the words of a text in lower case; numbers become `0`."""
    return ["0" if token[0].isdigit() else token.replace("’", "'") for token in _WORD.findall(text.lower())]


def name_features(item: Observed, *, place: float, hint: str | None, following: bool, tokens: list[str]) -> list[str]:
    """Return the names of a sentence's features, each once.

    Args:
        item: The sentence with its deeds and measures.
        place: 0 at the story's first sentence, 1 at its last.
        hint: The part that the nearest heading names, if any.
        following: Whether an own deed was told earlier in the story.
        tokens: The sentence's words from `name_tokens`.
    """
    names = {f"w {token}" for token in tokens}
    names.update(f"b {left} {right}" for left, right in zip(["^", *tokens], [*tokens, "$"], strict=True))
    names.update(f"t {a} {b} {c}" for a, b, c in zip(["^", *tokens], tokens, tokens[1:], strict=False))
    names.update(f"c {name}" for name, pattern in _CUES.items() if pattern.search(item.sentence.text))
    actors = {act.actor for act in item.acts}
    names.update(f"a {actor}" for actor in actors)
    if not actors:
        names.add("a none")
    own = sum(act.actor is Actor.SELF for act in item.acts)
    names.add(f"o {min(own, 3)}")
    names.update(f"q {quantity.measure}" for quantity in item.quantities)
    names.add(f"m {min(len(item.quantities), 3)}")
    names.add(f"p {min(int(place * _PLACES), _PLACES - 1)}")
    names.add(f"l {min(item.words // 4, 8)}")
    names.add(f"k {item.sentence.kind}")
    names.add(f"f {following}")
    if hint:
        names.add(f"h {hint}")
    if place == 0:
        names.add("p first")
    if place == 1:
        names.add("p last")
    return sorted(names)
