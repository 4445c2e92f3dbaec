"""The text format: the analysis as a person reads it, in colour on a terminal and plain in a pipe."""

from collections.abc import Iterator, Mapping

from typing_extensions import override

from app.domain import Assessment, Engine, Evidence, Gap, Part, PrincipleFinding, Severity, Source, Status
from app.reports.closing import STRENGTH_TONES, STRENGTHS, Row, dots, render_closing, row_of
from app.reports.report import Report, Summary
from app.reports.terminal import Style, Tone, cells, cut, defuse, wrap

_PARTS: dict[Part, Tone] = {
    Part.SITUATION: "blue",
    Part.TASK: "magenta",
    Part.ACTION: "green",
    Part.RESULT: "yellow",
}
_SEVERITIES: dict[Severity, Tone] = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_SOURCES = {Source.RULES: "", Source.MODEL: "seen by the model", Source.BOTH: "seen by rules and model"}
_INDENT = 7
_MAX_PRINCIPLES = 5
_MAX_PLACES = 3
_QUOTE_LINES = 3


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
    """Return the analysis of one story: strength, parts, principles and gaps, each with its quotes."""
    blocks = [
        [*_header(assessment, style)],
        [*_parts(assessment, style)],
        [*_principles(assessment, style, names)],
        [*_gaps(assessment, style)],
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
        if assessment.status is Status.PARTIAL:
            yield from _hanging(_reasoned("partly assessed", assessment.reason), style, "yellow")
    if assessment.story.path and assessment.story.path != assessment.story.title:
        yield from _hanging(defuse(assessment.story.path), style, "dim")
    yield from _hanging(_facts(assessment), style, "dim")


def _reasoned(verdict: str, reason: str | None) -> str:
    return f"{verdict}: {defuse(reason)}" if reason else verdict


def _facts(assessment: Assessment) -> str:
    story, made = assessment.story, assessment.provenance
    engine = "rules engine" if made.engine is Engine.RULES else f"rules and {defuse(made.model or 'model')}"
    facts = [
        f"{story.words} words",
        f"{_duration(story.spoken_seconds)} spoken",
        f"{assessment.target.role} {assessment.target.level}",
        engine,
    ]
    if made.dropped_quotes:
        facts.append(f"{made.dropped_quotes} unverified quotes dropped")
    return " · ".join(facts)


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _hanging(text: str, style: Style, *tones: Tone) -> Iterator[str]:
    for line in wrap(text, style.width - _INDENT):
        yield " " * _INDENT + style.paint(line, *tones)


def _parts(assessment: Assessment, style: Style) -> Iterator[str]:
    lengths = {part: sum(s.end - s.start for s in assessment.star if s.part is part) for part in Part}
    total = sum(lengths.values())
    if not total:
        return
    widths = _shares(list(lengths.values()), style.width - _INDENT)
    bar = "".join(
        style.paint(("━" if style.colour else part.value[0].upper()) * cells_of, _PARTS[part])
        for part, cells_of in zip(Part, widths, strict=True)
    )
    percents = _shares(list(lengths.values()), 100)
    legend = "   ".join(
        style.paint(f"{part.value.capitalize()} {percent} %", _PARTS[part] if percent else "dim")
        for part, percent in zip(Part, percents, strict=True)
    )
    yield " " * _INDENT + bar
    yield " " * _INDENT + legend


def _shares(lengths: list[int], whole: int) -> list[int]:
    """Return whole numbers in proportion to the lengths, which add up to `whole`; none that is there vanishes."""
    total = sum(lengths)
    exact = [length * whole / total for length in lengths]
    shares = [max(int(share), 1 if share else 0) for share in exact]
    by_rest = sorted(range(len(shares)), key=lambda i: (shares[i] - exact[i], i))
    for index in by_rest[: max(whole - sum(shares), 0)]:
        shares[index] += 1
    shares[shares.index(max(shares))] -= max(sum(shares) - whole, 0)
    return shares


def _principles(assessment: Assessment, style: Style, names: Mapping[str, str]) -> Iterator[str]:
    if not assessment.principles:
        return
    shown = [p for p in assessment.principles if p.level is not None and p.evidence][:_MAX_PRINCIPLES]
    yield style.paint("Principles", "bold")
    for principle in shown:
        yield from _principle(principle, _name(principle, names), style)
    missed = [p for p in assessment.principles if p.level is None and p.declared]
    if missed or not shown:
        what = ", ".join(_name(p, names) for p in missed) or "any principle"
        yield from (f"   {style.paint(line, 'yellow')}" for line in wrap(f"no evidence of {what}", style.width - 3))


def _name(principle: PrincipleFinding, names: Mapping[str, str]) -> str:
    name = defuse(names.get(principle.id) or principle.id.replace("-", " ").capitalize())
    return f"{name} (declared)" if principle.declared else name


def _principle(principle: PrincipleFinding, name: str, style: Style) -> Iterator[str]:
    level = principle.level or 0
    left = f"{principle.rank:>2} {cut(name, style.width - 14)}"
    right = f"{'▪' * level}{'▫' * (5 - level)} {level}/5"
    yield _row_of(style.paint(left, "bold"), cells(left), style.paint(right, "green"), cells(right), style)
    yield from _quote(principle.evidence[0], "   ", 3, style)


def _row_of(left: str, left_cells: int, right: str, right_cells: int, style: Style) -> str:
    return f"{left}{' ' * max(style.width - left_cells - right_cells, 1)}{right}".rstrip()


def _quote(evidence: Evidence, lead: str, lead_cells: int, style: Style) -> Iterator[str]:
    for line in wrap(f"“{defuse(evidence.quote)}”", style.width - lead_cells, lines=_QUOTE_LINES):
        yield f"{lead}{line}"


def _gaps(assessment: Assessment, style: Style) -> Iterator[str]:
    if assessment.status is Status.NOT_ASSESSED:
        return
    order = list(Severity)
    gaps = sorted(assessment.gaps, key=lambda g: (order.index(g.severity), g.evidence[0].start if g.evidence else -1))
    yield style.paint("Gaps" if gaps else "No gaps", "bold")
    for gap in gaps:
        yield from _gap(gap, assessment.story.path, style)


def _gap(gap: Gap, path: str | None, style: Style) -> Iterator[str]:
    tone = _SEVERITIES[gap.severity]
    bar = f" {style.paint('│', tone)} "
    left = f" ■ {gap.severity.value:<8}{gap.code.value}"
    painted = f" {style.paint(f'■ {gap.severity.value:<8}', tone)}{style.paint(gap.code.value, 'bold')}"
    source = _SOURCES[gap.source]
    yield _row_of(painted, cells(left), style.paint(source, "dim"), cells(source), style)
    yield from (f"{bar}{line}" for line in wrap(defuse(gap.message), style.width - 3))
    for evidence in gap.evidence[:_MAX_PLACES]:
        place = f"{evidence.line}:{evidence.column}"
        yield f"{bar}{style.paint(f'{defuse(path)}:{place}' if path else f'line {place}', 'dim')}"
        yield from _quote(evidence, bar, 3, style)
    if len(gap.evidence) > _MAX_PLACES:
        yield f"{bar}{style.paint(f'and {len(gap.evidence) - _MAX_PLACES} more', 'dim')}"
    first, *rest = wrap(defuse(gap.advice), style.width - 3)
    yield f" {style.paint('╰', tone)} {style.paint(first, 'cyan')}"
    yield from (f"   {style.paint(line, 'cyan')}" for line in rest)
