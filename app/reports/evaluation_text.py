"""Write an evaluation for a terminal."""

from collections.abc import Iterator

from app.reports.evaluation import Findings, Section, lay_out
from app.reports.terminal import cells, cut, defuse, wrap

_WIDTH = 120


def render_text(findings: Findings) -> str:
    """Return an evaluation as text with aligned columns, every line at most 120 cells."""
    blocks = ["\n".join(_render(section)) for section in lay_out(findings)]
    return "\n\n".join(blocks) + "\n"


def _render(section: Section) -> Iterator[str]:
    yield section.title
    for note in section.notes:
        yield from (f"  {line}" for line in wrap(defuse(note), _WIDTH - 2))
    if not section.rows:
        return
    rows = [tuple(map(defuse, row)) for row in (section.header, *section.rows)]
    widths = [max(cells(row[column]) for row in rows) for column in range(len(section.header))]
    for row in rows:
        parts = [
            _pad(cell, width, right=section.numeric and column > 0)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield cut(f"  {'  '.join(parts)}".rstrip(), _WIDTH)


def _pad(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - cells(cell))
    return space + cell if right else cell + space
