"""Write an evaluation as Markdown."""

import re
from collections.abc import Iterable, Iterator

from app.reports.evaluation import Findings, Section, lay_out
from app.reports.terminal import defuse

_ACTIVE = re.compile(r"[\\`*_\[\]|~<>&#@!]")


def render_markdown(findings: Findings) -> str:
    """Return an evaluation as a Markdown document."""
    title = f"# Evaluation: {escape(findings.evaluation.dataset)}\n\n"
    return title + render_sections(lay_out(findings))


def render_sections(sections: Iterable[Section], *, level: int = 2) -> str:
    """Return sections with headings of a level."""
    return "\n".join(line for section in sections for line in _render(section, level))


def escape(text: str) -> str:
    """Return a text as one line in which nothing is markup."""
    return _ACTIVE.sub(lambda match: f"&#{ord(match.group())};", defuse(text))


def _render(section: Section, level: int) -> Iterator[str]:
    if section.title:
        yield f"{'#' * level} {escape(section.title)}"
        yield ""
    for note in section.notes:
        yield f"- {escape(note)}"
    if section.notes:
        yield ""
    if section.rows:
        rule = [":--" if not column or not section.numeric else "--:" for column in range(len(section.header))]
        yield _row(map(escape, section.header))
        yield _row(rule)
        for row in section.rows:
            yield _row(map(escape, row))
        yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
