"""The end of a text report: a line a story, then what the run came to."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.domain import Assessment, Severity
from app.reports.counting import counted_stories
from app.reports.report import Summary
from app.reports.terminal import Style, Tone, cut_start, defuse

STRENGTHS = {
    1: "no usable evidence",
    2: "own part or outcome can't be told",
    3: "mixed: a major gap leaves doubt",
    4: "meets the bar",
    5: "raises the bar",
}
"""What a strength means, in a few words."""

STRENGTH_TONES: dict[int, Tone] = {1: "red", 2: "red", 3: "yellow", 4: "green", 5: "green"}
_GAP_COLUMNS = "error  warning  note"


class Row(NamedTuple):
    """What the table tells of a story."""

    strength: int | None
    gaps: dict[Severity, int]
    place: str


def row_of(assessment: Assessment) -> Row:
    """Return the table row of an assessment."""
    counts = {severity: sum(gap.severity is severity for gap in assessment.open_gaps) for severity in Severity}
    story = assessment.story
    return Row(assessment.strength, counts, defuse(story.path or story.title or story.id or "Untitled"))


def dots(strength: int | None, style: Style) -> str:
    """Return a strength as five dots."""
    if strength is None:
        return style.paint("–––––", "dim")
    return style.paint("●" * strength, STRENGTH_TONES[strength]) + style.paint("○" * (5 - strength), "dim")


def render_closing(rows: Sequence[Row], summary: Summary, style: Style) -> str:
    """Return the table of several stories and the totals; nothing where there is no more to say."""
    if not rows or (summary.stories == 1 and not (summary.below or summary.failed or summary.interrupted)):
        return ""
    lines = [*(_table(rows, style) if len(rows) > 1 else ()), *_totals(summary, style)]
    rule = style.paint("─" * style.width, "dim")
    return f"\n{rule}\n\n" + "\n".join(lines) + "\n"


def _table(rows: Sequence[Row], style: Style) -> Iterator[str]:
    yield style.paint(f"       {_GAP_COLUMNS}  story", "dim")
    for row in rows:
        counts = (
            style.paint(f"{count or '·':>{len(severity.value)}}", *(() if count else ("dim",)))
            for severity, count in row.gaps.items()
        )
        place = cut_start(row.place, style.width - 9 - len(_GAP_COLUMNS))
        yield f"{dots(row.strength, style)}  {'  '.join(counts)}  {place}"
    yield ""


def _totals(summary: Summary, style: Style) -> Iterator[str]:
    counts = {
        "assessed": summary.assessed,
        "partly assessed": summary.partial,
        "not assessed": summary.not_assessed,
        "unreadable": summary.unreadable,
    }
    parts = ", ".join(f"{count} {name}" for name, count in counts.items() if count or name == "assessed")
    gaps = ", ".join(f"{count} {severity.value}" for severity, count in summary.gaps.items())
    yield f"{style.paint(counted_stories(summary.stories), 'bold')}: {parts}"
    yield f"gaps: {gaps}" + (f"; {summary.suppressed} suppressed" if summary.suppressed else "")
    if summary.mean_strength is not None:
        yield f"mean strength: {summary.mean_strength:.1f} of 5"
    if summary.below:
        yield style.paint(f"{counted_stories(summary.below)} below the threshold", "red")
    yield from (style.paint(reason, "red") for reason in summary.failed)
    if summary.interrupted:
        yield style.paint("stopped before the end", "yellow")
