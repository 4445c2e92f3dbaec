"""The SARIF 2.1.0 format: gaps as results with rules, regions and fingerprints, written as the stories come."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from typing_extensions import override

from app import __version__
from app.coach.fingerprints import fingerprint, named_fingerprint, story_key
from app.domain import Assessment, Evidence, Gap, Severity, Status, Story
from app.reports.clean import clean, clean_line
from app.reports.report import Report, Summary, Trouble
from app.reports.sarif_rules import NOT_ASSESSED, describe_failure, describe_rules, rule_index
from app.reports.sites import Region, Sites, as_uri, relative
from app.reports.told import Told
from app.rubric import Rubric

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_COMPLETE = (0, 1)
_SUPPRESSED = {"comment": "inSource", "baseline": "external"}
_EXITS = {
    0: "Everything was assessed and nothing is below the threshold.",
    1: "A story is below the threshold.",
    2: "Wrong usage or configuration, or nothing that was named could be read.",
    3: "A story could not be read or assessed.",
    130: "Stopped before the end.",
}


class _Artifact(NamedTuple):
    """A file with its stories."""

    number: int
    location: dict[str, Any]
    stories: list[dict[str, Any]]

    def describe(self) -> dict[str, Any]:
        return {"location": self.location, "roles": ["analysisTarget"], "properties": {"stories": self.stories}}


class SarifReport(Report):
    """Writes a SARIF log of one run.

    Args:
        rubric: Where the rules have their titles, definitions and levels from.
        base: The folder that paths are told from; empty leaves them as they are.
    """

    def __init__(self, rubric: Rubric, *, base: str = "") -> None:
        self._rubric = rubric
        self._base = base
        self._is_first = True
        self._artifacts: dict[str, _Artifact] = {}
        self._seen: Counter[str] = Counter()
        self._notifications: list[dict[str, Any]] = []
        self._told = Told()

    @override
    def begin(self) -> str:
        driver = {
            "name": "star-coach",
            "fullName": f"STAR Story Coach {__version__}",
            "version": __version__,
            "semanticVersion": __version__,
            "rules": describe_rules(self._rubric),
            "notifications": [describe_failure()],
        }
        head = {
            "tool": {"driver": driver},
            "automationDetails": {"id": "star-coach/"},
            "columnKind": "unicodeCodePoints",
            "newlineSequences": ["\r\n", "\n", "\r"],
            "defaultEncoding": "utf-8",
            "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that the command was run in."}}},
        }
        return f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{{_dump(head)[1:-1]}, "results": ['

    @override
    def add(self, assessment: Assessment) -> str:
        return self._tell(assessment, None)

    @override
    def tell(self, assessment: Assessment, story: Story) -> str:
        return self._tell(assessment, story)

    @override
    def end(self, summary: Summary) -> str:
        self._notifications += map(self._notify_trouble, self._told.left(summary))
        remarks = [self._notify_trouble(remark) | {"level": "warning"} for remark in summary.remarks]
        for remark in remarks:
            del remark["descriptor"]
        invocation = {
            "executionSuccessful": summary.exit_code in _COMPLETE,
            "exitCode": summary.exit_code,
            "exitCodeDescription": _EXITS.get(summary.exit_code, "The run did not end well."),
            "toolExecutionNotifications": self._notifications,
            "toolConfigurationNotifications": remarks,
        }
        counted = {
            "stories": summary.stories,
            "meanStrength": summary.mean_strength,
            "strengths": {str(strength): count for strength, count in summary.strengths.items()},
            "belowThreshold": summary.below,
            "failed": [_plain(reason) for reason in summary.failed],
        }
        tail = {
            "artifacts": [artifact.describe() for artifact in self._artifacts.values()],
            "invocations": [invocation],
            "properties": counted,
        }
        return f"\n], {_dump(tail)[1:-1]}}}]}}\n"

    def _tell(self, assessment: Assessment, story: Story | None) -> str:
        sites = Sites(assessment, story, self._base)
        self._told.note(assessment)
        self._note_artifact(sites.path, assessment)
        if assessment.status is Status.NOT_ASSESSED:
            reason = assessment.reason or "The story was not assessed."
            self._notifications.append(self._notify(reason, sites.path, sites.line))
        lines = [*self._gaps(assessment, story, sites), *self._flags(assessment, story, sites)]
        return "".join(map(self._separate, lines))

    def _separate(self, result: dict[str, Any]) -> str:
        lead = "\n" if self._is_first else ",\n"
        self._is_first = False
        return lead + _dump(result)

    def _gaps(self, assessment: Assessment, story: Story | None, sites: Sites) -> Iterator[dict[str, Any]]:
        key = story_key(assessment, story)
        for gap in assessment.gaps:
            mark = fingerprint(key, gap)
            result = self._result(gap.code, gap.severity, f"{gap.message} {gap.advice}", gap.evidence, sites)
            result |= {
                "partialFingerprints": self._fingerprints(mark),
                "properties": {
                    "part": gap.part,
                    "source": gap.source,
                    "advice": clean_line(gap.advice),
                    "strength": assessment.strength,
                },
            }
            yield result | {"suppressions": _suppressions(gap)}

    def _flags(self, assessment: Assessment, story: Story | None, sites: Sites) -> Iterator[dict[str, Any]]:
        key = story_key(assessment, story)
        for flag in assessment.flags:
            quote = flag.evidence[0].quote if flag.evidence else flag.message
            mark = named_fingerprint(key, flag.code, quote)
            result = self._result(flag.code, Severity.WARNING, flag.message, flag.evidence, sites)
            yield result | {"partialFingerprints": self._fingerprints(mark), "suppressions": []}

    def _result(
        self, code: str, severity: Severity, text: str, evidence: tuple[Evidence, ...], sites: Sites
    ) -> dict[str, Any]:
        first, *others = evidence or (None,)
        result: dict[str, Any] = {
            "ruleId": code,
            "ruleIndex": rule_index(self._rubric, code),
            "level": severity,
            "message": {"text": _plain(text)},
            "locations": [self._location(first, sites)],
        }
        if others:
            result["relatedLocations"] = [
                {"id": number, **self._location(other, sites)} for number, other in enumerate(others, start=1)
            ]
        return result

    def _location(self, evidence: Evidence | None, sites: Sites) -> dict[str, Any]:
        found = sites.find(evidence) if evidence is not None else None
        region: dict[str, Any] = {"startLine": sites.line} if found is None else _region(found)
        if evidence is not None:
            region["snippet"] = {"text": clean(evidence.quote)}
        return {"physicalLocation": {"artifactLocation": self._artifact_location(sites.path), "region": region}}

    def _artifact_location(self, path: str) -> dict[str, Any]:
        uri = as_uri(path)
        location: dict[str, Any] = {"uri": uri}
        if not uri.startswith("file:"):
            location["uriBaseId"] = _ROOT
        if path in self._artifacts:
            location["index"] = self._artifacts[path].number
        return location

    def _note_artifact(self, path: str, assessment: Assessment) -> None:
        graded = {"status": assessment.status, "strength": assessment.strength, "title": _line(assessment.story.title)}
        if path not in self._artifacts:
            self._artifacts[path] = _Artifact(len(self._artifacts), self._artifact_location(path), [])
        self._artifacts[path].stories.append(graded)

    def _fingerprints(self, mark: str) -> dict[str, str]:
        self._seen[mark] += 1
        return {"starCoachGap/v1": mark, "primaryLocationLineHash": f"{mark[:16]}:{self._seen[mark]}"}

    def _notify_trouble(self, trouble: Trouble) -> dict[str, Any]:
        path = None if trouble.path is None else relative(trouble.path, self._base)
        return self._notify(trouble.reason, path, trouble.line, trouble.kind)

    def _notify(self, reason: str, path: str | None, line: int | None, kind: str | None = None) -> dict[str, Any]:
        notification: dict[str, Any] = {
            "descriptor": {"id": NOT_ASSESSED, "index": 0},
            "level": "error",
            "message": {"text": _plain(reason)},
        }
        if path is not None:
            place: dict[str, Any] = {"artifactLocation": self._artifact_location(path)}
            if line is not None:
                place["region"] = {"startLine": line}
            notification["locations"] = [{"physicalLocation": place}]
        if kind:
            notification["properties"] = {"kind": kind}
        return notification


def _suppressions(gap: Gap) -> list[dict[str, str]]:
    if gap.suppressed is None:
        return []
    kind = _SUPPRESSED[gap.suppressed.kind]
    return [{"kind": kind, "status": "accepted", "justification": clean_line(gap.suppressed.reason)}]


def _region(region: Region) -> dict[str, Any]:
    told: dict[str, Any] = {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }
    if region.char is not None:
        told |= {"charOffset": region.char, "charLength": region.length}
    return told


def _plain(text: str) -> str:
    """Return a message in which no viewer finds a link or a placeholder."""
    return clean_line(text).replace("](", "] (").replace("{", "(").replace("}", ")") or "-"


def _line(text: str | None) -> str | None:
    return None if text is None else clean_line(text)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
