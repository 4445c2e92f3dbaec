"""Make evals/REPORT.md: how good the rules engine is, on which stories, and which targets it meets.

Run it with `make eval`. Apart from the line that tells the time, the same engine and stories give the same bytes.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.evaluate import Evaluation, Evaluator, evaluate_predictions
from app.coach.evaluate_dataset import load_dataset, load_predictions
from app.coach.evaluate_floors import Held, hold, load_floors
from app.domain import GapCode
from app.reports.evaluation import NAMES, Section, lay_out_floors, ratio
from app.reports.evaluation_markdown import escape, render_sections
from app.reports.evaluation_worst import Suspect, find_worst, lay_out_suspect
from app.rubric import Rubric
from app.settings import load_settings

EVALS = Path(__file__).resolve().parent
MODEL = EVALS.parent / "app" / "analysis" / "model"
OVERFIT = 0.05
WORST = 10
SHIPPED, HELD_OUT = "as shipped (seen in training)", "writer left out"


class Column(NamedTuple):
    """One evaluation beside others."""

    dataset: str
    kind: str
    evaluation: Evaluation

    @property
    def name(self) -> str:
        """What stands above the column."""
        return f"{self.dataset}, {self.kind}" if self.kind else self.dataset


def evaluate_all(evals: Path, catalog: Catalog, rubric: Rubric) -> tuple[list[Column], Evaluation]:
    """Return the evaluations of the story sets, and that of the snippets for the ranking."""
    assessor = Assessor(catalog, judge=None, rubric=rubric.name, max_story_chars=load_settings().max_story_chars)
    evaluator = Evaluator(assessor, engine="rules")

    def run(path: Path) -> Evaluation:
        evaluation = asyncio.run(evaluator.evaluate(load_dataset(path, rubric)))
        if evaluation is None:
            raise KeyboardInterrupt
        return evaluation

    columns: list[Column] = []
    for name in ("dev", "messy"):
        dataset = load_dataset(evals / name, rubric)
        said = load_predictions(evals / "leave-one-out.jsonl", dataset)
        columns.append(Column(name, SHIPPED, run(evals / name)))
        columns.append(Column(name, HELD_OUT, evaluate_predictions(dataset, said)))
    columns.append(Column("own", "", run(evals / "own")))
    return columns, run(evals / "principles" / "heldout.jsonl")


def pick(columns: Sequence[Column], dataset: str, kind: str) -> Evaluation:
    """Return the evaluation of a dataset."""
    return next(one.evaluation for one in columns if (one.dataset, one.kind) == (dataset, kind))


def say_targets(columns: Sequence[Column], targets: Path) -> Iterator[Section]:
    """Yield for each set which targets it meets, then what that comes to."""
    dev = hold(pick(columns, "dev", HELD_OUT), load_floors(targets / "dev.json"))
    messy = hold(pick(columns, "messy", HELD_OUT), load_floors(targets / "messy.json"))
    own = hold(pick(columns, "own", ""), load_floors(targets / "dev.json"))
    shipped = [one.evaluation for one in columns if one.kind != HELD_OUT]
    exact = [Held(name="grounded", floor=1, value=min(one.scores.grounded or 0 for one in shipped))]
    yield Section("", notes=tuple(_conclude({"dev": dev, "messy": messy, "own": own, "quotes": exact})))
    yield lay_out_floors(dev, title="dev, writer left out")
    yield lay_out_floors(messy, title="messy, writer left out")
    yield _compare_own(own, dev)
    yield lay_out_floors(exact, title="Quotes of dev, messy and own: exactly the text at their place")


def _conclude(sets: dict[str, list[Held]]) -> Iterator[str]:
    for name, held in sets.items():
        missed = [NAMES.get(one.name, one.name) for one in held if not one.is_kept]
        tail = f"; not met: {', '.join(missed)}" if missed else ""
        yield f"{name}: {len(held) - len(missed)} of {len(held)} met{tail}"
    both = zip(sets["own"], sets["dev"], strict=True)
    behind = [NAMES.get(here.name, here.name) for here, there in both if _fall(here, there) > OVERFIT]
    tail = f"yes, by {', '.join(behind)}" if behind else "no"
    yield f"over-fitted, which is own more than {OVERFIT} behind dev with the writer left out: {tail}"


def _fall(here: Held, there: Held) -> float:
    """Return how far one figure is behind the other."""
    return (there.value or 0) - (here.value or 0)


def _compare_own(own: Sequence[Held], dev: Sequence[Held]) -> Section:
    rows: list[tuple[str, ...]] = []
    for here, there in zip(own, dev, strict=True):
        behind = _fall(here, there)
        verdict = "yes" if here.is_kept else "NO"
        fitted = "YES" if behind > OVERFIT else "no"
        shown = (ratio(here.value), verdict, ratio(there.value), f"{-behind:+.3f}", fitted)
        rows.append((NAMES.get(here.name, here.name), f"{here.floor:g}", *shown))
    header = ("figure", "at least", "is", "met", "dev, writer left out", "difference", f"more than {OVERFIT} behind")
    return Section("own, held to the figures of dev", header, tuple(rows))


def lay_out_overview(columns: Sequence[Column]) -> Section:
    """Return all figures side by side, with intervals where there are any."""
    rows: list[tuple[str, ...]] = []
    for field, shown in NAMES.items():
        cells: list[str] = []
        for column in columns:
            interval = column.evaluation.intervals.get(field)
            value = ratio(getattr(column.evaluation.scores, field))
            cells.append(f"{value} ({interval.low:.2f} to {interval.high:.2f})" if interval else value)
        rows.append((shown, *cells))
    return Section("", ("figure", *(column.name for column in columns)), tuple(rows))


def lay_out_gaps(columns: Sequence[Column], evals: Path) -> Section:
    """Return the F1 of each gap code side by side, with right, invented and missed ones."""
    rows: list[tuple[str, ...]] = []
    for number, code in enumerate(GapCode):
        row: list[str] = []
        for column in columns:
            one = column.evaluation.codes[number]
            contested = f", {one.contested} contested" if one.contested else ""
            row.append(f"{ratio(one.f1)} ({one.tp}/{one.fp}/{one.fn}{contested})")
        rows.append((code.value, *row, *_ceilings(code, evals)))
    header = ("F1 (right/invented/missed)", *(column.name for column in columns), "readers, dev", "readers, messy")
    return Section("", header, tuple(rows))


def _ceilings(code: GapCode, evals: Path) -> Iterator[str]:
    for name in ("dev", "messy"):
        agreement = json.loads((evals / name / "agreement.json").read_text(encoding="utf-8"))
        yield ratio(agreement["codes"].get(code.value, {}).get("pairwise_f1"))


def lay_out_writers(columns: Sequence[Column]) -> Section:
    """Return the main figures for each writer of sets that the weights have not seen."""
    names = ("macro_f1", "micro_f1", "top_1", "top_3", "within_one", "qwk")
    rows = tuple(
        (f"{writer} ({column.name})", *(ratio(getattr(scores, name)) for name in names))
        for column in columns
        if column.kind != SHIPPED
        for writer, scores in column.evaluation.writers.items()
    )
    return Section("", ("writer", *(NAMES[name] for name in names)), rows)


def lay_out_snippets(evaluation: Evaluation) -> Section:
    """Return how the ranking does on snippets that were never trained on, for each principle."""
    ranked: dict[str, list[tuple[str, ...]]] = {}
    for result in evaluation.results:
        ranked.setdefault(result.label.principles[0], []).append(result.said.principles)
    rows: list[tuple[str, ...]] = []
    for wanted, lists in sorted(ranked.items()):
        first = [one[0] if one else "none" for one in lists]
        wrong = sorted({name for name in first if name != wanted})
        hits = (sum(name == wanted for name in first), sum(wanted in one[:3] for one in lists))
        rows.append((wanted, str(len(lists)), *map(str, hits), ", ".join(wrong)))
    scores = evaluation.scores
    note = (
        f"{evaluation.counts.principles} snippets: top-1 {ratio(scores.top_1)}, top-3 {ratio(scores.top_3)}, "
        f"overlap {ratio(scores.overlap)}; {evaluation.counts.not_assessed} not assessed"
    )
    header = ("principle", "snippets", "first", "among three", "first instead")
    return Section("", header, tuple(rows), (note,), numeric=False)


def find_suspects(columns: Sequence[Column]) -> list[Suspect]:
    """Return every story of dev and messy with what both runs said of it."""
    suspects: list[Suspect] = []
    for name in ("dev", "messy"):
        shipped = {result.id: result.said for result in pick(columns, name, SHIPPED).results}
        held_out = pick(columns, name, HELD_OUT)
        suspects += [Suspect(name, result, shipped.get(result.id)) for result in held_out.results]
    return suspects


def write_report(evals: Path, columns: Sequence[Column], snippets: Evaluation, rubric: Rubric) -> Iterator[str]:
    """Yield the parts of the report."""
    weights = json.loads((MODEL / "digests.lock").read_text(encoding="utf-8"))
    shown = ", ".join(f"{name} {digest[:12]}" for name, digest in sorted(weights.items()))
    runs = [one.evaluation for one in columns if one.evaluation.effort is not None]
    stories = sum(run.counts.stories for run in runs)
    seconds = sum(run.effort.seconds_per_story * run.counts.stories for run in runs if run.effort is not None)
    yield HEAD.format(
        rubric=f"{rubric.name}/{rubric.version} {rubric.sha256[:12]}",
        weights=escape(shown),
        ms=f"{1000 * seconds / stories:.1f}",
        stories=stories,
    )
    yield render_sections(say_targets(columns, evals / "targets"), level=3)
    yield "## All figures side by side\n"
    yield render_sections([lay_out_overview(columns)])
    yield "## Gap codes\n"
    yield render_sections([lay_out_gaps(columns, evals)])
    yield "## Writers\n"
    yield render_sections([lay_out_writers(columns)])
    yield "## Principles, on snippets\n"
    yield render_sections([lay_out_snippets(snippets)])
    yield f"## The {WORST} worst stories, writer left out\n"
    yield WORST_HEAD
    worst = find_worst(find_suspects(columns), WORST)
    yield render_sections([lay_out_suspect(suspect, rubric) for suspect in worst], level=3)


HEAD = """# How good the rules engine is

Made by `make eval`; nothing in here is written by hand. [docs/eval.md](../docs/eval.md) tells what the figures mean.

- rubric: {rubric}
- weights: {weights}
- time: {ms} ms a story, mean of {stories} stories in one process

| set | stories | what it tells |
| :-- | :-- | :-- |
| dev, messy: as shipped | `dev`, `messy` | **Seen in training**: how well the weights fit, not how good they are. |
| dev, messy: writer left out | `leave-one-out.jsonl` | Weights and thresholds that never saw the writer. |
| own | `own` | Independent: never used for training or tuning; one reader. |
| snippets | `principles/heldout.jsonl` | For the ranking alone; never used for training or tuning. |

## Which targets are met
"""

WORST_HEAD = """A missed or invented gap, a step of strength and a labelled first principle outside the first three
cost 1 each; one that is second or third costs a half. The reasons are found by rule: the nearest miss.
"""


def main() -> int:
    """Write the report and return the exit code: 3 when a story could not be assessed, as for `star-coach eval`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evals", type=Path, default=EVALS, help="the folder of the story sets")
    parser.add_argument("--output", type=Path, default=EVALS / "REPORT.md")
    asked = parser.parse_args()
    catalog = Catalog()
    rubric = catalog.rubric("leadership-principles")
    columns, snippets = evaluate_all(asked.evals, catalog, rubric)
    text = "\n".join(write_report(asked.evals, columns, snippets, rubric)).rstrip() + "\n"
    asked.output.write_text(text, encoding="utf-8")
    print(f"{asked.output.name}: {len(text.splitlines())} lines")
    lost = sum(one.counts.not_assessed for one in (snippets, *(column.evaluation for column in columns)))
    if lost:
        print(f"{lost} stories could not be assessed", file=sys.stderr)
    return 3 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
