"""Lay an evaluation out as sections that every format of it shares."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from app.coach.evaluate import Evaluation, Retest
from app.coach.evaluate_changes import Change, Changes
from app.coach.evaluate_dataset import Said
from app.coach.evaluate_figures import Result, Scores
from app.coach.evaluate_floors import Held
from app.coach.evaluate_model import ModelFigures
from app.domain import GapCode
from app.reports.counting import counted, counted_stories

NAMES = {
    "macro_f1": "macro F1",
    "micro_f1": "micro F1",
    "micro_precision": "micro precision",
    "micro_recall": "micro recall",
    "top_1": "principle top-1",
    "top_3": "principle top-3",
    "overlap": "principle overlap",
    "exact": "strength exact",
    "within_one": "strength within one",
    "qwk": "strength QWK",
    "spearman": "strength Spearman",
    "grounded": "grounded quotes",
    "evidence": "evidence hits",
    "assessed": "assessed",
}


class Section(NamedTuple):
    """One table with a heading and remarks.

    Attributes:
        numeric: Whether all columns but the first hold figures.
    """

    title: str
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    numeric: bool = True


class Findings(NamedTuple):
    """An evaluation with what it was compared with and held to."""

    evaluation: Evaluation
    changes: Changes | None = None
    held: tuple[Held, ...] = ()


def lay_out(findings: Findings) -> list[Section]:
    """Return the sections of an evaluation, the most important first."""
    evaluation = findings.evaluation
    sections = [lay_out_scores(evaluation), lay_out_codes(evaluation)]
    if len(evaluation.writers) > 1:
        sections.append(lay_out_writers(evaluation))
    if evaluation.retest is not None:
        sections.append(lay_out_retest(evaluation.retest))
    if evaluation.model is not None:
        sections.append(lay_out_model(evaluation.model))
    sections.append(lay_out_confusions(evaluation.results))
    if findings.held:
        sections.append(lay_out_floors(findings.held))
    if findings.changes is not None:
        sections += _lay_out_changes(findings.changes)
    return [section for section in sections if section.rows or section.notes]


def ratio(value: float | None) -> str:
    """Return a figure with three decimals, or a dash where there is none."""
    return "-" if value is None else f"{value:.3f}"


def lay_out_scores(evaluation: Evaluation) -> Section:
    """Return the figures with their intervals, and what they were made with."""
    rows: list[tuple[str, ...]] = []
    for name, shown in NAMES.items():
        value: float | None = getattr(evaluation.scores, name)
        if value is not None:
            interval = evaluation.intervals.get(name)
            rows.append((shown, ratio(value), f"{interval.low:.3f} to {interval.high:.3f}" if interval else ""))
    return Section("Figures", ("figure", "value", "95 % interval"), tuple(rows), tuple(_describe(evaluation)))


def _describe(evaluation: Evaluation) -> Iterator[str]:
    counts, origin, effort = evaluation.counts, evaluation.origin, evaluation.effort
    made = [origin.engine, origin.model or ""]
    made += [f"{one.name}/{one.version}" for one in (origin.rubric, origin.prompt) if one is not None]
    partial = f", {counts.partial} in part" if counts.partial else ""
    lost = f"{counts.not_assessed} not assessed{partial}"
    yield f"{evaluation.dataset}: {counted_stories(counts.stories)}, {lost}; {', '.join(filter(None, made))}"
    yield (
        f"labelled: gaps of {counts.gaps}, strength of {counts.strength}, "
        f"principles of {counted_stories(counts.principles)}; {counted(counts.quotes, 'quote')} in all; "
        f"{counted(counts.evidence, 'gap')} with both a given and a labelled quote"
    )
    if effort is not None:
        yield f"{effort.seconds_per_story:.4f} seconds a story"
    if effort is not None and origin.engine == "llm":
        tokens = effort.usage
        used = f"{tokens.input_tokens} tokens in, {tokens.output_tokens} out" if tokens else "tokens unknown"
        cost = "cost unknown" if effort.cost_usd is None else f"{effort.cost_usd:.4f} USD"
        yield f"{effort.dropped_quotes} quotes dropped; {used}; {cost}"


def lay_out_codes(evaluation: Evaluation) -> Section:
    """Return precision, recall and F1 with their counts for each gap code."""
    header = ("gap", "precision", "recall", "F1", "tp", "fp", "fn", "support", "contested")
    rows = tuple(
        (
            one.code.value,
            *map(ratio, (one.precision, one.recall, one.f1)),
            *map(str, (one.tp, one.fp, one.fn, one.support, one.contested)),
        )
        for one in evaluation.codes
    )
    return Section("Gaps", header, rows)


def lay_out_writers(evaluation: Evaluation) -> Section:
    """Return the main figures for each writer."""
    names = ("macro_f1", "top_1", "top_3", "within_one", "qwk")
    rows = tuple((writer, *_values(scores, names)) for writer, scores in evaluation.writers.items())
    return Section("Writers", ("writer", *(NAMES[name] for name in names)), rows)


def _values(scores: Scores, names: Iterable[str]) -> list[str]:
    return [ratio(getattr(scores, name)) for name in names]


def lay_out_model(figures: ModelFigures) -> Section:
    """Return what the model saw of the gaps by itself."""
    rows = (
        ("precision", ratio(figures.precision)),
        ("recall", ratio(figures.recall)),
        ("F1", ratio(figures.f1)),
        ("right / invented / missed", f"{figures.right} / {figures.invented} / {figures.missed}"),
        ("notes: it alone saw them", f"{figures.notes}, of which {figures.right_notes} are labelled"),
        ("micro F1 if notes were gaps", ratio(figures.f1_with_notes)),
    )
    note = "Its gaps that the rules do not see are notes: they are not in the figures above and block nothing."
    return Section("What the model saw of the gaps by itself", ("figure", "value"), rows, (note,))


def lay_out_retest(retest: Retest) -> Section:
    """Return how far several runs agree."""
    rows = (
        ("same strength", ratio(retest.strength)),
        ("same set of gaps", ratio(retest.gaps)),
        ("overlap of the sets", ratio(retest.gaps_overlap)),
        ("same levels", ratio(retest.levels)),
        ("overlap of what the model saw", ratio(retest.model_gaps_overlap)),
    )
    return Section(f"Test-retest over {retest.repeat} runs", ("share of stories", "value"), rows)


def lay_out_confusions(results: Sequence[Result]) -> Section:
    """Return every gap that was missed, invented or contested, with a sentence for it."""
    rows = tuple(row for result in results for row in _confusions(result))
    return Section("Confusions", ("story", "what", "gap", "sentence"), rows, numeric=False)


def _confusions(result: Result) -> Iterator[tuple[str, ...]]:
    if result.said.reason is not None:
        yield result.id, "not assessed", "", result.said.reason
    for code in result.missed:
        labelled = result.label.evidence.get(code, ())
        yield result.id, "missed", code.value, f"labelled: {labelled[0]}" if labelled else ""
    for what, codes in (("invented", result.invented), ("contested", result.contested)):
        for code in codes:
            yield result.id, what, code.value, quote_for(result.said, code)


def quote_for(said: Said, code: GapCode) -> str:
    """Return the first sentence that was quoted for a gap, or nothing."""
    quotes = said.quotes.get(code, ())
    return quotes[0].quote if quotes else ""


def lay_out_floors(held: Iterable[Held], *, title: str = "Floors") -> Section:
    """Return each floor with the figure it is for and whether it is kept."""
    rows = tuple(
        (NAMES.get(one.name, one.name), f"{one.floor:g}", ratio(one.value), "yes" if one.is_kept else "NO")
        for one in held
    )
    return Section(title, ("figure", "at least", "is", "met"), rows)


def _lay_out_changes(changes: Changes) -> Iterator[Section]:
    moves = tuple(
        (NAMES[name], ratio(move.before), ratio(move.after), _difference(move.before, move.after))
        for name, move in changes.scores.items()
    )
    yield Section("Figures that moved", ("figure", "before", "now", "change"), moves)
    rows = tuple((change.id, told) for change in changes.stories for told in _tell(change))
    notes = [f"only in the earlier one: {', '.join(changes.removed)}"] if changes.removed else []
    notes += [f"only in this one: {', '.join(changes.added)}"] if changes.added else []
    if not rows:
        notes.append("nothing else is said of any story")
    yield Section("Stories that changed", ("story", "change"), rows, tuple(notes), numeric=False)


def _difference(before: float | None, after: float | None) -> str:
    return "" if before is None or after is None else f"{after - before:+.3f}"


def _tell(change: Change) -> Iterator[str]:
    for word, codes in (("better", change.better), ("worse", change.worse), ("open", change.open)):
        if codes:
            yield f"{word}: {', '.join(codes)}"
    if change.strength is not None:
        before, after = (str(one or "none") for one in change.strength)
        yield f"strength {before} -> {after} (label {change.labelled_strength or 'none'})"
    if change.first is not None:
        before, after = (one or "none" for one in change.first)
        yield f"first principle {before} -> {after} (label {change.labelled_first or 'none'})"
