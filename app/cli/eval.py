"""`star-coach eval`: hold an engine against labelled stories."""

from typing import Annotated, Literal

import typer

from app.cli.loading import loading

_GATES = "What fails"
_OUTPUTS = "What is written"
_MODEL = "With a model"


def evaluate(  # noqa: PLR0913 - the options of a command
    dataset: Annotated[
        str,
        typer.Argument(
            help="A folder of stories/ and labels.jsonl, or a JSONL file whose labels carry their text.",
            metavar="DATASET",
        ),
    ],
    *,
    engine: Annotated[
        Literal["auto", "rules", "llm"] | None,
        typer.Option(help="auto asks the model where one is configured.", show_default="COACH_ENGINE, or auto"),
    ] = None,
    predictions: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Score what this JSONL file says of the stories; no engine runs."),
    ] = None,
    rubric: Annotated[
        str | None,
        typer.Option(help="NAME or NAME/vN.", metavar="NAME", show_default="COACH_RUBRIC, or leadership-principles"),
    ] = None,
    format_: Annotated[
        Literal["text", "json", "markdown"], typer.Option("--format", "-f", rich_help_panel=_OUTPUTS)
    ] = "text",
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Not to stdout.", rich_help_panel=_OUTPUTS)
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Show what changed since this earlier --format json.", rich_help_panel=_OUTPUTS
        ),
    ] = None,
    minimum: Annotated[
        str | None,
        typer.Option("--min", metavar="FILE", help="Exit 1 below a floor of this JSON file.", rich_help_panel=_GATES),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Only so many stories, at even distances.", show_default="all"),
    ] = None,
    depth: Annotated[
        Literal["quick", "panel"] | None,
        typer.Option(help="As for `score`.", show_default="COACH_DEPTH, or quick", rich_help_panel=_MODEL),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=9,
            metavar="K",
            help="As for `score`.",
            show_default="COACH_SAMPLES, or 1",
            rich_help_panel=_MODEL,
        ),
    ] = None,
    repeat: Annotated[
        int, typer.Option(min=1, max=100, metavar="K", help="Runs, for test-retest.", rich_help_panel=_MODEL)
    ] = 1,
    jobs: Annotated[
        int,
        typer.Option("--jobs", "-j", min=1, max=256, metavar="N", help="Stories at once.", rich_help_panel=_MODEL),
    ] = 8,
) -> None:
    """Evaluate an engine: gaps, principles and strength against labelled stories.

    Exit codes: 0 passed; 1 below a floor (--min); 2 wrong usage or
    configuration, or a broken dataset; 3 a story could not be assessed.
    """
    with loading():
        from app.cli.evaluating import Order, evaluate_dataset
        from app.domain import Depth, Effort

    order = Order(
        dataset=dataset,
        engine=engine,
        predictions=predictions,
        rubric=rubric,
        format=format_,
        output=output,
        compare=compare,
        minimum=minimum,
        limit=limit,
        effort=Effort(depth=Depth(depth) if depth else None, samples=samples),
        repeat=repeat,
        jobs=jobs,
    )
    raise typer.Exit(evaluate_dataset(order))
