"""Tell two evaluations apart, story by story."""

from pathlib import Path

from app.coach.evaluate import Evaluation
from app.coach.evaluate_dataset import Label, Said, parse_value, read_text
from app.coach.evaluate_figures import Scores
from app.domain import GapCode, Score, Value


class Move(Value):
    """A value that changed."""

    before: float | None
    after: float | None


class Change(Value):
    """What changed for one story.

    Attributes:
        better: What is now as the label says: a gap that was missed or invented before.
        worse: What no longer is.
        open: What changed where one reader alone saw the gap.
        strength: The strengths before and after, when they differ.
        labelled_strength: What the readers gave.
        first: The first principle before and after, when it differs.
        labelled_first: The readers' first principle.
    """

    id: str
    better: tuple[GapCode, ...] = ()
    worse: tuple[GapCode, ...] = ()
    open: tuple[GapCode, ...] = ()
    strength: tuple[Score | None, Score | None] | None = None
    labelled_strength: Score | None = None
    first: tuple[str | None, str | None] | None = None
    labelled_first: str | None = None


class Changes(Value):
    """What changed since an earlier evaluation.

    Attributes:
        dataset: The dataset of the earlier one.
        scores: Figures that moved.
        stories: Stories of both for which something else was said.
        added: Stories that the earlier one does not have.
        removed: Stories that only the earlier one has.
    """

    dataset: str
    scores: dict[str, Move]
    stories: tuple[Change, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


class Compared(Evaluation):
    """An evaluation as it is written to JSON, with what changed since an earlier one."""

    changes: Changes | None = None


def attach(evaluation: Evaluation, changes: Changes | None) -> Compared:
    """Return an evaluation with what changed."""
    return Compared.model_validate({**dict(evaluation), "changes": changes})


def load_evaluation(path: Path) -> Compared:
    """Load an evaluation that was written as JSON.

    Raises:
        InvalidInput: The file is missing or is no evaluation; names file and line.
    """
    return parse_value(read_text(path), Compared, path, 1)


def find_changes(before: Evaluation, after: Evaluation) -> Changes:
    """Return what changed from one evaluation to the next, by the labels of the later one."""
    earlier = {result.id: result.said for result in before.results}
    later = {result.id for result in after.results}
    both = [_change(one.label, earlier[one.id], one.said) for one in after.results if one.id in earlier]
    moves = {
        name: Move(before=getattr(before.scores, name), after=getattr(after.scores, name))
        for name in Scores.model_fields
        if getattr(before.scores, name) != getattr(after.scores, name)
    }
    return Changes(
        dataset=before.dataset,
        scores=moves,
        stories=tuple(change for change in both if change is not None),
        added=tuple(one.id for one in after.results if one.id not in earlier),
        removed=tuple(name for name in earlier if name not in later),
    )


def _change(label: Label, before: Said, after: Said) -> Change | None:
    moved = set(before.gaps) ^ set(after.gaps)
    firsts = (_first(before), _first(after))
    if not moved and before.strength == after.strength and firsts[0] == firsts[1]:
        return None
    contested = moved if label.gaps is None else label.contested & moved
    right = {code for code in moved - contested if (code in after.gaps) == (code in set(label.gaps or ()))}
    return Change(
        id=label.id,
        better=_ordered(right),
        worse=_ordered(moved - contested - right),
        open=_ordered(contested),
        strength=(before.strength, after.strength) if before.strength != after.strength else None,
        labelled_strength=label.strength,
        first=firsts if firsts[0] != firsts[1] else None,
        labelled_first=label.principles[0] if label.principles else None,
    )


def _first(said: Said) -> str | None:
    return said.principles[0] if said.principles else None


def _ordered(codes: set[GapCode] | frozenset[GapCode]) -> tuple[GapCode, ...]:
    return tuple(code for code in GapCode if code in codes)
