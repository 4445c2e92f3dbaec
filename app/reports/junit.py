"""The JUnit XML format: a suite a run, a case a story; it fails where the run's threshold does."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from typing_extensions import override

from app import __version__
from app.coach.gate import Gate
from app.domain import Assessment, Gap, Status, Story
from app.reports.clean import clean, clean_line
from app.reports.report import Report, Summary
from app.reports.sites import Sites, relative
from app.reports.spool import Spool
from app.reports.told import Told

_ATTRIBUTE = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


class JunitReport(Report):
    """Writes JUnit XML; the cases are held back, since their number stands before them.

    Args:
        gate: The threshold: what is below it is a failure.
        base: The folder that paths are told from; empty leaves them as they are.
    """

    def __init__(self, gate: Gate, *, base: str = "") -> None:
        self._gate = gate
        self._base = base
        self._cases = Spool()
        self._told = Told()
        self._tests = self._failures = self._errors = 0

    @override
    def add(self, assessment: Assessment) -> str:
        return self._add(assessment, None)

    @override
    def tell(self, assessment: Assessment, story: Story) -> str:
        return self._add(assessment, story)

    @override
    def finish(self, summary: Summary) -> Iterator[str]:
        for trouble in self._told.left(summary):
            path = relative(trouble.path, self._base) if trouble.path else "run"
            place = f"{path}:{trouble.line}" if trouble.line is not None else path
            error = _element("error", f"{place}: {trouble.reason}", message=trouble.reason, type=trouble.kind)
            self._errors += 1
            self._case(place, path, error)
        for reason in summary.failed:
            self._failures += 1
            self._case("all stories together", "run", _element("failure", reason, message=reason, type="threshold"))
        counts = _attributes(
            tests=str(self._tests), failures=str(self._failures), errors=str(self._errors), name="star-coach"
        )
        yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites{counts}>\n<testsuite{counts} skipped="0">\n'
        yield _properties(self._facts(summary))
        yield from self._cases.drain()
        yield "</testsuite>\n</testsuites>\n"

    def _add(self, assessment: Assessment, story: Story | None) -> str:
        self._told.note(assessment)
        sites = Sites(assessment, story, self._base)
        name = assessment.story.title or assessment.story.id or sites.path
        if assessment.status is Status.NOT_ASSESSED:
            self._errors += 1
            reason = assessment.reason or "The story was not assessed."
            self._case(name, sites.path, _element("error", reason, message=reason, type="not-assessed"))
            return ""
        inner = ""
        if self._gate.stops(assessment):
            self._failures += 1
            inner = self._failure(assessment, sites)
        self._case(name, sites.path, inner + _element("system-out", _describe(assessment, assessment.gaps, sites)))
        return ""

    def _failure(self, assessment: Assessment, sites: Sites) -> str:
        blocking = [gap for gap in assessment.gaps if self._gate.blocks(gap)]
        reasons = [", ".join(dict.fromkeys(gap.code.value for gap in blocking))] if blocking else []
        if self._gate.is_weak(assessment):
            reasons.insert(0, f"strength {_strength(assessment)}, at least {self._gate.min_strength} wanted")
        kind = "blocking-gaps" if blocking else "below-min-strength"
        return _element("failure", _describe(assessment, blocking, sites), message="; ".join(reasons), type=kind)

    def _case(self, name: str, path: str, inner: str) -> None:
        self._tests += 1
        self._cases.add(f"<testcase{_attributes(name=name, classname=path)}>{inner}</testcase>\n")

    def _facts(self, summary: Summary) -> dict[str, str]:
        gate = self._gate
        mean = summary.mean_strength
        return {
            "version": __version__,
            "exit-code": str(summary.exit_code),
            "fail-on": gate.fail_on or "never",
            "min-strength": "none" if gate.min_strength is None else str(gate.min_strength),
            "mean-strength": "none" if mean is None else f"{mean:.2f}",
            **{f"gaps.{severity}": str(count) for severity, count in summary.gaps.items()},
            "interrupted": str(summary.interrupted).lower(),
        }


def _describe(assessment: Assessment, gaps: Iterator[Gap] | list[Gap] | tuple[Gap, ...], sites: Sites) -> str:
    lines = [f"strength {_strength(assessment)}"]
    for gap in gaps:
        place = f"{sites.path}:{sites.line_of(gap.evidence[0])}: " if gap.evidence else ""
        lines.append(f"{place}{gap.severity} {gap.code}: {clean_line(gap.message)} {clean_line(gap.advice)}")
    return "\n".join(lines)


def _strength(assessment: Assessment) -> str:
    return "none" if assessment.strength is None else f"{assessment.strength} of 5"


def _element(name: str, text: str, **attributes: str) -> str:
    return f"<{name}{_attributes(**attributes)}>{escape(clean(text))}</{name}>"


def _properties(facts: dict[str, str]) -> str:
    items = "".join(f"<property{_attributes(name=name, value=value)}/>" for name, value in facts.items())
    return f"<properties>{items}</properties>\n"


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{escape(clean_line(value), _ATTRIBUTE)}"' for name, value in values.items())
