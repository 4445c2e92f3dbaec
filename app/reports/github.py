"""The GitHub format: workflow commands that annotate a pull request, the most important first."""

import heapq

from typing_extensions import override

from app.domain import Assessment, Severity, Status, Story
from app.reports.clean import shorten
from app.reports.report import Report, Summary, Trouble
from app.reports.sites import Region, Sites, relative
from app.reports.terminal import defuse
from app.reports.told import Told

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_MOST = 10  # that GitHub shows of a level and step; it drops what comes later
_LONGEST = 1_000  # of a message; GitHub cuts at 4,096 bytes
_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY_ESCAPES = {**_ESCAPES, ":": "%3A", ",": "%2C"}


class GithubReport(Report):
    """Writes up to ten workflow commands a level, when all stories are there.

    Failures come first, then the first gap of each story from the weakest on, then the second ones.

    Args:
        base: The folder that paths are told from; empty leaves them as they are.
    """

    def __init__(self, *, base: str = "") -> None:
        self._base = base
        self._told = Told()
        self._count = 0
        self._left_out = 0
        self._kept: dict[str, list[tuple[tuple[int, int, int], str]]] = {level: [] for level in _LEVELS.values()}

    @override
    def add(self, assessment: Assessment) -> str:
        return self._add(assessment, None)

    @override
    def tell(self, assessment: Assessment, story: Story) -> str:
        return self._add(assessment, story)

    @override
    def end(self, summary: Summary) -> str:
        for trouble in self._told.left(summary):
            self._keep("error", _command("error", self._place_of(trouble), "Not assessed", trouble.reason), -1, 0)
        for reason in summary.failed:
            self._keep("error", _command("error", {}, "Below the threshold", reason), -1, 0)
        for remark in summary.remarks:
            self._keep("warning", _command("warning", self._place_of(remark), "Of no use", remark.reason), -1, 0)
        lines = [line for level in self._kept.values() for _, line in sorted(level, reverse=True)]
        if self._left_out:
            lines.append(f"{self._left_out} more are not annotated: GitHub shows {_MOST} of a level in a step.")
        return "".join(f"{line}\n" for line in lines)

    def _add(self, assessment: Assessment, story: Story | None) -> str:
        self._told.note(assessment)
        sites = Sites(assessment, story, self._base)
        if assessment.status is Status.NOT_ASSESSED:
            place = {"file": sites.path, "line": str(sites.line)}
            self._keep("error", _command("error", place, "Not assessed", assessment.reason or "No reason."), -1, 0)
        turns = dict.fromkeys(_LEVELS.values(), 0)
        for gap in assessment.open_gaps:
            level = _LEVELS[gap.severity]
            region = sites.find(gap.evidence[0]) if gap.evidence else None
            place = {"file": sites.path, **_place(region, sites.line)}
            line = _command(level, place, gap.code, gap.message, gap.advice)
            self._keep(level, line, turns[level], assessment.strength or 0)
            turns[level] += 1
        return ""

    def _place_of(self, trouble: Trouble) -> dict[str, str]:
        if not trouble.path:
            return {}
        line = {} if trouble.line is None else {"line": str(trouble.line)}
        return {"file": relative(trouble.path, self._base), **line}

    def _keep(self, level: str, line: str, turn: int, strength: int) -> None:
        """Keep a line if it is among the ten most important of its level."""
        self._count += 1
        entry = ((-turn, -strength, -self._count), line)
        if len(self._kept[level]) < _MOST:
            heapq.heappush(self._kept[level], entry)
        else:
            self._left_out += 1
            heapq.heappushpop(self._kept[level], entry)


def _place(region: Region | None, line: int) -> dict[str, str]:
    if region is None:
        return {"line": str(line)}
    place = {"line": str(region.line), "endLine": str(region.end_line)}
    if region.line == region.end_line:  # GitHub takes columns within one line only
        place |= {"col": str(region.column), "endColumn": str(region.end_column)}
    return place


def _command(level: str, place: dict[str, str], title: str, *lines: str) -> str:
    """Return a workflow command in which nothing but its own signs commands anything."""
    told = {**place, "title": title}
    properties = ",".join(f"{name}={_escape(defuse(value), _PROPERTY_ESCAPES)}" for name, value in told.items())
    text = "\n".join(shorten(defuse(line), _LONGEST) for line in lines)
    return f"::{level} {properties}::{_escape(text, _ESCAPES)}"


def _escape(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)
