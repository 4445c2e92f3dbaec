"""Rules and model together are never worse than the rules alone, whatever the model says."""

import asyncio
from pathlib import Path
from typing import NamedTuple

import pytest

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.evaluate import Evaluation, Evaluator
from app.coach.evaluate_dataset import load_dataset, thin_out
from app.domain import Depth, Effort
from app.judge.model import open_judge
from app.settings import Settings
from tests.faults.hostile import CHARACTERS
from tests.faults.server import ModelServer

pytestmark = pytest.mark.slow
CATALOG = Catalog()
STORIES = thin_out(load_dataset(Path("evals/dev"), CATALOG.rubric("leadership-principles")), 12)


class Pair(NamedTuple):
    """The same stories with and without a model."""

    rules: Evaluation
    model: Evaluation


def evaluate(url: str | None, depth: Depth = Depth.QUICK) -> Evaluation:
    judge = open_judge(Settings(base_url=url), CATALOG) if url else None
    effort = Effort(depth=depth, samples=1)

    async def run() -> Evaluation | None:
        assessor = Assessor(CATALOG, judge=judge, max_story_chars=40_000, effort=effort)
        try:
            return await Evaluator(assessor, engine="llm" if judge else "rules").evaluate(STORIES)
        finally:
            if judge is not None:
                await judge.aclose()

    evaluation = asyncio.run(run())
    assert evaluation is not None
    return evaluation


@pytest.fixture(scope="module")
def rules() -> Evaluation:
    return evaluate(None)


@pytest.fixture(scope="module", params=[(name, depth) for name in CHARACTERS for depth in Depth], ids=str)
def pair(request: pytest.FixtureRequest, rules: Evaluation) -> Pair:
    name, depth = request.param
    with ModelServer(CHARACTERS[name]()) as server:
        return Pair(rules, evaluate(server.url, depth))


def test_every_figure_is_that_of_the_rules_alone(pair):
    assert pair.model.counts.not_assessed == pair.model.counts.partial == 0
    assert pair.model.scores == pair.rules.scores
    assert pair.model.codes == pair.rules.codes


def test_gaps_strength_and_ranking_are_those_of_the_rules(pair):
    for alone, together in zip(pair.rules.results, pair.model.results, strict=True):
        assert together.said.gaps == alone.said.gaps
        assert together.said.strength == alone.said.strength
        assert together.said.principles == alone.said.principles
        assert together.said.quotes == alone.said.quotes


def test_a_level_rises_by_one_at_most_and_never_falls(pair):
    for alone, together in zip(pair.rules.results, pair.model.results, strict=True):
        assert together.said.levels.keys() == alone.said.levels.keys()
        assert all(0 <= together.said.levels[name] - level <= 1 for name, level in alone.said.levels.items())


@pytest.mark.parametrize("depth", Depth)
def test_what_such_models_say_does_arrive(depth):
    figures = {}
    for name, behave in CHARACTERS.items():
        with ModelServer(behave()) as server:
            figures[name] = evaluate(server.url, depth)
    found = {name: one.model for name, one in figures.items()}
    assert found["always nothing"].right == found["always the best"].notes == 0
    assert found["always everything"].notes > found["at random"].notes > 0
    assert found["always everything"].f1_with_notes < figures["always everything"].scores.micro_f1
    assert figures["at random"].effort.dropped_quotes > 0
    assert figures["always everything"].effort.dropped_quotes == 0
