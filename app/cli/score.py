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
_RUNNING = "While it runs"
_PLACE = "Where it is done"


def score(  # noqa: PLR0913 - the options of a command
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Markdown, text, JSON, JSONL or YAML files, folders of them, patterns, or - for stdin.",
            metavar="PATH",
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
        Literal["error", "warning", "note", "never"] | None,
        typer.Option(
            help="Exit 1 when a story has a gap this severe or worse.", show_default="never", rich_help_panel=_GATES
        ),
    ] = None,
    min_strength: Annotated[
        int | None,
        typer.Option(
            min=1, max=5, metavar="N", help="Exit 1 when a story is weaker than this.", rich_help_panel=_GATES
        ),
    ] = None,
    min_mean_strength: Annotated[
        float | None,
        typer.Option(
            min=1, max=5, metavar="X", help="Exit 1 when the mean of all stories is lower.", rich_help_panel=_GATES
        ),
    ] = None,
    require_principles: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="With commas between; exit 1 when no story shows one of them at level 3 or higher.",
            rich_help_panel=_GATES,
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Gaps that are known, which fail nothing.", rich_help_panel=_GATES),
    ] = None,
    update_baseline: Annotated[
        bool,
        typer.Option(
            "--update-baseline", help="Write all gaps that are found to the baseline.", rich_help_panel=_GATES
        ),
    ] = False,
    select: Annotated[
        str | None,
        typer.Option(
            metavar="CODES", help="Only these gaps are shown and fail, with commas between.", rich_help_panel=_GATES
        ),
    ] = None,
    ignore: Annotated[
        str | None,
        typer.Option(metavar="CODES", help="These gaps are not shown and fail nothing.", rich_help_panel=_GATES),
    ] = None,
    changed_since: Annotated[
        str | None,
        typer.Option(
            metavar="REV", help="Only files that differ from where the branch left REV.", rich_help_panel=_STORIES
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="As in .gitignore: passed over in folders, beside what .coachignore says. Repeatable.",
            rich_help_panel=_STORIES,
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            max=256,
            metavar="N",
            help="Stories assessed at once: asked of the model, or one a processor.",
            show_default="8",
        ),
    ] = None,
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
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Assess through a running service; its key is in COACH_SERVER_KEY.",
            rich_help_panel=_PLACE,
        ),
    ] = None,
    via: Annotated[
        Literal["calls", "batch-api"],
        typer.Option(
            help="batch-api asks the model through its provider's batches: within a day, for less.",
            rich_help_panel=_PLACE,
        ),
    ] = "calls",
    rubric: Annotated[
        str | None,
        typer.Option(help="NAME or NAME/vN.", metavar="NAME", show_default="COACH_RUBRIC, or leadership-principles"),
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            help="For stories that name no role.",
            metavar="ROLE",
            show_default="the rubric's default_role",
            rich_help_panel=_STORIES,
        ),
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(
            help="For stories that name no level.",
            metavar="LEVEL",
            show_default="the rubric's default_level",
            rich_help_panel=_STORIES,
        ),
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
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The project's options.", show_default="the nearest coach.toml upwards"),
    ] = None,
    progress: Annotated[
        Literal["auto", "bar", "lines", "none"],
        typer.Option(
            help="On stderr. auto: a bar on a terminal, lines in CI, nothing in a pipe.", rich_help_panel=_RUNNING
        ),
    ] = "auto",
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="No progress and no remarks on stderr.", rich_help_panel=_RUNNING),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Tell what it would take, and ask nothing of any model.", rich_help_panel=_RUNNING
        ),
    ] = False,
    watch: Annotated[
        bool,
        typer.Option("--watch", "-w", help="Score a story again when its file changes.", rich_help_panel=_RUNNING),
    ] = False,
    no_config: Annotated[bool, typer.Option("--no-config", help="Read no project's options.")] = False,
) -> None:
    """Assess stories: strength, principles and every gap, each with its quote.

    What the command line leaves open, the environment, then coach.toml or the
    table tool.star-coach of pyproject.toml decide: star-coach config shows them.

    Exit codes: 0 passed; 1 below a threshold; 2 wrong usage or configuration,
    or nothing could be read; 3 incomplete: a story could not be read or assessed.
    """
    with loading():
        from app.cli.ordering import Wish, make_order
        from app.cli.scoring import score_stories

    wish = Wish(
        paths=tuple(paths),
        formats=tuple(format_ or ()),
        outputs=tuple(output or ()),
        options={
            "engine": engine,
            "rubric": rubric,
            "depth": depth,
            "samples": samples,
            "max_cost_usd": max_cost_usd,
            "jobs": jobs,
            "fail_on": fail_on,
            "min_strength": min_strength,
            "min_mean_strength": min_mean_strength,
            "require_principles": require_principles,
            "baseline": baseline,
            "select": select,
            "ignore": ignore,
            "exclude": exclude,
            "role": role,
            "level": level,
            "question": question,
            "principles": principles,
        },
        updates_baseline=update_baseline,
        since=changed_since,
        cache=cache,
        keeps_answers=not no_cache,
        server=server,
        via=via,
        config=config,
        reads_config=not no_config,
        progress=progress,
        is_quiet=quiet,
        is_dry_run=dry_run,
        watches=watch,
    )
    raise typer.Exit(score_stories(make_order(wish)))
