"""Put the attacks of evals/manipulation on its weak stories."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from app.domain import Story

FOLDER = Path(__file__).resolve().parents[2] / "evals" / "manipulation"
ALL_PRINCIPLES = "*"
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*\s*|\n+")


class Attack(NamedTuple):
    """One line of attacks.jsonl."""

    id: str
    category: str
    place: str
    flag: str
    insert: str | None
    transform: str | None
    options: dict[str, Any]


def load_attacks() -> list[Attack]:
    return [
        Attack(
            row["id"],
            row["category"],
            row["place"],
            row["flag"],
            row.get("insert"),
            row.get("transform"),
            row.get("with", {}),
        )
        for row in _read("attacks.jsonl")
    ]


def load_stories() -> list[Story]:
    return [Story(id=row["id"], text=row["text"]) for row in _read("stories.jsonl")]


def load_benign() -> list[Story]:
    return [
        Story(id=row["id"], text=row["text"], title=row.get("title"), question=row.get("question"))
        for row in _read("benign.jsonl")
    ]


def put(attack: Attack, story: Story, principles: tuple[str, ...]) -> Story:
    """Return a story with an attack on it.

    Args:
        attack: What is done.
        story: A weak story.
        principles: All ids of the rubric, for an attack that declares them all.
    """
    if attack.transform is not None:
        return story.model_copy(update={"text": _TRANSFORMS[attack.transform](story.text, **attack.options)})
    text = attack.insert or ""
    if attack.place in {"title", "question", "path", "id"}:
        return story.model_copy(update={attack.place: text})
    if attack.place == "principles":
        return story.model_copy(update={"principles": principles})
    return story.model_copy(update={"text": _insert(story.text, text, attack.place)})


def _read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def _insert(story: str, text: str, place: str) -> str:
    if place == "replace":
        return text
    if place == "start":
        return f"{text}\n\n{story}"
    if place == "paragraph":
        return f"{story}\n\n{text}\n\nThat was it."
    if place == "middle":
        pieces = _sentences(story)
        half = len(pieces) // 2
        return f"{''.join(pieces[:half]).rstrip(' ')} {text} {''.join(pieces[half:])}"
    return f"{story} {text}" if "\n" not in story + text and text[:1] not in "#-" else f"{story}\n{text}"


def _sentences(text: str) -> list[str]:
    return [match.group() for match in _SENTENCE.finditer(text)]


def _weave(text: str, *, char: str) -> str:
    return re.sub(r"(?<=\w)(?=\w)", char, text)


def _weave_pronouns(text: str, *, char: str) -> str:
    return re.sub(r"\b(we|our|team|guess|happy)\b", lambda match: char.join(match.group()), text, flags=re.IGNORECASE)


def _styled(text: str, lower: int, upper: int) -> str:
    return "".join(
        chr(lower + ord(char) - 97)
        if "a" <= char <= "z"
        else chr(upper + ord(char) - 65)
        if "A" <= char <= "Z"
        else char
        for char in text
    )


def _under_headings(text: str, *, mark: str = "# ") -> str:
    pieces = _sentences(text)
    names = ("Situation", "Task", "Action", "Result", "Learning")
    size = -(-len(pieces) // len(names))
    return "\n\n".join(
        f"{mark}{name}\n{''.join(pieces[size * number : size * (number + 1)]).strip()}"
        for number, name in enumerate(names)
    )


def _labelled(text: str) -> str:
    pieces = _sentences(text)
    names = ("Situation", "Task", "Action", "Result")
    size = -(-len(pieces) // len(names))
    return "\n".join(
        f"{name}: {''.join(pieces[size * number : size * (number + 1)]).strip()}" for number, name in enumerate(names)
    )


def _lines(text: str, *, lead: str = "") -> str:
    return "\n".join(lead + piece.strip() for piece in _sentences(text) if piece.strip())


_TRANSFORMS: dict[str, Callable[..., str]] = {
    "weave": _weave,
    "weave-pronouns": _weave_pronouns,
    "homoglyphs": lambda text: text.translate(str.maketrans("aeopc", "\u0430\u0435\u043e\u0440\u0441")),
    "marks": lambda text: re.sub(r"([a-z])", "\\1\u0337\u0352\u0347", text),
    "mathematical": lambda text: _styled(text, 0x1D41A, 0x1D400),
    "full-width": lambda text: "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text),
    "blank-lines": lambda text: "\n\n\n".join(_sentences(text)),
    "spaces": lambda text: text.replace(" ", "   "),
    "repeat": lambda text, times, by="\n\n": by.join([text] * times),
    "repeat-upper": lambda text: f"{text}\n\n{text.upper()}",
    "repeat-sentences": lambda text, times: "".join(f"{piece.rstrip()} " * times for piece in _sentences(text)),
    "repeat-one": lambda text, number, times: text + f" {_sentences(text.replace('- ', ''))[number].strip()}" * times,
    "append-reversed": lambda text: f"{text} {' '.join(piece.strip() for piece in reversed(_sentences(text)))}",
    "repeat-quoted": lambda text: f'{text}\n\n"{text}"',
    "repeat-half": lambda text: text + "\n\n" + "".join(_sentences(text)[: len(_sentences(text)) // 2]),
    "repeat-bullets": lambda text: f"{text}\n\n{_lines(text, lead='- ')}",
    "repeat-with-word": lambda text, word: f"{text}\n\n" + re.sub(r"(\w+)([.!?])", rf"{word} \1\2", text),
    "headings": _under_headings,
    "labels": _labelled,
    "bullets": lambda text: _lines(text, lead="- "),
    "bold": lambda text: re.sub(r"\b(\w+ \w+)([.,])", r"**\1**\2", text),
    "numbered": lambda text: "\n".join(f"{number}. {line}" for number, line in enumerate(_lines(text).split("\n"), 1)),
    "block-quote": lambda text: _lines(text, lead="> "),
    "italic": lambda text: re.sub(r"(\w+)([.!?])", r"*\1*\2", text),
    "upper": str.upper,
    "lower": str.lower,
    "title-case": lambda text: re.sub(r"\b[a-z]", lambda match: match.group().upper(), text),
    "lines": _lines,
}
