"""`star-coach score`: assess stories and report every gap."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.formats import Format
from app.cli.loading import loading

_STORIES = "Stories"
_GATES = "What fails"
_OUTPUTS = "What is written"
_MODEL = "How the model is asked"


def score(  # noqa: PLR0913 - the options of a command
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Markdown, text, JSON, JSONL or YAML files, folders of them, or - for stdin.", metavar="PATH"
        ),
    ],
    *,
    engine: Annotated[
        Literal["auto", "rules", "llm"] | None,
        typer.Option(help="auto asks the model where one is configured.", show_default="COACH_ENGINE, or auto"),
    ] = None,
    format_: Annotated[
        list[Format] | None,
        typer.Option("--format", "-f", help="Repeatable, in pairs with --output.", rich_help_panel=_OUTPUTS),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A file; the first format without one goes to stdout.",
            rich_help_panel=_OUTPUTS,
        ),
    ] = None,
    fail_on: Annotated[
        Literal["error", "warning", "note", "never"],
        typer.Option(help="Exit 1 when a story has a gap this severe or worse.", rich_help_panel=_GATES),
    ] = "never",
    min_strength: Annotated[
        int | None,
        typer.Option(
            min=1, max=5, metavar="N", help="Exit 1 when a story is weaker than this.", rich_help_panel=_GATES
        ),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            max=256,
            metavar="N",
            help="Stories assessed at once: asked of the model, or one a processor.",
        ),
    ] = 8,
    depth: Annotated[
        Literal["quick", "panel"] | None,
        typer.Option(
            help="quick asks the model once; panel asks about each principle, the gaps and follow-ups by themselves.",
            show_default="COACH_DEPTH, or quick",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=9,
            metavar="K",
            help="Ask the same up to K times and take the median of the levels.",
            show_default="COACH_SAMPLES, or 1",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where the model's answers are kept, so that none is paid for twice.",
            show_default="COACH_CACHE_DIR, or the user's cache folder",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Ask the model anew and keep nothing.", rich_help_panel=_MODEL)
    ] = False,
    max_cost_usd: Annotated[
        float | None,
        typer.Option(
            min=0.000001,
            metavar="X",
            help="Ask the model no more once this many US dollars could be exceeded.",
            show_default="COACH_MAX_COST_USD, or no limit",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    rubric: Annotated[
        str | None,
        typer.Option(help="NAME or NAME/vN.", metavar="NAME", show_default="COACH_RUBRIC, or leadership-principles"),
    ] = None,
    role: Annotated[
        str | None, typer.Option(help="For stories that name no role.", metavar="ROLE", rich_help_panel=_STORIES)
    ] = None,
    level: Annotated[
        str | None, typer.Option(help="For stories that name no level.", metavar="LEVEL", rich_help_panel=_STORIES)
    ] = None,
    question: Annotated[
        str | None, typer.Option(help="For stories that name no question.", metavar="TEXT", rich_help_panel=_STORIES)
    ] = None,
    principles: Annotated[
        str | None,
        typer.Option(
            help="With commas between; for stories that name none.", metavar="NAMES", rich_help_panel=_STORIES
        ),
    ] = None,
) -> None:
    """Assess stories: strength, principles and every gap, each with its quote.

    Exit codes: 0 passed; 1 below the threshold (--fail-on, --min-strength);
    2 wrong usage or configuration, or nothing could be read; 3 incomplete:
    a story could not be read or assessed.
    """
    with loading():
        from app.cli.scoring import Defaults, Order, score_stories
        from app.coach.gate import Gate
        from app.domain import Depth, Effort, Severity

    order = Order(
        paths=tuple(paths),
        engine=engine,
        formats=tuple(format_ or ()),
        outputs=tuple(output or ()),
        gate=Gate(fail_on=None if fail_on == "never" else Severity(fail_on), min_strength=min_strength),
        jobs=jobs,
        max_cost_usd=max_cost_usd,
        effort=Effort(depth=Depth(depth) if depth else None, samples=samples),
        cache=cache,
        keeps_answers=not no_cache,
        rubric=rubric,
        defaults=Defaults(
            role=role,
            level=level,
            question=question,
            principles=tuple(name.strip() for name in (principles or "").split(",") if name.strip()),
        ),
    )
    raise typer.Exit(score_stories(order))
