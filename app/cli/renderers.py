"""Make the renderer of a format; each is loaded only when it is asked for."""

from pathlib import Path

from app.cli.formats import Format
from app.coach.gate import Gate
from app.reports.report import Report
from app.reports.terminal import Style
from app.rubric import Rubric


def make_report(format_: Format, rubric: Rubric, gate: Gate, style: Style) -> Report:  # noqa: ARG001
    """Return a report of a format.

    Args:
        format_: The format.
        rubric: What the stories are assessed by.
        gate: The threshold that the run is held to.
        style: How the text format is laid out.
    """
    names = {principle.id: principle.name for principle in rubric.principles}
    match format_:
        case Format.TEXT:
            from app.reports.text import TextReport

            return TextReport(style, names)
        case Format.JSON:
            from app.reports.json import JsonReport

            return JsonReport()
        case Format.JSONL:
            from app.reports.jsonl import JsonlReport

            return JsonlReport()
        case Format.SARIF:
            from app.reports.sarif import SarifReport

            return SarifReport(rubric, base=_base())


def _base() -> str:
    """Return the folder that CI tools tell paths from: where the command was run."""
    return Path.cwd().as_posix()
