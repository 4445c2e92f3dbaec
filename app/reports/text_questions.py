"""What a text report ends with: what the target's level expects, what is unproven, what an interviewer would ask."""

from collections.abc import Iterator

from app.domain import Assessment, ExpectationFinding, Severity
from app.reports.terminal import Style, Tone, defuse, quote, wrap

SEVERITY_TONES: dict[Severity, Tone] = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
"""In which colour a severity is painted."""

_QUOTE_LINES = 1
_INDENT = 3


def render_expectations(assessment: Assessment, style: Style) -> Iterator[str]:
    """Yield what the target's role and level expect: what is open with its question, and how much is met."""
    if not assessment.expectations:
        return
    met = [item for item in assessment.expectations if item.met]
    total = len(assessment.expectations)
    target = f"{assessment.target.role} {assessment.target.level}"
    yield style.paint(f"Expected of {defuse(target)}: {len(met)} of {total} shown", "bold")
    for item in assessment.expectations:
        if not item.met:
            yield from _open(item, style)


def _open(item: ExpectationFinding, style: Style) -> Iterator[str]:
    tone = SEVERITY_TONES[item.severity]
    first, *rest = wrap(defuse(item.text), style.width - _INDENT)
    yield f" {style.paint('□', tone)} {first}"
    yield from (f"{' ' * _INDENT}{line}" for line in rest)
    if item.probe:
        asked = wrap(defuse(item.probe), style.width - _INDENT)
        yield from (f"{' ' * _INDENT}{style.paint(line, 'cyan')}" for line in asked)


def render_unproven(assessment: Assessment, style: Style) -> Iterator[str]:
    """Yield the claims that a model finds no proof of, each with the reason why."""
    if not assessment.unproven:
        return
    yield style.paint("Claims without proof, says the model", "bold")
    for item in assessment.unproven:
        first, *rest = quote(item.evidence.quote, "", _INDENT, style, lines=2)
        yield f" {style.paint('·', 'yellow')} {first}"
        yield from (f"{' ' * _INDENT}{line}" for line in rest)
        why = wrap(defuse(item.reason), style.width - _INDENT)
        yield from (f"{' ' * _INDENT}{style.paint(line, 'dim')}" for line in why)


def render_follow_ups(assessment: Assessment, style: Style) -> Iterator[str]:
    """Yield what an interviewer would ask next, beside the questions that stand under gaps and expectations already."""
    asked = [item for item in assessment.follow_ups if item.gap is None and item.expectation is None]
    if not asked:
        return
    yield style.paint("An interviewer may ask next", "bold")
    for item in asked:
        first, *rest = wrap(defuse(item.question), style.width - _INDENT)
        yield f" {style.paint('?', 'cyan')} {style.paint(first, 'cyan')}"
        yield from (f"{' ' * _INDENT}{style.paint(line, 'cyan')}" for line in rest)
        for line in quote(item.evidence.quote, " " * _INDENT, _INDENT, style, lines=_QUOTE_LINES):
            yield style.paint(line, "dim")
