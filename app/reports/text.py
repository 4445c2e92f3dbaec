"""The text format: the analysis as a person reads it, in colour on a terminal and plain in a pipe."""

from collections.abc import Iterator, Mapping

from typing_extensions import override

from app.domain import Assessment, Engine, Gap, Severity, Source, Status
from app.reports.bars import describe_length, render_bars
from app.reports.closing import STRENGTH_TONES, STRENGTHS, Row, dots, render_closing, row_of
from app.reports.report import Report, Summary
from app.reports.terminal import Style, Tone, cells, defuse, quote, side_by_side, wrap
from app.reports.text_principles import render_principles
from app.reports.text_questions import SEVERITY_TONES, render_expectations, render_follow_ups, render_unproven

_SOURCES = {Source.RULES: "", Source.MODEL: "seen by the model", Source.BOTH: "seen by rules and model"}
_INDENT = 7
_MAX_PLACES = 3


class TextReport(Report):
    """Writes each story's analysis, and a table when there were several.

    Args:
        style: Colours and width; None for plain text of 80 cells.
        names: From the id of a principle to its name; an id without one is shown as words.
    """

    def __init__(self, style: Style | None = None, names: Mapping[str, str] | None = None) -> None:
        self._style = style or Style()
        self._names = names or {}
        self._rows: list[Row] = []

    @override
    def add(self, assessment: Assessment) -> str:
        lead = f"\n{self._style.paint('─' * self._style.width, 'dim')}\n\n" if self._rows else ""
        self._rows.append(row_of(assessment))
        return lead + render_assessment(assessment, self._style, self._names)

    @override
    def end(self, summary: Summary) -> str:
        return render_closing(self._rows, summary, self._style)


def render_assessment(assessment: Assessment, style: Style, names: Mapping[str, str]) -> str:
    """Return the analysis of one story: strength, bars, principles, gaps, expectations, unproven claims, questions."""
    blocks = [
        [*_header(assessment, style)],
        [*render_bars(assessment, style, _INDENT)],
        [*render_principles(assessment, style, names)],
        [*_gaps(assessment, style)],
        [*_flags(assessment, style)],
        [*render_expectations(assessment, style)],
        [*render_unproven(assessment, style)],
        [*render_follow_ups(assessment, style)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _header(assessment: Assessment, style: Style) -> Iterator[str]:
    title = defuse(assessment.story.title or assessment.story.path or assessment.story.id or "Untitled")
    first, *rest = wrap(title, style.width - _INDENT)
    yield f"{dots(assessment.strength, style)}  {style.paint(first, 'bold')}"
    yield from (f"{' ' * _INDENT}{style.paint(line, 'bold')}" for line in rest)
    if assessment.target.question:
        yield from _hanging(f"“{defuse(assessment.target.question)}”", style)
    if assessment.strength is None:
        verdict = "not assessed" if assessment.status is Status.NOT_ASSESSED else "partly assessed"
        yield from _hanging(_reasoned(verdict, assessment.reason), style, "yellow")
    else:
        words = f"{assessment.strength}/5  {STRENGTHS[assessment.strength]}"
        yield from _hanging(words, style, STRENGTH_TONES[assessment.strength])
        for reason in dict.fromkeys(limit.reason for limit in assessment.limits):
            yield from _hanging(defuse(reason), style)
        if assessment.status is Status.PARTIAL:
            yield from _hanging(_reasoned("partly assessed", assessment.reason), style, "yellow")
    if assessment.story.path and assessment.story.path != assessment.story.title:
        yield from _hanging(defuse(assessment.story.path), style, "dim")
    length = describe_length(assessment.delivery) if assessment.delivery else f"{assessment.story.words} words"
    yield from _hanging(length, style, "dim")
    yield from _hanging(_facts(assessment), style, "dim")


def _reasoned(verdict: str, reason: str | None) -> str:
    return f"{verdict}: {defuse(reason)}" if reason else verdict


def _facts(assessment: Assessment) -> str:
    made = assessment.provenance
    engine = "rules engine" if made.engine is Engine.RULES else f"rules and {defuse(made.model or 'model')}"
    facts = [f"{assessment.target.role} {assessment.target.level}", engine]
    if made.dropped_quotes:
        facts.append(f"{made.dropped_quotes} unverified quotes dropped")
    if made.degraded:
        facts.append("a fallback model answered")
    return " · ".join(facts)


def _hanging(text: str, style: Style, *tones: Tone) -> Iterator[str]:
    for line in wrap(text, style.width - _INDENT):
        yield " " * _INDENT + style.paint(line, *tones)


def _flags(assessment: Assessment, style: Style) -> Iterator[str]:
    for flag in assessment.flags:
        yield style.paint(f"! {flag.code.value}", "bold", "yellow")
        yield from (f"  {line}" for line in wrap(defuse(flag.message), style.width - 2))
        for evidence in flag.evidence[:_MAX_PLACES]:
            yield f"  {style.paint(f'line {evidence.line}:{evidence.column}', 'dim')}"
            yield from quote(evidence.quote, "  ", 2, style)


def _gaps(assessment: Assessment, style: Style) -> Iterator[str]:
    if assessment.status is Status.NOT_ASSESSED:
        return
    order = list(Severity)
    gaps = sorted(assessment.open_gaps, key=lambda g: (order.index(g.severity), _start(g)))
    yield style.paint("Gaps" if gaps else "No gaps", "bold")
    for gap in gaps:
        yield from _gap(gap, assessment.story.path, style)
    for gap in assessment.gaps:
        if gap.suppressed is not None:
            yield style.paint(f" □ {gap.severity.value:<8}{gap.code.value}", "dim")
            reason = defuse(gap.suppressed.reason)
            yield from (f"   {style.paint(line, 'dim')}" for line in wrap(f"suppressed: {reason}", style.width - 3))


def _start(gap: Gap) -> int:
    return gap.evidence[0].start if gap.evidence else -1


def _gap(gap: Gap, path: str | None, style: Style) -> Iterator[str]:
    tone = SEVERITY_TONES[gap.severity]
    bar = f" {style.paint('│', tone)} "
    left = f" ■ {gap.severity.value:<8}{gap.code.value}"
    painted = f" {style.paint(f'■ {gap.severity.value:<8}', tone)}{style.paint(gap.code.value, 'bold')}"
    source = "disputed by the model" if gap.disputed else _SOURCES[gap.source]
    yield side_by_side(painted, cells(left), style.paint(source, "dim"), cells(source), style)
    yield from (f"{bar}{line}" for line in wrap(defuse(gap.message), style.width - 3))
    for evidence in gap.evidence[:_MAX_PLACES]:
        place = f"{evidence.line}:{evidence.column}"
        yield f"{bar}{style.paint(f'{defuse(path)}:{place}' if path else f'line {place}', 'dim')}"
        yield from quote(evidence.quote, bar, 3, style)
    if len(gap.evidence) > _MAX_PLACES:
        yield f"{bar}{style.paint(f'and {len(gap.evidence) - _MAX_PLACES} more', 'dim')}"
    first, *rest = wrap(defuse(gap.advice), style.width - 3)
    yield f" {style.paint('╰', tone)} {style.paint(first, 'cyan')}"
    yield from (f"   {style.paint(line, 'cyan')}" for line in rest)
