"""Tell how steady levels are: the same model asked again, and asked with principles, signals and gaps in another order.

Run it with `python -m evals.stability`; it prints Markdown. Without an endpoint in the environment it measures how far
models can move what is published at worst: one that answers with new coins each time, and one that notes whatever
stands first in its lists. The dataset is `evals/dev` unless another is named.
"""

import argparse
import asyncio
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.evaluate_dataset import Dataset, load_dataset, thin_out
from app.coach.evaluate_metrics import mean, share
from app.domain import Assessment
from app.errors import LimitExceeded, ModelMisbehaved, ModelUnavailable
from app.judge.findings import Brief, Findings
from app.judge.model import ModelJudge, open_judge, read_patience
from app.reports.evaluation import Section, ratio
from app.reports.evaluation_markdown import render_sections
from app.rubric import Rubric
from app.settings import Settings, load_settings
from evals.agreement import Ratings, exact, icc, interval, ordinal_alpha, within_one
from tests.faults.behaviours import answer_with, read_story
from tests.faults.hostile import answer_at_random
from tests.faults.server import Behaviour, ModelServer, Request

DEV = Path(__file__).resolve().parent / "dev"
_QUEUE_S = 24 * 3600.0
_NOTED = 8
_FEWEST = 5  # stories that show a principle, for a figure of its own; words of a quote
_MIDDLE = 3
_THRESHOLDS = (2, 3, 4, 5)
_SIGNAL = re.compile(r"^- `([a-z0-9-]+)`", re.MULTILINE)
_PRINCIPLE = re.compile(r"^## `([a-z0-9-]+)`(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


class Shuffled:
    """A judge that lists principles, signals and gaps in another order for the model; all else is as it was.

    Args:
        judge: Asks the model.
        order: Which order; 0 is the rubric's own.
    """

    def __init__(self, judge: ModelJudge, order: int) -> None:
        self._judge = judge
        self._order = order
        self._rubrics: dict[str, Rubric] = {}
        self.model = judge.model

    async def judge(self, brief: Brief) -> Findings:
        """See `Judge.judge`."""
        if not self._order:
            return await self._judge.judge(brief)
        rubric = self._rubrics.setdefault(brief.rubric.sha256, shuffle(brief.rubric, self._order))
        return await self._judge.judge(brief.model_copy(update={"rubric": rubric}))


def shuffle(rubric: Rubric, order: int) -> Rubric:
    """Return a rubric with its lists in another order, the same each time."""
    dice = random.Random(order)  # noqa: S311 - repeatable, not secret
    principles = [
        one.model_copy(update={"signals": tuple(dice.sample(one.signals, len(one.signals)))})
        for one in dice.sample(rubric.principles, len(rubric.principles))
    ]
    gaps = tuple(dice.sample(rubric.gaps, len(rubric.gaps)))
    told = {"principles": tuple(principles), "gaps": gaps, "sha256": f"{order:064x}"}
    return rubric.model_copy(update=told)


class Outcome(NamedTuple):
    """What several runs over the same stories say.

    Attributes:
        levels: For each story and principle that the rules show, the level of each run; 0 where it has none.
        principles: Of which principle each row of levels is.
        strengths: For each story, the strength of each run.
        failed: Stories of which some run came to nothing; they are in neither.
    """

    levels: Ratings
    principles: Sequence[str]
    strengths: Ratings
    failed: int

    @property
    def rows(self) -> Iterator[tuple[Sequence[int], str]]:
        """The levels with their principle."""
        return zip(self.levels, self.principles, strict=True)


def run(catalog: Catalog, dataset: Dataset, settings: Settings, orders: Sequence[int]) -> Outcome:
    """Assess all stories once for each of some orders."""

    async def assess_all() -> list[list[Assessment | None]]:
        judge = open_judge(settings, catalog, patience=read_patience(settings, queue_s=_QUEUE_S))
        try:
            return [await _assess(dataset, Shuffled(judge, order), catalog, settings) for order in orders]
        finally:
            await judge.aclose()

    runs = asyncio.run(assess_all())
    whole = [story for told in zip(*runs, strict=True) if len(story := [one for one in told if one]) == len(orders)]
    shown = [(one.id, story) for story in whole for one in story[0].principles if one.level]
    return Outcome(
        [[_level(a, name) for a in story] for name, story in shown],
        [name for name, _ in shown],
        [[a.strength or 0 for a in story] for story in whole],
        len(dataset.cases) - len(whole),
    )


async def _assess(dataset: Dataset, judge: Shuffled, catalog: Catalog, settings: Settings) -> list[Assessment | None]:
    assessor = Assessor(catalog, judge=judge, max_story_chars=settings.max_story_chars)
    places = asyncio.Semaphore(settings.max_model_calls)

    async def one(number: int) -> Assessment | None:
        async with places:
            try:
                made = await assessor.assess(dataset.cases[number].story)
            except (ModelUnavailable, ModelMisbehaved, LimitExceeded):
                return None
        return None if made.strength is None else made

    return list(await asyncio.gather(*map(one, range(len(dataset.cases)))))


def _level(assessment: Assessment, principle: str) -> int:
    return next((one.level or 0 for one in assessment.principles if one.id == principle), 0)


def lay_out(name: str, again: Outcome, moved: Outcome) -> Section:
    """Return the figures of one model.

    Args:
        name: What the model is called.
        again: Several runs in the same order.
        moved: The rubric's order, then others.
    """
    by_principle = {own: [row for row, of in again.rows if of == own] for own in sorted(set(again.principles))}
    known = {own: exact(rows) or 0.0 for own, rows in by_principle.items() if len(rows) >= _FEWEST}
    worst = min(known, key=lambda own: known[own], default="-")
    flips = {at: share([len({score >= at for score in row}) > 1 for row in again.strengths]) for at in _THRESHOLDS}
    rows = (
        ("stories, levels", f"{len(again.strengths)}, {len(again.levels)}"),
        ("stories of strength 3", str(sum(row[0] == _MIDDLE for row in again.strengths))),
        ("stories left out, since a run failed", str(again.failed + moved.failed)),
        ("same level, pairs of runs", _with_range(again.levels, exact)),
        ("the same, the worst principle", f"{ratio(known.get(worst))} ({worst})"),
        ("at most one apart", _with_range(again.levels, within_one)),
        ("ICC(2,1)", _with_range(again.levels, icc)),
        ("Krippendorff's alpha, ordinal", _with_range(again.levels, ordinal_alpha)),
        ("stories that cross a threshold of strength", ", ".join(f"{at}: {ratio(of)}" for at, of in flips.items())),
        ("in other orders: mean distance of levels", _with_range(moved.levels, _distance)),
        ("in other orders: mean shift of levels", _with_range(moved.levels, _shift)),
    )
    return Section(name, ("figure", "value"), rows)


def _distance(ratings: Ratings) -> float | None:
    return mean([abs(float(other - row[0])) for row in ratings for other in row[1:]])


def _shift(ratings: Ratings) -> float | None:
    return mean([float(other - row[0]) for row in ratings for other in row[1:]])


def _with_range(ratings: Ratings, figure: Callable[[Ratings], float | None]) -> str:
    found = interval(ratings, figure)
    return ratio(figure(ratings)) + (f" ({found[0]:.3f} to {found[1]:.3f})" if found else "")


def answer_what_comes_first() -> Behaviour:
    """Note whatever stands first in the lists of the question: as partial to the order as can be."""
    return answer_with(_note_what_comes_first)


def _note_what_comes_first(request: Request) -> str:
    prompt, story = request.prompt, read_story(request) or ""
    sentences = [text.strip() for text in re.findall(r"[^.!?\n]+[.!?]?", story) if len(text.split()) >= _FEWEST]
    quotes = cycle(sentences or [story])
    listed = [(found[1], signal) for found in _PRINCIPLE.finditer(prompt) for signal in _SIGNAL.findall(found[2])]
    signals = [
        {"quote": next(quotes), "reason": "it comes first", "principle": of, "signal": signal, "present": True}
        for of, signal in listed[:_NOTED]
    ]
    gaps = [
        {"quote": next(quotes), "reason": "it comes first", "code": code, "present": True}
        for code in _SIGNAL.findall(prompt.partition("## `")[0])[:3]
    ]
    return json.dumps({"parts": [], "signals": signals, "gaps": gaps})


_WORST: Mapping[str, Callable[[], Behaviour]] = {
    "at random": answer_at_random,
    "what comes first": answer_what_comes_first,
}


def measure_worst(catalog: Catalog, dataset: Dataset, runs: int, orders: int) -> Iterator[Section]:
    """Yield the figures of models that do not read."""
    for name, behave in _WORST.items():
        outcomes: list[Outcome] = []
        for asked in ([0] * runs, range(orders + 1)):
            with ModelServer(behave()) as server:
                settings = Settings(base_url=server.url, model=name, max_model_calls=1)
                outcomes.append(run(catalog, dataset, settings, asked))
        yield lay_out(name, *outcomes)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="how often each story is asked about in the same order")
    parser.add_argument("--orders", type=int, default=3, help="how many other orders")
    parser.add_argument("--limit", type=int, default=None, help="stories; default all")
    parser.add_argument("--dataset", type=Path, default=DEV, help="a folder of labelled stories")
    asked = parser.parse_args()
    catalog, settings = Catalog(), load_settings()
    dataset = load_dataset(asked.dataset, catalog.rubric("leadership-principles"))
    dataset = thin_out(dataset, asked.limit or len(dataset.cases))
    if settings.has_model:
        again = run(catalog, dataset, settings, [0] * asked.runs)
        sections = [lay_out(settings.model, again, run(catalog, dataset, settings, range(asked.orders + 1)))]
    else:
        sections = list(measure_worst(catalog, dataset, asked.runs, asked.orders))
    print(render_sections(sections))


if __name__ == "__main__":
    main()
