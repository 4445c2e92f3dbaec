"""Turn what the command line says, with the environment and the project, into an order."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from app.cli.formats import Format
from app.cli.options import Choice, Options, choose
from app.cli.order import Defaults, Order, ProgressChoice, Via
from app.cli.project import Project, read_project
from app.coach.changes import Changes
from app.coach.finding import Finder
from app.coach.gate import Gate
from app.coach.select import parse_codes
from app.domain import Effort
from app.errors import InvalidInput


class Wish(NamedTuple):
    """What the command line says.

    Attributes:
        options: Those that a project may decide as well; None for what is left open.
        config: The project's file; None for the nearest.
        reads_config: A project may decide.
    """

    paths: tuple[str, ...]
    formats: tuple[Format, ...]
    outputs: tuple[str, ...]
    options: Mapping[str, Any]
    updates_baseline: bool = False
    since: str | None = None
    cache: Path | None = None
    keeps_answers: bool = True
    server: str | None = None
    via: Via = "calls"
    config: Path | None = None
    reads_config: bool = True
    progress: ProgressChoice = "auto"
    is_quiet: bool = False
    is_dry_run: bool = False
    watches: bool = False


def make_order(wish: Wish) -> Order:
    """Return the order that a wish comes to.

    Raises:
        InvalidInput: An option or the project's file is wrong.
    """
    choice = take_choice(wish.options, wish.config, reads_config=wish.reads_config)
    options = choice.options
    is_format_given = bool(wish.formats or wish.outputs)
    return Order(
        paths=wish.paths,
        engine=options.engine,
        formats=wish.formats if is_format_given else (options.format,),
        outputs=wish.outputs,
        gate=Gate(
            fail_on=options.severity,
            min_strength=options.min_strength,
            min_mean_strength=options.min_mean_strength,
            require_principles=options.require_principles,
        ),
        jobs=options.jobs,
        rubric=options.rubric,
        defaults=Defaults(
            role=options.role, level=options.level, question=options.question, principles=options.principles
        ),
        choice=choice,
        finder=Finder(
            patterns=options.exclude,
            base=choice.exclude_base,
            changes=None if wish.since is None else Changes(wish.since),
        ),
        max_cost_usd=options.max_cost_usd,
        effort=Effort(depth=options.depth, samples=options.samples),
        cache=wish.cache,
        keeps_answers=wish.keeps_answers,
        server=wish.server,
        via=wish.via,
        selection=options.selection,
        baseline=options.baseline,
        updates_baseline=wish.updates_baseline,
        since=wish.since,
        progress=wish.progress,
        is_quiet=wish.is_quiet,
        is_dry_run=wish.is_dry_run,
        watches=wish.watches,
    )


def take_choice(options: Mapping[str, Any], config: Path | None, *, reads_config: bool = True) -> Choice:
    """Return which options hold.

    Args:
        options: What the command line says; None or empty for what it leaves open.
        config: The project's file; None for the nearest.
        reads_config: A project may decide.

    Raises:
        InvalidInput: An option or the project's file is wrong.
    """
    given = {name: value for name, value in options.items() if value not in (None, "", [])}
    for name in ("select", "ignore"):
        if name in given:
            codes = (code.strip() for code in given[name].split(","))
            given[name] = parse_codes(filter(None, codes), f"--{name}")
    project = read_project(Options, config) if reads_config else Project()
    try:
        return choose(given, project)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = str(first["loc"][0]).replace("_", "-")
        raise InvalidInput(f"--{key}: {first['msg'].lower()}", slug="bad-option") from None
