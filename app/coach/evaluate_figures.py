"""Hold what was said against what readers labelled, and turn it into figures."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from app.coach import evaluate_metrics as metrics
from app.coach.evaluate_dataset import Case, Label, Said
from app.coach.evaluate_metrics import Interval, Pair
from app.domain import GapCode, Value

_BEST, _WORST = 5, 1
_FIRST_FEW = 3


class Result(Value):
    """One story: what was labelled, what was said and how the two differ.

    Attributes:
        missed: Labelled gaps that were not said.
        invented: Gaps that were said and nobody saw.
        contested: Gaps that were said and one reader alone saw.
    """

    id: str
    label: Label
    said: Said
    missed: tuple[GapCode, ...]
    invented: tuple[GapCode, ...]
    contested: tuple[GapCode, ...]


class CodeFigures(Value):
    """How well one gap code is found; a ratio is None where nothing stands below its line."""

    code: GapCode
    tp: int
    fp: int
    fn: int
    contested: int
    precision: float | None
    recall: float | None
    f1: float | None

    @property
    def support(self) -> int:
        """Stories that are labelled with the code."""
        return self.tp + self.fn


class Scores(Value):
    """All figures from 0 to 1 (kappa and Spearman from -1); None where a figure can't be computed.

    Attributes:
        macro_f1: Mean of the F1 of all codes that are labelled or said.
        overlap: Jaccard index of the labelled principles and as many said ones.
        within_one: Share of strengths at most one away.
        assessed: Share of stories that were assessed; one that was not counts as missed everywhere.
        evidence: Share of rightly said gaps whose quotes touch a labelled quote.
    """

    macro_f1: float | None = None
    micro_f1: float | None = None
    micro_precision: float | None = None
    micro_recall: float | None = None
    top_1: float | None = None
    top_3: float | None = None
    overlap: float | None = None
    exact: float | None = None
    within_one: float | None = None
    qwk: float | None = None
    spearman: float | None = None
    grounded: float | None = None
    evidence: float | None = None
    assessed: float | None = None


class Counts(Value):
    """How many things the figures are made of."""

    stories: int
    not_assessed: int
    partial: int = 0
    gaps: int
    principles: int
    strength: int
    quotes: int
    evidence: int


class Figures(NamedTuple):
    """Everything that is computed from the results."""

    counts: Counts
    scores: Scores
    intervals: dict[str, Interval]
    codes: tuple[CodeFigures, ...]
    writers: dict[str, Scores]


class _Marks(NamedTuple):
    """One story's part in every figure."""

    result: Result
    right: tuple[GapCode, ...]
    strength: Pair | None
    hits: tuple[bool, ...]


def compare_story(case: Case, said: Said) -> Result:
    """Return how what was said of a story differs from its label."""
    gold, given = set(case.label.gaps or ()), set(said.gaps)
    extra = given - gold if case.label.gaps is not None else set[GapCode]()
    contested = case.label.contested
    return Result(
        id=case.label.id,
        label=case.label,
        said=said,
        missed=_ordered(gold - given),
        invented=_ordered(extra - contested),
        contested=_ordered(extra & contested),
    )


def measure(cases: Sequence[Case], results: Sequence[Result]) -> Figures:
    """Return all figures over the results of the cases, in the same order."""
    marks = [_mark(case, result) for case, result in zip(cases, results, strict=True)]
    intervals = metrics.bootstrap(
        marks, {"macro_f1": _macro_f1, "top_1": partial(_top, first=1), "within_one": _within_one, "qwk": _qwk}
    )
    by_writer: dict[str, list[_Marks]] = {}
    for mark in marks:
        if mark.result.label.writer is not None:
            by_writer.setdefault(mark.result.label.writer, []).append(mark)
    return Figures(
        counts=_count(marks),
        scores=_score(marks),
        intervals=intervals,
        codes=_by_code(marks),
        writers={writer: _score(some) for writer, some in sorted(by_writer.items())},
    )


def _ordered(codes: Iterable[GapCode]) -> tuple[GapCode, ...]:
    return tuple(sorted(codes, key=list(GapCode).index))


def _mark(case: Case, result: Result) -> _Marks:
    gold, said = result.label, result.said
    right = tuple(code for code in gold.gaps or () if code in said.gaps)
    strength = None
    if gold.strength is not None:
        # What was not assessed counts as the score that is farthest away.
        farthest = _WORST if gold.strength - _WORST >= _BEST - gold.strength else _BEST
        strength = Pair(gold.strength, said.strength or farthest)
    hits = tuple(_touches(case, said, code) for code in right if gold.evidence.get(code) and said.quotes.get(code))
    return _Marks(result, right, strength, hits)


def _touches(case: Case, said: Said, code: GapCode) -> bool:
    for quote in case.label.evidence[code]:
        start = case.story.text.find(quote)
        if any(one.start < start + len(quote) and start < one.end for one in said.quotes[code]):
            return True
    return False


def _count(marks: Sequence[_Marks]) -> Counts:
    results = [mark.result for mark in marks]
    return Counts(
        stories=len(marks),
        not_assessed=sum(result.said.reason is not None for result in results),
        partial=sum(result.said.is_partial for result in results),
        gaps=sum(result.label.gaps is not None for result in results),
        principles=sum(result.label.shows_principles for result in results),
        strength=sum(result.label.strength is not None for result in results),
        quotes=sum(result.said.quoted for result in results),
        evidence=sum(len(mark.hits) for mark in marks),
    )


def _score(marks: Sequence[_Marks]) -> Scores:
    pairs = _pairs(marks)
    tp, fp, fn = (sum(counts.values()) for counts in _tally(marks))
    counts = _count(marks)
    return Scores(
        macro_f1=_macro_f1(marks),
        micro_f1=metrics.f1(tp, fp, fn),
        micro_precision=metrics.precision(tp, fp),
        micro_recall=metrics.recall(tp, fn),
        top_1=_top(marks, first=1),
        top_3=_top(marks, first=_FIRST_FEW),
        overlap=_overlap(marks),
        exact=metrics.share([pair.label == pair.said for pair in pairs]),
        within_one=_within_one(marks),
        qwk=_qwk(marks),
        spearman=metrics.spearman(pairs),
        grounded=sum(mark.result.said.grounded for mark in marks) / counts.quotes if counts.quotes else None,
        evidence=metrics.share([hit for mark in marks for hit in mark.hits]),
        assessed=1 - counts.not_assessed / counts.stories if counts.stories else None,
    )


def _tally(marks: Iterable[_Marks]) -> tuple[Counter[GapCode], Counter[GapCode], Counter[GapCode]]:
    tp, fp, fn = Counter[GapCode](), Counter[GapCode](), Counter[GapCode]()
    for mark in marks:
        tp.update(mark.right)
        fp.update(mark.result.invented)
        fn.update(mark.result.missed)
    return tp, fp, fn


def _by_code(marks: Sequence[_Marks]) -> tuple[CodeFigures, ...]:
    if not any(mark.result.label.gaps is not None for mark in marks):
        return ()
    tp, fp, fn = _tally(marks)
    contested = Counter(code for mark in marks for code in mark.result.contested)
    return tuple(
        CodeFigures(
            code=code,
            tp=tp[code],
            fp=fp[code],
            fn=fn[code],
            contested=contested[code],
            precision=metrics.precision(tp[code], fp[code]),
            recall=metrics.recall(tp[code], fn[code]),
            f1=metrics.f1(tp[code], fp[code], fn[code]),
        )
        for code in GapCode
    )


def _macro_f1(marks: Sequence[_Marks]) -> float | None:
    tp, fp, fn = _tally(marks)
    each = [metrics.f1(tp[code], fp[code], fn[code]) for code in GapCode]
    return metrics.mean([value for value in each if value is not None])


def _pairs(marks: Sequence[_Marks]) -> list[Pair]:
    return [mark.strength for mark in marks if mark.strength is not None]


def _within_one(marks: Sequence[_Marks]) -> float | None:
    return metrics.share([abs(pair.label - pair.said) <= 1 for pair in _pairs(marks)])


def _qwk(marks: Sequence[_Marks]) -> float | None:
    return metrics.weighted_kappa(_pairs(marks))


def _top(marks: Sequence[_Marks], *, first: int) -> float | None:
    ranked = [mark.result for mark in marks if mark.result.label.shows_principles]
    return metrics.share([result.label.principles[0] in result.said.principles[:first] for result in ranked])


def _overlap(marks: Sequence[_Marks]) -> float | None:
    ranked = [mark.result for mark in marks if mark.result.label.shows_principles]
    return metrics.mean(
        [
            metrics.overlap(set(result.label.principles), set(result.said.principles[: len(result.label.principles)]))
            for result in ranked
        ]
    )
