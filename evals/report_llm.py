"""Make evals/REPORT-LLM.md: what rules and a model say together, beside the rules alone, and that it is never worse.

Run it with `make eval-llm`. The model is the one that the environment names (OPENAI_BASE_URL, OPENAI_MODEL,
OPENAI_API_KEY); where it names none, a small one on this machine.
"""

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.evaluate import Evaluation, Evaluator, evaluate_predictions
from app.coach.evaluate_dataset import Dataset, load_dataset, thin_out
from app.domain import Depth, Effort
from app.judge.model import open_judge, read_patience
from app.reports.evaluation import NAMES, Section, lay_out_model, lay_out_retest, ratio
from app.reports.evaluation_markdown import escape, render_sections
from app.settings import Settings, load_settings
from evals import local_model
from tests.faults.hostile import CHARACTERS
from tests.faults.server import ModelServer

EVALS = Path(__file__).resolve().parent
_QUEUE_S = 24 * 3600.0
_SHOWN = ("macro_f1", "micro_f1", "top_1", "top_3", "within_one", "qwk", "grounded")
_LOCAL = {
    "OPENAI_MODEL": local_model.NAME,
    "COACH_DEADLINE_S": "1800",
    "COACH_ATTEMPT_TIMEOUT_S": "1800",
    "COACH_MAX_ATTEMPTS": "1",
    "COACH_MAX_OUTPUT_TOKENS": "2048",
    "COACH_MAX_MODEL_CALLS": "1",
    "COACH_MAX_NOTES": "1",
}
"""What is set for a small model unless it is set already: it is slow, fills every list to its end, and what it says
badly it says badly again."""


class Trial(NamedTuple):
    """The same stories by the rules alone and with a model.

    Attributes:
        rules: Of the stories that were assessed with the model.
        assessed: With the model, of these stories.
        whole: With the model, of all stories.
    """

    name: str
    depth: Depth
    rules: Evaluation
    assessed: Evaluation
    whole: Evaluation

    @property
    def losses(self) -> list[str]:
        """The figures that are worse than those of the rules alone."""
        pairs = {name: (getattr(self.rules.scores, name), getattr(self.assessed.scores, name)) for name in NAMES}
        return [NAMES[name] for name, (alone, both) in pairs.items() if alone is not None and (both or 0) < alone]

    @property
    def moves(self) -> tuple[int, int]:
        """How many levels of principles are higher than by the rules, and how many are lower."""
        both = zip(self.rules.results, self.assessed.results, strict=True)
        steps = [two.said.levels.get(name, 0) - level for one, two in both for name, level in one.said.levels.items()]
        return sum(step > 0 for step in steps), sum(step < 0 for step in steps)


def evaluate(catalog: Catalog, dataset: Dataset, settings: Settings | None, depth: Depth, repeat: int) -> Evaluation:
    """Return an evaluation with the model of the settings, or by the rules alone."""
    judge = None
    if settings is not None:
        judge = open_judge(settings, catalog, patience=read_patience(settings, queue_s=_QUEUE_S))
    limit = (settings or load_settings()).max_story_chars
    assessor = Assessor(catalog, judge=judge, max_story_chars=limit, effort=Effort(depth=depth, samples=1))
    evaluator = Evaluator(
        assessor, engine="llm" if judge else "rules", jobs=settings.max_model_calls if settings else 1
    )

    async def run() -> Evaluation | None:
        try:
            return await evaluator.evaluate(dataset, repeat=repeat)
        finally:
            if judge is not None:
                await judge.aclose()

    evaluation = asyncio.run(run())
    if evaluation is None:
        raise KeyboardInterrupt
    return evaluation


def hold_together(name: str, depth: Depth, dataset: Dataset, rules: Evaluation, model: Evaluation) -> Trial:
    """Return two evaluations of a dataset, and both again over the stories that the model let be assessed."""
    kept = {result.id for result in model.results if result.said.reason is None}
    some = dataset._replace(cases=tuple(case for case in dataset.cases if case.label.id in kept))
    alone, both = (evaluate_predictions(some, {one.id: one.said for one in run.results}) for run in (rules, model))
    return Trial(name, depth, alone, both, model)


def try_hostile_models(catalog: Catalog, dataset: Dataset, rules: Evaluation) -> Iterator[Trial]:
    """Yield what comes of models that answer in good form without reading."""
    for name, behave in CHARACTERS.items():
        for depth in Depth:
            with ModelServer(behave()) as server:
                # One call at a time, so that what answers at random answers the same in each run.
                settings = Settings(base_url=server.url, model=name, max_model_calls=1)
                model = evaluate(catalog, dataset, settings, depth, 1)
            yield hold_together(name, depth, dataset, rules, model)


def lay_out_sides(trial: Trial, rules: Evaluation) -> Iterator[Section]:
    """Yield the figures side by side, what it took, and what the model saw."""
    effort, counts = trial.whole.effort, trial.whole.counts
    columns = (rules.scores, trial.whole.scores, trial.rules.scores, trial.assessed.scores)
    rows = tuple((shown, *(ratio(getattr(one, name)) for one in columns)) for name, shown in NAMES.items())
    header = ("figure", "rules alone", "with the model", "rules alone, assessed ones", "with the model, assessed ones")
    yield Section("Side by side", header, rows, ("A story that could not be assessed counts as missed everywhere.",))
    if effort is not None:
        usage = effort.usage
        costs = "unknown" if effort.cost_usd is None else f"{effort.cost_usd:.4f} USD"
        fields = {
            "stories not assessed, first run": f"{counts.not_assessed} of {counts.stories}",
            "answered in part, first run": str(counts.partial),
            "quotes dropped": str(effort.dropped_quotes),
            "calls": str(usage.calls) if usage else "unknown",
            "tokens in": str(usage.input_tokens) if usage else "unknown",
            "tokens out": str(usage.output_tokens) if usage else "unknown",
            "cost": costs,
            "seconds a story and run": f"{effort.seconds_per_story:.1f}",
        }
        yield Section("What it took, all runs", ("", "value"), tuple(fields.items()))
    reasons = Counter((one.said.reason or "").split(":")[0] for one in trial.whole.results if one.said.reason)
    if reasons:
        rows = tuple((reason, str(count)) for reason, count in sorted(reasons.items()))
        yield Section("Why stories were not assessed", ("kind", "stories"), rows)
    if trial.whole.model is not None:
        yield lay_out_model(trial.whole.model)
    if trial.whole.retest is not None:
        yield lay_out_retest(trial.whole.retest)


def lay_out_trials(trials: Sequence[Trial], rules: Evaluation) -> Section:
    """Return the proof: a row a model, the first one the rules alone."""
    alone = tuple(ratio(getattr(rules.scores, name)) for name in _SHOWN)
    rows = [("rules alone", "", str(rules.counts.stories), "0", *alone, *[""] * 5)]
    for one in trials:
        seen, effort = one.whole.model, one.whole.effort
        rows.append(
            (
                one.name,
                one.depth.value,
                str(one.whole.counts.stories),
                str(one.whole.counts.not_assessed),
                *(ratio(getattr(one.assessed.scores, name)) for name in _SHOWN),
                str(effort.dropped_quotes if effort else 0),
                "{} up, {} down".format(*one.moves),
                f"{seen.notes} ({seen.right_notes} right)" if seen else "-",
                ratio(seen.f1_with_notes if seen else None),
                (", ".join(one.losses) or "none") if one.assessed.results else "nothing to compare",
            )
        )
    last = ("quotes dropped", "levels moved", "notes", "micro F1 if notes were gaps", "worse figures")
    header = ("model", "depth", "stories", "not assessed", *(NAMES[name] for name in _SHOWN), *last)
    return Section("", header, tuple(rows))


HEAD = """# Rules and a model together

Made by `make eval-llm`; nothing in here is written by hand. [docs/eval.md](../docs/eval.md) tells how to read it.

- model: {model}
- stories: {stories} of the {all_stories} in {dataset}; runs: {repeat}; depth: {depth}
- an answer: at most {tokens} tokens and {seconds:g} seconds; of signals and of gaps at most {notes}
- rubric: {rubric}; prompt: {prompt}
"""

PROOF = """## Never worse than the rules alone

Models that answer in exactly the form that is asked for, without reading: at random, always the best, always nothing,
always everything. Strength, ranking and the gaps that the rules see stay what they are, whatever a model says. What it
alone sees is a note, which blocks nothing and is no gap in these figures; the last but one column tells what they would
be if it were. A level rises by one at most, by quotes that the rules can confirm. Figures are those of the stories
that were assessed, held against the rules on the same stories. The rules' weights have seen the stories of dev, which
flatters both sides alike: [REPORT.md](REPORT.md) tells how good they are on others.
"""


def write_report(
    trial: Trial, proof: Sequence[Trial], rules: Evaluation, all_rules: Evaluation, settings: Settings
) -> Iterator[str]:
    """Yield the parts of the report."""
    origin, retest = trial.whole.origin, trial.whole.retest
    refs = [f"{one.name}/{one.version} {one.sha256[:12]}" if one else "-" for one in (origin.rubric, origin.prompt)]
    yield HEAD.format(
        model=escape(trial.name),
        stories=trial.whole.counts.stories,
        all_stories=all_rules.counts.stories,
        repeat=retest.repeat if retest else 1,
        dataset=escape(trial.whole.dataset),
        tokens=settings.max_output_tokens,
        notes=settings.max_notes,
        seconds=settings.deadline_s,
        depth=trial.depth.value,
        rubric=refs[0],
        prompt=refs[1],
    )
    yield render_sections(lay_out_sides(trial, rules))
    yield PROOF
    yield render_sections([lay_out_trials([*proof, trial], all_rules)])


def read_environment(stack: ExitStack) -> tuple[Settings, str]:
    """Return the settings for the model that is asked, and what to call it; a local one is started and stopped."""
    settings = load_settings()
    if settings.has_model:
        return settings, settings.model
    local_model.install()
    url = stack.enter_context(local_model.serving())
    environment = {**_LOCAL, **os.environ, "OPENAI_BASE_URL": url}
    return load_settings(environment), f"{local_model.NAME} on llama.cpp, on this machine"


def main() -> int:
    """Write the report; return 1 when a figure is worse than by the rules alone, 3 when a story was not assessed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--limit", type=int, default=None, help="stories that the real model is asked about; default all"
    )
    parser.add_argument("--repeat", type=int, default=2, help="runs of the real model, for test-retest")
    parser.add_argument("--dataset", type=Path, default=EVALS / "dev", help="a folder of labelled stories")
    parser.add_argument("--output", type=Path, default=EVALS / "REPORT-LLM.md")
    asked = parser.parse_args()
    catalog = Catalog()
    dev = load_dataset(asked.dataset, catalog.rubric("leadership-principles"))
    some = thin_out(dev, asked.limit or len(dev.cases))
    all_rules, rules = (evaluate(catalog, one, None, Depth.QUICK, 1) for one in (dev, some))
    proof = list(try_hostile_models(catalog, dev, all_rules))
    with ExitStack() as stack:
        settings, name = read_environment(stack)
        model = evaluate(catalog, some, settings, settings.depth, asked.repeat)
    trial = hold_together(name, settings.depth, some, rules, model)
    text = "\n".join(write_report(trial, proof, rules, all_rules, settings)).rstrip() + "\n"
    asked.output.write_text(text, encoding="utf-8")
    print(f"{asked.output.name}: {model.counts.stories} stories, {model.counts.not_assessed} not assessed")
    worse = [f"{one.name}: {', '.join(one.losses)}" for one in (*proof, trial) if one.losses]
    for line in worse:
        print(f"worse than the rules alone with {line}", file=sys.stderr)
    if worse:
        return 1
    return 3 if model.counts.not_assessed else 0


if __name__ == "__main__":
    sys.exit(main())
