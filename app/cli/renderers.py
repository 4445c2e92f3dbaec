"""Make the renderer of a format; each is loaded only when it is asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from app.cli.formats import Format
from app.coach.gate import Gate
from app.reports.report import Report
from app.reports.terminal import Style
from app.rubric import Rubric


class Frame(NamedTuple):
    """What holds for all stories of a run.

    Attributes:
        rubric: What the stories are assessed by.
        gate: The threshold that the run is held to.
        style: How the text format is laid out.
    """

    rubric: Rubric
    gate: Gate
    style: Style

    @property
    def names(self) -> dict[str, str]:
        """From the id of a principle to its name."""
        return {principle.id: principle.name for principle in self.rubric.principles}

    @property
    def base(self) -> str:
        """The folder that CI tools tell paths from: where the command was run."""
        return Path.cwd().as_posix()


def make_report(format_: Format, frame: Frame) -> Report:
    """Return a report of a format."""
    return _MAKERS[format_](frame)


def _text(frame: Frame) -> Report:
    from app.reports.text import TextReport

    return TextReport(frame.style, frame.names)


def _json(_: Frame) -> Report:
    from app.reports.json import JsonReport

    return JsonReport()


def _jsonl(_: Frame) -> Report:
    from app.reports.jsonl import JsonlReport

    return JsonlReport()


def _sarif(frame: Frame) -> Report:
    from app.reports.sarif import SarifReport

    return SarifReport(frame.rubric, base=frame.base)


def _junit(frame: Frame) -> Report:
    from app.reports.junit import JunitReport

    return JunitReport(frame.gate, base=frame.base)


def _github(frame: Frame) -> Report:
    from app.reports.github import GithubReport

    return GithubReport(base=frame.base)


def _gitlab(frame: Frame) -> Report:
    from app.reports.gitlab import GitlabReport

    return GitlabReport(base=frame.base)


def _markdown(frame: Frame) -> Report:
    from app.reports.markdown import MarkdownReport

    return MarkdownReport(frame.names, base=frame.base)


def _markdown_comment(frame: Frame) -> Report:
    from app.reports.markdown import COMMENT_BYTES, MarkdownReport

    return MarkdownReport(frame.names, base=frame.base, most=COMMENT_BYTES)


def _csv(frame: Frame) -> Report:
    from app.reports.csv import CsvReport

    return CsvReport(base=frame.base)


def _csv_bom(frame: Frame) -> Report:
    from app.reports.csv import CsvReport

    return CsvReport(base=frame.base, bom=True)


def _html(frame: Frame) -> Report:
    from app.reports.html import HtmlReport

    return HtmlReport(frame.names)


_MAKERS: dict[Format, Callable[[Frame], Report]] = {
    Format.TEXT: _text,
    Format.JSON: _json,
    Format.JSONL: _jsonl,
    Format.SARIF: _sarif,
    Format.JUNIT: _junit,
    Format.GITHUB: _github,
    Format.GITLAB: _gitlab,
    Format.MARKDOWN: _markdown,
    Format.MARKDOWN_COMMENT: _markdown_comment,
    Format.CSV: _csv,
    Format.CSV_BOM: _csv_bom,
    Format.HTML: _html,
}
