"""The Markdown format: a table of the stories, then for the weakest the three gaps that matter most."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from typing_extensions import override

from app.domain import Assessment, Gap, Severity, Status, Story
from app.reports.clean import shorten
from app.reports.counting import counted_stories
from app.reports.report import Report, Summary
from app.reports.sites import Sites, relative
from app.reports.terminal import defuse
from app.reports.told import Told

SUMMARY_BYTES = 1024 * 1024
"""What GitHub takes as the summary of a step."""

COMMENT_BYTES = 65_536
"""What GitHub takes as a comment, which it counts in characters; bytes are on the safe side."""

_SPARE = 2_000
_GAPS = 3
_TITLE, _SENTENCE, _REASON = 120, 400, 300
_ORDER = tuple(Severity)
_MARKS = {Severity.ERROR: "🔴", Severity.WARNING: "🟡", Severity.NOTE: "🔵"}
_HEAD = "| strength | story | error | warning | note | principle |\n|:--|:--|--:|--:|--:|:--|\n"

_MARKUP = re.compile(r"[\\`*_{}\[\]<>#!|~$&@^]")
_LIST = re.compile(r"\A(\d*)([-+=.)])")  # what a list or an underline of a heading begins with
# What a service makes a link of after rendering: mentions, issues, merge requests, labels, commits, addresses.
_REFERENCE = re.compile(
    r"[@#!~%^&$\[](?=[\w\"])|:(?=//)|\b(?:mailto|xmpp):|\bGH(?=-\d)|\bwww(?=\.)"
    r"|\b(?=\d*[a-f])[0-9a-f]{3}(?=[0-9a-f]{4,37}\b)",
    re.IGNORECASE,
)
_BREAK = "\u200b"


class _Entry(NamedTuple):
    """What is kept of a story: its place in the order, its row and its details."""

    rank: tuple[int, int, int]
    row: str
    details: str


class MarkdownReport(Report):
    """Writes Markdown for a job's summary or a comment, whole within a size.

    Args:
        names: From the id of a principle to its name.
        base: The folder that paths are told from; empty leaves them as they are.
        most: The most bytes that the report takes; the weakest stories are kept.
    """

    def __init__(self, names: dict[str, str] | None = None, *, base: str = "", most: int = SUMMARY_BYTES) -> None:
        self._names = names or {}
        self._base = base
        self._most = most
        self._entries: list[_Entry] = []
        self._size = 0
        self._count = 0
        self._told = Told()

    @override
    def add(self, assessment: Assessment) -> str:
        return self._add(assessment, None)

    @override
    def tell(self, assessment: Assessment, story: Story) -> str:
        return self._add(assessment, story)

    @override
    def end(self, summary: Summary) -> str:
        head = "\n".join(_totals(summary)) + "\n\n"
        troubles = self._troubles(summary)
        budget = self._most - _size(head) - _size(troubles) - _SPARE
        rows, budget = self._take([(entry, entry.row) for entry in self._entries], budget)
        details, _ = self._take([(entry, entry.details) for entry in self._entries if entry.details], budget)
        table = f"{_HEAD}{''.join(rows)}{_left_out(self._count - len(rows), 'not in the table')}\n" if rows else ""
        told = sum(bool(entry.details) for entry in self._entries) - len(details)
        return head + troubles + table + "\n".join(details) + _left_out(told, "without details here")

    def _add(self, assessment: Assessment, story: Story | None) -> str:
        self._told.note(assessment)
        sites = Sites(assessment, story, self._base)
        errors = sum(gap.severity is Severity.ERROR for gap in assessment.open_gaps)
        self._count += 1
        rank = (assessment.strength or 0, -errors, self._count)
        entry = _Entry(rank, self._row(assessment, sites), "\n".join(_details(assessment, sites)))
        self._entries.append(entry)
        self._size += _size(entry.row) + _size(entry.details)
        if self._size > 4 * self._most:  # what can't fit any more is let go, weakest kept
            self._shrink()
        return ""

    def _shrink(self) -> None:
        self._entries.sort()
        while self._size > 2 * self._most:
            gone = self._entries.pop()
            self._size -= _size(gone.row) + _size(gone.details)
        self._entries.sort(key=lambda entry: entry.rank[-1])

    @staticmethod
    def _take(items: Sequence[tuple[_Entry, str]], budget: int) -> tuple[list[str], int]:
        """Return the texts of the weakest stories that fit, in the order of the stories, and the bytes left."""
        kept: list[tuple[_Entry, str]] = []
        for entry, text in sorted(items):
            budget -= _size(text) + 1
            if budget < 0:
                budget += _size(text) + 1
                break
            kept.append((entry, text))
        return [text for _, text in sorted(kept, key=lambda item: item[0].rank[-1])], budget

    def _row(self, assessment: Assessment, sites: Sites) -> str:
        counts = [sum(gap.severity is severity for gap in assessment.open_gaps) for severity in Severity]
        first = next((one for one in assessment.principles if one.level is not None), None)
        principle = "" if first is None else f"{escape_text(self._names.get(first.id, first.id))} {first.level}/5"
        principle += ", disputed by the model" if first is not None and first.disputed else ""
        name = escape_text(assessment.story.title or assessment.story.id or sites.path, _TITLE)
        cells = [_dots(assessment.strength), name, *(str(count or "·") for count in counts), principle]
        return f"| {' | '.join(cells)} |\n"

    def _troubles(self, summary: Summary) -> str:
        lines: list[str] = []
        for trouble in self._told.left(summary):
            path = relative(trouble.path, self._base) if trouble.path else "the run"
            place = path if trouble.line is None else f"{path}:{trouble.line}"
            lines.append(f"- ⚠️ {escape_text(place, _TITLE)}: {escape_text(trouble.reason, _REASON)}\n")
        shown = lines[:20]
        return "".join(shown) + _left_out(len(lines) - len(shown), "unreadable") + ("\n" if lines else "")


def escape_text(text: str, most: int = _SENTENCE) -> str:
    """Return a text as one line in which nothing is markup, a link, a mention or a reference.

    What a service would link after rendering is broken by a space without width; all signs of Markdown and HTML become
    character references.
    """
    line = shorten(defuse(text), most)
    line = _REFERENCE.sub(lambda match: match.group() + _BREAK, line)
    line = _MARKUP.sub(lambda match: f"&#{ord(match.group())};", line)
    return _LIST.sub(lambda match: f"{match[1]}&#{ord(match[2])};", line)


def _details(assessment: Assessment, sites: Sites) -> Iterator[str]:
    if assessment.status is Status.ASSESSED and not assessment.open_gaps:
        return
    yield f"### {escape_text(assessment.story.title or assessment.story.id or sites.path, _TITLE)}\n"
    yield f"{_dots(assessment.strength)} {escape_text(sites.path, _TITLE)}\n"
    if assessment.reason:
        yield f"⚠️ {escape_text(assessment.reason, _REASON)}\n"
    gaps = sorted(assessment.open_gaps, key=lambda gap: _ORDER.index(gap.severity))
    yield from (_gap(gap, sites) for gap in gaps[:_GAPS])
    if len(gaps) > _GAPS:
        yield f"- and {len(gaps) - _GAPS} more"
    yield from _doubts(assessment, sites)
    yield ""


def _gap(gap: Gap, sites: Sites) -> str:
    place = f", line {sites.line_of(gap.evidence[0])}" if gap.evidence else ""
    place += ", disputed by the model" if gap.disputed else ""
    text = f"{escape_text(gap.message)}<br>*{escape_text(gap.advice)}*"
    return f"- {_MARKS[gap.severity]} **{gap.code}** ({gap.severity}{place}): {text}"


def _doubts(assessment: Assessment, sites: Sites) -> Iterator[str]:
    """Yield what a model finds unproven, and what it sees that speaks against a principle that the story shows."""
    for one in assessment.unproven[:_GAPS]:
        quote = escape_text(one.evidence.quote, _TITLE)
        yield f"- ❔ **unproven** (line {sites.line_of(one.evidence)}): “{quote}” {escape_text(one.reason)}"
    shown = (one for one in assessment.principles if one.level is not None)
    against = [(one, signal) for one in shown for signal in one.signals if not signal.speaks_for and signal.evidence]
    for one, signal in against[:_GAPS]:
        place, quote = sites.line_of(signal.evidence[0]), escape_text(signal.evidence[0].quote, _TITLE)
        text = escape_text(signal.text, _SENTENCE)
        yield f"- ➖ **against {escape_text(one.id)}** (by the model, line {place}): {text} “{quote}”"


def _totals(summary: Summary) -> Iterator[str]:
    yield f"## Story check: {counted_stories(summary.stories)}\n"
    parts = [f"{summary.assessed} assessed"]
    for count, name in (
        (summary.partial, "partly assessed"),
        (summary.not_assessed, "not assessed"),
        (summary.unreadable, "unreadable"),
        (summary.below, "below the threshold"),
    ):
        parts += [f"**{count} {name}**"] if count else []
    if summary.mean_strength is not None:
        parts.append(f"mean strength {summary.mean_strength:.1f} of 5")
    yield ", ".join(parts) + (", **stopped before the end**" if summary.interrupted else "") + "."
    yield from (f"\n⚠️ {escape_text(reason)}" for reason in summary.failed)


def _left_out(count: int, what: str) -> str:
    return f"\n{count} more {'story is' if count == 1 else 'stories are'} {what}.\n" if count > 0 else ""


def _dots(strength: int | None) -> str:
    return "not assessed" if strength is None else f"{'●' * strength}{'○' * (5 - strength)} {strength}/5"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
