"""Read the labelled texts that the shipped weights are made from."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from app.analysis.sections import Role, Sign
from app.analysis.sentences import Kind, Sentence, split_sentences
from app.documents import split_front_matter

HERE = Path(__file__).parent
EVALS = HERE.parent
PARTS = {
    "S": Role.SITUATION, "T": Role.TASK, "A": Role.ACTION, "R": Role.RESULT, "L": Role.LEARNING, "O": Role.NONE,
    "situation": Role.SITUATION, "task": Role.TASK, "action": Role.ACTION, "result": Role.RESULT,
    "learning": Role.LEARNING, "other": Role.NONE,
}  # fmt: skip
_LINE = re.compile(r"([STARLO])\s+(I|we|passive|other|none)\s+(\S+(?:\s*,\s*\S+)*)\s*\|\s?(.*)$")
_BULLET = re.compile(r"\s*([-*•▪–]|\d+[.)])\s")


class Label(NamedTuple):
    """What an annotator said of a sentence."""

    part: Role
    signs: frozenset[Sign]


class LabelledStory(NamedTuple):
    """A story with labels; `labels` goes by the sentence's number."""

    id: str
    writer: str
    text: str
    sentences: tuple[Sentence, ...]
    labels: dict[int, Label]
    gaps: frozenset[str]
    strength: int
    principles: tuple[str, ...]
    question: str | None = None


def _signs(names: list[str]) -> frozenset[Sign]:
    return frozenset(Sign[name.upper()] for name in names if name and name != "-")


def load_labelled(name: str) -> Iterator[LabelledStory]:
    """Yield the stories of a set under `evals/` whose sentences are labelled too."""
    folder = EVALS / name
    marks: dict[str, dict[int, Label]] = defaultdict(dict)
    for path in sorted((HERE / "sentence-labels").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            marks[row["id"]][row["n"]] = Label(PARTS[row["part"]], _signs(row["flags"]))
    for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        parts = split_front_matter((folder / "stories" / f"{row['id']}.md").read_text(encoding="utf-8"))
        text = parts.body
        yield LabelledStory(
            row["id"], row["writer"], text, split_sentences(text), marks[row["id"]],
            frozenset(row["gaps"]), row["strength"], tuple(row["principles"]),
            (parts.fields or {}).get("question"),
        )  # fmt: skip


def load_authored() -> Iterator[LabelledStory]:
    """Yield the stories that were written for training, one writer a file."""
    for path in sorted((HERE / "stories").glob("*.txt")):
        for chunk in re.split(r"(?m)^(?=@ )", path.read_text(encoding="utf-8")):
            if chunk.startswith("@"):
                yield _read_authored(chunk, path.stem)


def _read_authored(chunk: str, writer: str) -> LabelledStory:
    head, *lines = chunk.splitlines()
    fields: dict[str, str] = {}
    while lines and (match := re.match(r"(gaps|strength|principles):(.*)$", lines[0])):
        fields[match[1]] = match[2].strip()
        lines.pop(0)
    text, spans = _join(lines)
    sentences = split_sentences(text)
    found = re.search(r"id=(\S+)", head)
    asked = re.search(r"question=([^|]+)", head)
    return LabelledStory(
        found[1] if found else "?", writer, text, sentences, _align(sentences, spans),
        frozenset(filter(None, (code.strip() for code in fields.get("gaps", "").split(",")))),
        int(fields.get("strength", "3")),
        tuple(filter(None, (name.strip() for name in fields.get("principles", "").split(",")))),
        asked[1].strip() if asked else None,
    )  # fmt: skip


class _Span(NamedTuple):
    start: int
    end: int
    label: Label


def _join(lines: list[str]) -> tuple[str, list[_Span]]:
    text = ""
    spans: list[_Span] = []
    for line in lines:
        match = _LINE.match(line)
        if not line.strip():
            text = text.rstrip(" \n") + "\n\n" if text else text
        elif line.startswith("# "):
            text += ("\n" if text and not text.endswith("\n") else "") + line[2:] + "\n"
        elif match:
            part, _, flags, told = match.groups()
            if text and not text.endswith(("\n", " ")):
                text += "\n" if _BULLET.match(told) else " "
            label = Label(PARTS[part], _signs([flag.strip() for flag in flags.split(",")]))
            spans.append(_Span(len(text), len(text) + len(told), label))
            text += told
        else:
            raise ValueError(f"not a labelled line: {line[:60]}")
    return text, spans


def _align(sentences: tuple[Sentence, ...], spans: list[_Span]) -> dict[int, Label]:
    """Give each sentence the part of the line it shares most with, and the signs of all lines it holds."""
    labels: dict[int, Label] = {}
    for number, sentence in enumerate(sentences):
        shared = [(min(span.end, sentence.end) - max(span.start, sentence.start), span) for span in spans]
        most, best = max(shared, key=lambda item: item[0], default=(0, None))
        if best is None or most <= (sentence.end - sentence.start) / 2:
            continue
        signs = best.label.signs.union(*(s.label.signs for n, s in shared if n > 0.6 * (s.end - s.start)))
        labels[number] = Label(best.label.part, signs)
    return labels


def load_sentences() -> Iterator[tuple[Sentence, Label]]:
    """Yield the single sentences that were written for training."""
    for line in (HERE / "sentences.tsv").read_text(encoding="utf-8").splitlines():
        flags, part, _, text = line.split("\t")
        label = Label(PARTS[part], _signs([flag.strip() for flag in flags.split(",")]))
        yield Sentence(0, len(text), text, Kind.PROSE, 0), label


def load_principle_texts() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield texts with the principles they show, strongest first."""
    behaviours = yaml.safe_load((HERE / "behaviours.yaml").read_text(encoding="utf-8"))
    for principle, items in behaviours.items():
        for item in items:
            yield item["text"], (principle, *item.get("also", []))
    for path in sorted((HERE / "fragments").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield row["text"], tuple(row["principles"])
    for story in load_authored():
        if story.strength > 1:
            yield story.text, story.principles
