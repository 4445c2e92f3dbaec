"""The CSV format: a row a gap, written as the stories come, with cells in which no spreadsheet finds a formula."""

import re

from typing_extensions import override

from app.coach.fingerprints import fingerprint, story_key
from app.domain import Assessment, Gap, Status, Story
from app.reports.clean import clean_line
from app.reports.report import Report, Summary
from app.reports.sites import Sites, relative
from app.reports.told import Told

COLUMNS = (
    *("path", "id", "title", "status", "reason", "strength", "words", "spoken_seconds", "role", "level"),
    *("principle", "principle_level", "gap", "severity", "part", "source", "line", "column", "start", "end"),
    *("quote", "message", "advice", "fingerprint", "suppressed"),
)
"""The header; columns may be added at the end, none renamed or moved."""

_BOM = "\ufeff"
# A spreadsheet computes a cell that begins like this, also behind spaces and in full width; and where it splits at
# semicolons or tabs, so does what follows one.
_FORMULA = re.compile(r"(^|[;\t])([\s\"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")

_Cell = str | int | None


class CsvReport(Report):
    """Writes RFC 4180 CSV: every cell quoted, lines ended by CRLF, a header first.

    A story without gaps has one row whose gap is empty.

    Args:
        base: The folder that paths are told from; empty leaves them as they are.
        bom: Whether to begin with a byte order mark, by which Excel knows UTF-8.
    """

    def __init__(self, *, base: str = "", bom: bool = False) -> None:
        self._base = base
        self._bom = bom
        self._told = Told()

    @override
    def begin(self) -> str:
        return (_BOM if self._bom else "") + _row(COLUMNS)

    @override
    def add(self, assessment: Assessment) -> str:
        return self._add(assessment, None)

    @override
    def tell(self, assessment: Assessment, story: Story) -> str:
        return self._add(assessment, story)

    @override
    def end(self, summary: Summary) -> str:
        rows: list[str] = []
        for trouble in self._told.left(summary):
            cells: list[_Cell] = [relative(trouble.path, self._base) if trouble.path else None, trouble.id, None]
            cells += [Status.NOT_ASSESSED, f"{trouble.kind}: {trouble.reason}"]
            cells += [None] * (COLUMNS.index("line") - len(cells))
            cells.append(trouble.line)
            rows.append(_row([*cells, *[None] * (len(COLUMNS) - len(cells))]))
        return "".join(rows)

    def _add(self, assessment: Assessment, story: Story | None) -> str:
        self._told.note(assessment)
        sites = Sites(assessment, story, self._base)
        key = story_key(assessment, story)
        told = _story_cells(assessment, sites)
        rows = [[*told, *_gap_cells(gap, sites), fingerprint(key, gap), _known(gap)] for gap in assessment.gaps]
        return "".join(map(_row, rows or [[*told, *[None] * (len(COLUMNS) - len(told))]]))


def _story_cells(assessment: Assessment, sites: Sites) -> list[_Cell]:
    story, target = assessment.story, assessment.target
    first = next((one for one in assessment.principles if one.level is not None), None)
    return [
        sites.path,
        story.id,
        story.title,
        assessment.status,
        assessment.reason,
        assessment.strength,
        story.words,
        story.spoken_seconds,
        target.role,
        target.level,
        first.id if first else None,
        first.level if first else None,
    ]


def _gap_cells(gap: Gap, sites: Sites) -> list[_Cell]:
    place: list[_Cell] = [None] * 5
    if gap.evidence:
        first = gap.evidence[0]
        region = sites.find(first)
        column = None if region is None else region.column
        place = [sites.line_of(first), column, first.start, first.end, first.quote]
    return [gap.code, gap.severity, gap.part, gap.source, *place, gap.message, gap.advice]


def _known(gap: Gap) -> str | None:
    return f"{gap.suppressed.kind}: {gap.suppressed.reason}" if gap.suppressed else None


def _row(cells: tuple[_Cell, ...] | list[_Cell]) -> str:
    return ",".join(map(_cell, cells)) + "\r\n"


def _cell(value: _Cell) -> str:
    if value is None:
        return '""'
    text = _FORMULA.sub(r"\1'\2", clean_line(value)) if isinstance(value, str) else str(value)
    return '"' + text.replace('"', '""') + '"'
