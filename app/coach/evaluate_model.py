"""Hold what a model saw of the gaps by itself against the labels."""

from collections.abc import Iterable, Sequence

from app.coach import evaluate_metrics as metrics
from app.coach.evaluate_figures import Result
from app.domain import GapCode, Value


class ModelFigures(Value):
    """How well a model sees gaps; nothing of it moves the engine's own figures.

    Attributes:
        right: Labelled gaps that it saw.
        invented: What it saw and nobody else.
        missed: Labelled gaps that it did not see, those of stories that were not assessed among them.
        notes: What it saw and the rules did not.
        right_notes: Those that are labelled.
        f1_with_notes: The micro F1 that the engine would have if notes were gaps.
    """

    right: int
    invented: int
    missed: int
    precision: float | None
    recall: float | None
    f1: float | None
    notes: int
    right_notes: int
    f1_with_notes: float | None


def measure_model(results: Sequence[Result]) -> ModelFigures | None:
    """Return the figures of the model over labelled stories; None where no model was asked.

    As everywhere, a gap that one reader alone saw is neither right nor wrong.
    """
    if all(result.said.model_gaps is None for result in results):
        return None
    labelled = [result for result in results if result.label.gaps is not None]
    right, invented, missed = _tally((one, one.said.model_gaps or ()) for one in labelled)
    notes = [(one, set(one.said.model_gaps or ()) - set(one.said.gaps)) for one in labelled]
    return ModelFigures(
        right=right,
        invented=invented,
        missed=missed,
        precision=metrics.precision(right, invented),
        recall=metrics.recall(right, missed),
        f1=metrics.f1(right, invented, missed),
        notes=sum(len(codes) for _, codes in notes),
        right_notes=sum(len(codes & set(one.label.gaps or ())) for one, codes in notes),
        f1_with_notes=metrics.f1(*_tally((one, {*one.said.gaps, *codes}) for one, codes in notes)),
    )


def _tally(said: Iterable[tuple[Result, Iterable[GapCode]]]) -> tuple[int, int, int]:
    right = invented = missed = 0
    for result, codes in said:
        gold, given = set(result.label.gaps or ()), set(codes)
        right += len(given & gold)
        invented += len(given - gold - result.label.contested)
        missed += len(gold - given)
    return right, invented, missed
