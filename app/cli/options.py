"""The options of `score`: what each may be, and who decides it: the command line, the environment or the project."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.cli.formats import Format
from app.cli.project import Project
from app.coach.select import Selection
from app.domain import Depth, EngineChoice, GapCode, Score, Severity
from app.settings import Dollars, Names, Settings, find_variables, split_names

_Text = Annotated[str, Field(min_length=1, max_length=10_000)]
_Codes = Annotated[tuple[GapCode, ...], BeforeValidator(split_names)]
_PATHS = frozenset({"baseline"})
_GIVEN, _DEFAULT = "command line", "default"
_OWN = frozenset({_GIVEN, _DEFAULT})


class Options(BaseModel):
    """What a project may decide for all who score its stories.

    Where reports go, what a model is reached by and where its answers are kept is up to who runs the command.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    engine: EngineChoice | None = None
    rubric: _Text | None = None
    depth: Depth | None = None
    samples: Annotated[int, Field(ge=1, le=9, strict=True)] | None = None
    max_cost_usd: Annotated[Dollars, Field(strict=True)] | None = None
    jobs: Annotated[int, Field(ge=1, le=256, strict=True)] = 8
    format: Format = Format.TEXT
    fail_on: Literal["error", "warning", "note", "never"] = "never"
    min_strength: Annotated[Score, Field(strict=True)] | None = None
    min_mean_strength: Annotated[float, Field(ge=1, le=5, strict=True)] | None = None
    require_principles: Names = ()
    baseline: Path | None = None
    select: _Codes = ()
    ignore: _Codes = ()
    exclude: tuple[_Text, ...] = ()
    role: _Text | None = None
    level: _Text | None = None
    question: _Text | None = None
    principles: Names = ()

    @property
    def severity(self) -> Severity | None:
        """The severity from which a gap fails; None for never."""
        return None if self.fail_on == "never" else Severity(self.fail_on)

    @property
    def selection(self) -> Selection:
        """Which gaps count."""
        return Selection(self.select, self.ignore)


class Choice(NamedTuple):
    """The options and who decided each.

    Attributes:
        sources: From an option to where its value comes from.
        exclude_base: The folder that `exclude` is told from.
    """

    options: Options
    sources: Mapping[str, str]
    exclude_base: Path

    def place(self, name: str) -> str:
        """Return how a complaint about an option begins."""
        key = name.replace("_", "-")
        return f"--{key}" if self.sources[name] in _OWN else f"{self.sources[name]}: {key}"


def choose(given: Mapping[str, Any], project: Project, environment: Mapping[str, str] = os.environ) -> Choice:
    """Return what holds: the command line goes before the environment, that before the project, that before defaults.

    What the environment decides is left out of the options: the settings have it.

    Args:
        given: What the command line says; None for an option that it does not name.
        project: What the project's file says.
        environment: Where variables are set.
    """
    variables = find_variables(environment)
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name in Options.model_fields:
        if given.get(name) is not None:
            values[name], sources[name] = given[name], _GIVEN
        elif name in Settings.model_fields and name in variables:
            sources[name] = variables[name]
        elif name in project.values:
            values[name] = project.folder / project.values[name] if name in _PATHS else project.values[name]
            sources[name] = f"{project.shown}:{project.lines[name]}"
        else:
            sources[name] = _DEFAULT
    is_from_project = sources["exclude"] not in _OWN
    return Choice(Options.model_validate(values), sources, project.folder if is_from_project else Path.cwd())
