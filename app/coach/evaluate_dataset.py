"""Read a dataset: labelled stories, and what somebody already said of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

from pydantic import Field, ValidationError

from app.coach.reading import read_stories
from app.documents import DocumentError, load_json
from app.domain import Evidence, GapCode, Score, Story, Value
from app.errors import InvalidInput, UnreadableStory
from app.rubric import Rubric

V = TypeVar("V", bound=Value)

LABELS = "labels.jsonl"
STORIES = "stories"
_Votes = Annotated[int, Field(ge=1)]
_TOLD = {"extra_forbidden": "is not known"}


class Label(Value):
    """What readers wrote down about one story.

    Attributes:
        gaps: The gold gaps; None where nobody looked for gaps.
        gap_votes: How many readers saw a gap; one that a single reader saw is contested, neither right nor wrong.
        strengths: What each reader gave; `strength` is their median.
        principles: Strongest evidence first.
        principle_votes: Points a principle got from all readers.
        evidence: Quotes that show a gap.
        text: The story itself, in a dataset that is a single file.
    """

    id: Annotated[str, Field(min_length=1)]
    writer: str | None = None
    gaps: tuple[GapCode, ...] | None = None
    gap_votes: dict[GapCode, _Votes] = Field(default_factory=dict[GapCode, int])
    strength: Score | None = None
    strengths: tuple[Score, ...] = ()
    principles: tuple[str, ...] = ()
    principle_votes: dict[str, _Votes] = Field(default_factory=dict[str, int])
    evidence: dict[GapCode, tuple[str, ...]] = Field(default_factory=dict[GapCode, tuple[str, ...]])
    text: str | None = None

    @property
    def contested(self) -> frozenset[GapCode]:
        """Codes that one reader alone saw."""
        return frozenset(code for code, votes in self.gap_votes.items() if votes == 1) - frozenset(self.gaps or ())

    @property
    def shows_principles(self) -> bool:
        """Whether the ranking is measured on this story.

        A story of strength 1 gives evidence for none: what is named there without a vote is what it talks about.
        """
        return bool(self.principles) and (self.strength != 1 or bool(self.principle_votes))


class Said(Value):
    """What an engine, or a file of predictions, says of one story.

    Attributes:
        reason: Why the story was not assessed; None when it was.
        is_partial: The model answered a part of what it was asked.
        gaps: What the engine stands for; what a model alone saw is a note and not among them.
        model_gaps: What a model saw, whether or not the rules do; None where none was asked.
        principles: Best fit first.
        levels: The level of each principle that is shown.
        quotes: The sentences given for each gap.
        quoted: All quotes of the assessment.
        grounded: Those that are exactly the text at their place.
    """

    reason: str | None = None
    is_partial: bool = False
    gaps: tuple[GapCode, ...] = ()
    model_gaps: tuple[GapCode, ...] | None = None
    strength: Score | None = None
    principles: tuple[str, ...] = ()
    levels: dict[str, Score] = Field(default_factory=dict[str, Score])
    quotes: dict[GapCode, tuple[Evidence, ...]] = Field(default_factory=dict[GapCode, tuple[Evidence, ...]])
    quoted: Annotated[int, Field(ge=0)] = 0
    grounded: Annotated[int, Field(ge=0)] = 0


class Case(NamedTuple):
    """A story with its label."""

    story: Story
    label: Label


class Dataset(NamedTuple):
    """Labelled stories, in the order of their labels."""

    name: str
    cases: tuple[Case, ...]


class Prediction(Value):
    """One line of a file of predictions; without a strength, nothing was assessed."""

    id: Annotated[str, Field(min_length=1)]
    gaps: tuple[GapCode, ...] = ()
    strength: Score | None = None
    principles: tuple[str, ...] = ()


def load_dataset(path: Path, rubric: Rubric) -> Dataset:
    """Load a dataset: a folder of `stories/` and `labels.jsonl`, or one JSONL file whose labels carry their `text`.

    Args:
        path: The folder or the file.
        rubric: Knows the principles that labels may name.

    Raises:
        InvalidInput: A file is missing or broken, a label fits no story or a story has none; names file and line.
    """
    is_file = path.is_file()
    source = path if is_file else path / LABELS
    texts = {} if is_file else _load_stories(path / STORIES)
    cases: list[Case] = []
    for number, label in read_lines(source, Label):
        story = texts.pop(label.id, None)
        if is_file and label.text is not None:
            story = Story(id=label.id, text=label.text, path=str(path), first_line=number)
        problem = _find_problem(label, story, rubric)
        if problem or story is None:
            raise _broken(source, number, problem or "has no story")
        cases.append(Case(story, label.model_copy(update={"text": None})))
    for left in texts.values():
        raise _broken(Path(left.path or ""), 1, f"has no label in {source.name}")
    if not cases:
        raise _broken(source, 1, "holds no label")
    return Dataset(path.stem if is_file else path.resolve().name, tuple(cases))


def thin_out(dataset: Dataset, limit: int) -> Dataset:
    """Return a dataset with so many of its stories at most, taken at even distances, so that all writers stay in."""
    cases = dataset.cases
    if limit >= len(cases):
        return dataset
    return dataset._replace(cases=tuple(cases[number * len(cases) // limit] for number in range(limit)))


def load_predictions(path: Path, dataset: Dataset) -> dict[str, Said]:
    """Load predictions for the stories of a dataset; lines about other stories are passed over.

    Raises:
        InvalidInput: The file is missing or broken, or speaks of no story of the dataset; names file and line.
    """
    wanted = {case.label.id for case in dataset.cases}
    said: dict[str, Said] = {}
    for _, line in read_lines(path, Prediction):
        if line.id in wanted:
            reason = "The prediction has no strength." if line.strength is None else None
            said[line.id] = Said(reason=reason, gaps=line.gaps, strength=line.strength, principles=line.principles)
    if not said:
        raise _broken(path, 1, f"speaks of no story of {dataset.name}")
    return said


def read_lines(path: Path, kind: type[V]) -> Iterator[tuple[int, V]]:
    """Yield the values of a JSONL file, each with its line; an id may stand there once.

    Raises:
        InvalidInput: The file can't be read or a line is broken; names file and line.
    """
    seen: set[object] = set()
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        value = parse_value(line, kind, path, number)
        name = getattr(value, "id", None)
        if name in seen:
            raise _broken(path, number, "this id is given twice")
        seen.add(name)
        yield number, value


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises:
        InvalidInput: It can't be read or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidInput(f"{path}: can't be read ({(error.strerror or 'unknown').lower()})") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path}: is not UTF-8") from None


def parse_value(text: str, kind: type[V], path: Path, line: int) -> V:
    """Return the value of a JSON text.

    Args:
        text: JSON.
        kind: What it must be.
        path: The file, for complaints.
        line: The line on which the text begins.

    Raises:
        InvalidInput: The text is no such value; names file and line.
    """
    try:
        load_json(text)  # refuses what pydantic lets pass: keys given twice, NaN
        return kind.model_validate_json(text)
    except DocumentError as error:
        raise _broken(path, line + (error.line or 1) - 1, error.reason) from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise _broken(
            path, line, f"{where}: {_TOLD.get(first['type'], first['msg'])}" if where else first["msg"]
        ) from None


def _load_stories(folder: Path) -> dict[str, Story]:
    stories: dict[str, Story] = {}
    if not folder.is_dir():
        raise InvalidInput(f"{folder}: there is no such folder; a dataset has {STORIES}/ and {LABELS}")
    for item in read_stories(folder, str(folder)):
        if isinstance(item, UnreadableStory):
            raise item
        story = item if item.id else item.model_copy(update={"id": Path(item.path or "").stem})
        if story.id in stories:
            raise UnreadableStory(str(story.path), "another story has this id", line=1)
        stories[str(story.id)] = story
    return stories


def _find_problem(label: Label, story: Story | None, rubric: Rubric) -> str | None:
    """Return what is wrong with a label, without words of the story."""
    if story is None:
        return "has no story"
    if unknown := [name for name in label.principles if name not in rubric.principle_ids]:
        return f"principles: {unknown[0]} is not in the rubric {rubric.name}"
    for code in label.gaps or ():
        if label.gap_votes.get(code) == 1:
            return f"gaps: one reader alone saw {code}"
    for code, quotes in label.evidence.items():
        if any(quote not in story.text for quote in quotes):
            return f"evidence: a quote for {code} is not in the story"
    return None


def _broken(path: Path, line: int, reason: str) -> InvalidInput:
    return InvalidInput(f"{path}:{line}: {reason}", slug="broken-dataset")
