"""The GitLab format: a code quality report, written as the stories come."""

import json
from collections import Counter
from typing import Any

from typing_extensions import override

from app.coach.fingerprints import fingerprint, named_fingerprint, story_key
from app.domain import Assessment, Severity, Status, Story
from app.reports.clean import clean_line
from app.reports.report import Report, Summary
from app.reports.sites import Sites, relative
from app.reports.told import Told

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}
_FAILED = "not-assessed"


class GitlabReport(Report):
    """Writes a JSON array of code quality issues.

    Args:
        base: The folder that paths are told from, as GitLab wants them relative to the repository.
    """

    def __init__(self, *, base: str = "") -> None:
        self._base = base
        self._is_first = True
        self._seen: Counter[str] = Counter()
        self._told = Told()

    @override
    def begin(self) -> str:
        return "["

    @override
    def add(self, assessment: Assessment) -> str:
        return self._add(assessment, None)

    @override
    def tell(self, assessment: Assessment, story: Story) -> str:
        return self._add(assessment, story)

    @override
    def end(self, summary: Summary) -> str:
        text = ""
        for trouble in self._told.left(summary):
            path = relative(trouble.path, self._base)
            text += self._issue(_FAILED, "critical", trouble.reason, path, {"lines": {"begin": trouble.line or 1}})
        return text + "\n]\n"

    def _add(self, assessment: Assessment, story: Story | None) -> str:
        self._told.note(assessment)
        sites = Sites(assessment, story, self._base)
        key = story_key(assessment, story)
        text = ""
        if assessment.status is Status.NOT_ASSESSED:
            reason = assessment.reason or "The story was not assessed."
            text += self._issue(_FAILED, "critical", reason, sites.path, {"lines": {"begin": sites.line}}, key=key)
        for gap in assessment.open_gaps:
            line = sites.line_of(gap.evidence[0]) if gap.evidence else sites.line
            text += self._issue(
                gap.code,
                _SEVERITIES[gap.severity],
                f"{gap.message} {gap.advice}",
                sites.path,
                {"lines": {"begin": line}},
                mark=fingerprint(key, gap),
            )
        return text

    def _issue(  # noqa: PLR0913 - the fields of an issue
        self,
        name: str,
        severity: str,
        text: str,
        path: str,
        place: dict[str, Any],
        *,
        key: str | None = None,
        mark: str | None = None,
    ) -> str:
        mark = mark or named_fingerprint(key or path, name, text)
        self._seen[mark] += 1
        if self._seen[mark] > 1:  # GitLab takes two issues of one fingerprint for one
            mark = named_fingerprint(mark, str(self._seen[mark]))
        issue = {
            "description": clean_line(text) or name,
            "check_name": name,
            "fingerprint": mark,
            "severity": severity,
            "location": {"path": clean_line(path), **place},
        }
        lead = "\n" if self._is_first else ",\n"
        self._is_first = False
        return lead + json.dumps(issue, ensure_ascii=False)
