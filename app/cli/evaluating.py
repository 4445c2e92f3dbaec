"""Carry out `star-coach eval`: read, evaluate, report, decide the exit code."""

import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, NamedTuple

from app.catalog import Catalog
from app.cli.complaint import complain
from app.cli.exits import Exit
from app.cli.output import replace_file
from app.coach.assess import Assessor
from app.coach.evaluate import Evaluation, Evaluator, evaluate_predictions
from app.coach.evaluate_changes import attach, find_changes, load_evaluation
from app.coach.evaluate_dataset import Dataset, load_dataset, load_predictions, thin_out
from app.coach.evaluate_floors import hold, load_floors
from app.domain import Effort, EngineChoice
from app.errors import InvalidInput
from app.reports.counting import counted_stories
from app.reports.evaluation import Findings
from app.reports.evaluation_markdown import render_markdown
from app.reports.evaluation_text import render_text
from app.settings import Settings, load_settings

_QUEUE_S = 3600.0  # a dataset may be larger than what a provider takes in a minute
_RENDERERS = {"text": render_text, "markdown": render_markdown}


class Order(NamedTuple):
    """What the caller of `eval` asked for."""

    dataset: str
    engine: EngineChoice | None = None
    predictions: str | None = None
    rubric: str | None = None
    format: Literal["text", "json", "markdown"] = "text"
    output: str | None = None
    compare: str | None = None
    minimum: str | None = None
    limit: int | None = None
    effort: Effort = Effort()
    repeat: int = 1
    jobs: int = 8


def evaluate_dataset(order: Order) -> Exit:
    """Evaluate what was ordered and return the exit code.

    Raises:
        InvalidInput: An option can't be used, or a file that was named is broken.
        NotFound: There is no such rubric.
        Misconfigured: A setting, the rubric or the model's endpoint is wrong.
    """
    if order.predictions is not None and (order.engine is not None or order.repeat > 1):
        raise InvalidInput("--predictions runs no engine, so neither --engine nor --repeat goes with it")
    settings = load_settings()
    catalog = Catalog(settings.rubrics_dir, settings.prompts_dir)
    dataset = load_dataset(Path(order.dataset), catalog.rubric(order.rubric or settings.rubric))
    if order.limit is not None:
        dataset = thin_out(dataset, order.limit)
    floors = load_floors(Path(order.minimum)) if order.minimum is not None else None
    earlier = load_evaluation(Path(order.compare)) if order.compare is not None else None
    with ExitStack() as stack:
        # Opened first: what a model was paid for must not be lost to a file that can't be written.
        stream = stack.enter_context(replace_file(Path(order.output))) if order.output is not None else None
        if order.predictions is not None:
            evaluation = evaluate_predictions(dataset, load_predictions(Path(order.predictions), dataset))
        else:
            evaluation = asyncio.run(_run(order, settings, catalog, dataset))
        if evaluation is None:
            raise KeyboardInterrupt
        findings = Findings(
            evaluation,
            find_changes(earlier, evaluation) if earlier is not None else None,
            tuple(hold(evaluation, floors)) if floors is not None else (),
        )
        text = _render(findings, order.format)
        if stream is not None:
            stream.write(text.encode())
    if stream is None:
        _print(text, order.format)
    return _decide(findings)


async def _run(order: Order, settings: Settings, catalog: Catalog, dataset: Dataset) -> Evaluation | None:
    engine = order.engine or settings.engine
    judge = None
    if engine == "llm" or (engine == "auto" and settings.has_model):
        from app.judge.model import open_judge, read_patience

        # No cache: an answer that is read again tells nothing of what the model would say the next time.
        judge = open_judge(settings, catalog, patience=read_patience(settings, queue_s=_QUEUE_S))
    assessor = Assessor(
        catalog,
        judge=judge,
        rubric=settings.rubric,
        max_story_chars=settings.max_story_chars,
        effort=Effort(depth=order.effort.depth or settings.depth, samples=order.effort.samples or settings.samples),
    )
    evaluator = Evaluator(assessor, engine=engine, rubric=order.rubric, jobs=order.jobs if judge else 1)
    try:
        return await evaluator.evaluate(dataset, repeat=order.repeat)
    finally:
        if judge is not None:
            await judge.aclose()


def _render(findings: Findings, format_: Literal["text", "json", "markdown"]) -> str:
    if format_ != "json":
        return _RENDERERS[format_](findings)
    return attach(findings.evaluation, findings.changes).model_dump_json(indent=2) + "\n"


def _print(text: str, format_: str) -> None:
    """Write to stdout: data is UTF-8 always, text is what the terminal can show."""
    encoding = sys.stdout.encoding if format_ == "text" else "utf-8"
    sys.stdout.buffer.write(text.encode(encoding, "replace"))
    sys.stdout.buffer.flush()


def _decide(findings: Findings) -> Exit:
    broken = [held for held in findings.held if not held.is_kept]
    for held in broken:
        complain(str(held))
    lost = findings.evaluation.counts.not_assessed
    if lost:
        complain(f"{lost} of {counted_stories(findings.evaluation.counts.stories)} could not be assessed")
        return Exit.INCOMPLETE
    return Exit.BELOW_THRESHOLD if broken else Exit.PASSED
