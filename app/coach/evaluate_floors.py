"""Hold an evaluation to floors: figures that may not fall lower."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from app.coach.evaluate import Evaluation
from app.coach.evaluate_dataset import parse_value, read_text
from app.coach.evaluate_figures import Scores
from app.domain import GapCode, Value
from app.errors import InvalidInput

_HIGHEST = 1


class Floors(Scores):
    """The least that each figure may be, by its name in `Scores`; `codes` holds the F1 of gap codes."""

    codes: dict[GapCode, float] = Field(default_factory=dict[GapCode, float])


class Held(Value):
    """One floor and the figure that it is for; None stands for a figure that could not be computed.

    Attributes:
        name: The figure, such as `macro_f1` or `missing-metric`.
    """

    name: str
    floor: float
    value: float | None

    @property
    def is_kept(self) -> bool:
        """Whether the figure is there and not below the floor."""
        return self.value is not None and self.value >= self.floor

    def __str__(self) -> str:
        value = "not measured" if self.value is None else f"{self.value:.4f}"
        return f"{self.name} is {value}, the floor is {self.floor:g}"


def load_floors(path: Path) -> Floors:
    """Load floors from a JSON file.

    Raises:
        InvalidInput: The file is missing or broken, or names an unknown figure or a floor that none can reach; names
            file and line.
    """
    floors = parse_value(read_text(path), Floors, path, 1)
    for name, floor in (*floors.model_dump(exclude={"codes"}, exclude_none=True).items(), *floors.codes.items()):
        if floor > _HIGHEST:
            raise InvalidInput(f"{path}:1: {name}: no figure can be above {_HIGHEST}", slug="broken-floors")
    return floors


def hold(evaluation: Evaluation, floors: Floors) -> list[Held]:
    """Return each floor with the figure of the evaluation."""
    return list(_hold(evaluation, floors))


def _hold(evaluation: Evaluation, floors: Floors) -> Iterator[Held]:
    for name in Scores.model_fields:
        floor: float | None = getattr(floors, name)
        if floor is not None:
            yield Held(name=name, floor=floor, value=getattr(evaluation.scores, name))
    for code, floor in floors.codes.items():
        yield Held(name=code.value, floor=floor, value=evaluation.f1_of(code))
