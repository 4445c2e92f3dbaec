"""Evaluate an engine, or a file of predictions, against labelled stories."""

import time
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from app import __version__
from app.coach import evaluate_metrics as metrics
from app.coach.assess import Assessor
from app.coach.batch import Batch, Outcome
from app.coach.evaluate_dataset import Case, Dataset, Said
from app.coach.evaluate_figures import CodeFigures, Counts, Result, Scores, compare_story, measure
from app.coach.evaluate_metrics import Interval
from app.coach.evaluate_model import ModelFigures, measure_model
from app.domain import (
    ArtefactRef,
    Assessment,
    Engine,
    EngineChoice,
    Evidence,
    GapCode,
    Provenance,
    Source,
    Status,
    Usage,
    Value,
)
from app.errors import UnreadableStory

UNSAID = Said(reason="There is no prediction for this story.")


class Origin(Value):
    """What made the findings; predictions tell neither model nor rubric."""

    engine: Literal["rules", "llm", "predictions"]
    model: str | None = None
    rubric: ArtefactRef | None = None
    prompt: ArtefactRef | None = None
    version: str = __version__


class Retest(Value):
    """How far several runs over the same stories agree.

    Attributes:
        strength: Share of stories whose strength was the same in every run.
        gaps: Share of stories whose set of gaps was the same in every run.
        gaps_overlap: Mean Jaccard index of the sets of gaps of two runs.
        levels: Share of stories whose principles had the same levels in every run.
        model_gaps_overlap: As `gaps_overlap`, of what the model saw by itself; None without a model.
    """

    repeat: Annotated[int, Field(ge=2)]
    strength: float
    gaps: float
    gaps_overlap: float
    levels: float | None = None
    model_gaps_overlap: float | None = None


class Effort(Value):
    """What all runs took together.

    Attributes:
        seconds_per_story: Wall time by stories and runs; with several jobs, stories share it.
        dropped_quotes: Findings of the model whose quote is not in the story.
        cost_usd: None when no price is known.
    """

    seconds_per_story: float
    dropped_quotes: int
    usage: Usage | None
    cost_usd: float | None


class Evaluation(Value):
    """The result of one evaluation; of several runs, the figures are those of the first."""

    dataset: str
    origin: Origin
    counts: Counts
    scores: Scores
    intervals: dict[str, Interval]
    codes: tuple[CodeFigures, ...]
    writers: dict[str, Scores]
    effort: Effort | None = None
    retest: Retest | None = None
    model: ModelFigures | None = None
    results: tuple[Result, ...]

    def f1_of(self, code: GapCode) -> float | None:
        """Return the F1 of a gap code; None where it is neither labelled nor said."""
        return next((figures.f1 for figures in self.codes if figures.code is code), None)


class _Run(NamedTuple):
    assessments: list[Assessment]
    seconds: float


class Evaluator:
    """Lets an engine assess a dataset and compares.

    Args:
        assessor: The engine.
        engine: As for `Assessor.assess`.
        rubric: As for `Assessor.assess`.
        jobs: Stories that are assessed at the same time.
    """

    def __init__(self, assessor: Assessor, *, engine: EngineChoice, rubric: str | None = None, jobs: int = 1) -> None:
        self._assessor = assessor
        self._engine: EngineChoice = engine
        self._rubric = rubric
        self._jobs = jobs

    async def evaluate(self, dataset: Dataset, *, repeat: int = 1) -> Evaluation | None:
        """Return the evaluation of a dataset, or None when the task was cancelled.

        Args:
            dataset: Labelled stories.
            repeat: How often each story is assessed.

        Raises:
            Misconfigured: No story can be assessed like this.
            NotFound: There is no such rubric.
        """
        runs: list[_Run] = []
        for _ in range(repeat):
            run = await self._run(dataset)
            if run is None:
                return None
            runs.append(run)
        said = [[_read(case, one) for case, one in zip(dataset.cases, run.assessments, strict=True)] for run in runs]
        return _put_together(
            dataset,
            said[0],
            origin=_origin([one.provenance for one in runs[0].assessments]),
            effort=_effort(runs, len(dataset.cases)),
            retest=_retest(said) if repeat > 1 else None,
        )

    async def _run(self, dataset: Dataset) -> _Run | None:
        assessments: list[Assessment] = []

        def take(outcome: Outcome | UnreadableStory) -> None:
            if isinstance(outcome, Outcome):
                assessments.append(outcome.assessment)

        batch = Batch(self._assessor, engine=self._engine, rubric=self._rubric, jobs=self._jobs)
        start = time.perf_counter()
        is_whole = await batch.run((case.story for case in dataset.cases), take)
        return _Run(assessments, time.perf_counter() - start) if is_whole else None


def evaluate_predictions(dataset: Dataset, said: Mapping[str, Said]) -> Evaluation:
    """Return the evaluation of given predictions; a story without one counts as not assessed."""
    given = [said.get(case.label.id, UNSAID) for case in dataset.cases]
    return _put_together(dataset, given, origin=Origin(engine="predictions"))


def _put_together(
    dataset: Dataset,
    said: Sequence[Said],
    *,
    origin: Origin,
    effort: Effort | None = None,
    retest: Retest | None = None,
) -> Evaluation:
    results = [compare_story(case, one) for case, one in zip(dataset.cases, said, strict=True)]
    figures = measure(dataset.cases, results)
    return Evaluation(
        dataset=dataset.name,
        origin=origin,
        counts=figures.counts,
        scores=figures.scores,
        intervals=figures.intervals,
        codes=figures.codes,
        writers=figures.writers,
        effort=effort,
        retest=retest,
        model=measure_model(results),
        results=tuple(results),
    )


def _read(case: Case, assessment: Assessment) -> Said:
    quotes = _quotes(assessment)
    is_silent = assessment.status is Status.NOT_ASSESSED
    own = [gap for gap in assessment.gaps if gap.source is not Source.MODEL]
    by_model = [gap.code for gap in assessment.gaps if gap.source is not Source.RULES]
    has_model = assessment.provenance.engine is Engine.LLM and not is_silent
    return Said(
        reason=(assessment.reason or "Not assessed.") if is_silent else None,
        is_partial=assessment.status is Status.PARTIAL,
        gaps=tuple(gap.code for gap in own),
        model_gaps=tuple(by_model) if has_model else None,
        strength=assessment.strength,
        principles=tuple(item.id for item in sorted(assessment.principles, key=lambda item: item.rank)),
        levels={item.id: item.level for item in assessment.principles if item.level is not None},
        quotes={gap.code: gap.evidence for gap in own},
        quoted=len(quotes),
        grounded=sum(case.story.text[one.start : one.end] == one.quote for one in quotes),
    )


def _quotes(assessment: Assessment) -> list[Evidence]:
    return [quote for finding in (*assessment.gaps, *assessment.principles) for quote in finding.evidence]


def _origin(provenances: Sequence[Provenance]) -> Origin:
    """Return what the run was made with, by the first story that the model answered if there is one."""
    best = next((one for one in provenances if one.model is not None), provenances[0])
    return Origin(engine=best.engine.value, model=best.model, rubric=best.rubric, prompt=best.prompt)


def _effort(runs: Sequence[_Run], stories: int) -> Effort:
    made = [one.provenance for run in runs for one in run.assessments]
    usages = [one.usage for one in made if one.usage is not None]
    costs = [one.cost_usd for one in made if one.cost_usd is not None]
    usage = Usage(
        input_tokens=sum(one.input_tokens for one in usages),
        output_tokens=sum(one.output_tokens for one in usages),
        calls=sum(one.calls for one in usages),
    )
    return Effort(
        seconds_per_story=round(sum(run.seconds for run in runs) / (stories * len(runs)), 6),
        dropped_quotes=sum(one.dropped_quotes for one in made),
        usage=usage if usages else None,
        cost_usd=sum(costs) if costs else None,
    )


def _retest(runs: Sequence[Sequence[Said]]) -> Retest:
    stories = list(zip(*runs, strict=True))
    pairs = [pair for story in stories for pair in combinations(story, 2)]
    return Retest(
        repeat=len(runs),
        strength=sum(_agree([one.strength for one in story]) for story in stories) / len(stories),
        gaps=sum(_agree([_gap_set(one) for one in story]) for story in stories) / len(stories),
        gaps_overlap=metrics.mean([metrics.overlap(set(one.gaps), set(two.gaps)) for one, two in pairs]) or 0.0,
        levels=sum(_agree([_levels(one) for one in story]) for story in stories) / len(stories),
        model_gaps_overlap=metrics.mean(
            [
                metrics.overlap(set(one.model_gaps), set(two.model_gaps))
                for one, two in pairs
                if one.model_gaps is not None and two.model_gaps is not None
            ]
        ),
    )


def _gap_set(said: Said) -> frozenset[GapCode] | None:
    return frozenset(said.gaps) if said.reason is None else None


def _levels(said: Said) -> dict[str, int] | None:
    return dict(said.levels) if said.reason is None else None


def _agree(values: Sequence[object]) -> bool:
    """Tell whether all runs gave the same answer; no answer agrees with nothing."""
    return values[0] is not None and all(value == values[0] for value in values)
