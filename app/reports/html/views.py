"""Turn an assessment into what the templates show."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from markupsafe import Markup, escape

from app.coach.delivery import share_out
from app.domain import Assessment, Evidence, Part, Severity, Source, Story, Suppression
from app.reports.bars import describe_length
from app.reports.clean import clean
from app.reports.closing import STRENGTHS
from app.reports.html.segments import Mark, Segment, cut_segments

_SOURCES = {Source.RULES: "", Source.MODEL: "seen by the model", Source.BOTH: "seen by rules and model"}
_ORDER = tuple(Severity)
# Text that turns its neighbours around or that nobody sees is shown by its number.
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060-\u2064\ufeff\U000e0000-\U000e007f]")


class Finding(NamedTuple):
    """A gap or a flag, numbered as in the text."""

    number: int
    code: str
    severity: Severity
    message: str
    advice: str
    source: str
    evidence: tuple[Evidence, ...]
    suppressed: Suppression | None = None


class Bar(NamedTuple):
    """A bar of several shares.

    Attributes:
        label: What it tells, in words.
        shares: For each share its class, name, figure, where it begins and how wide it is, of 100.
    """

    label: str
    shares: list[tuple[str, str, str, int, int]]


class StoryView(NamedTuple):
    """A story as the template shows it."""

    number: int
    name: str
    verdict: str
    length: str
    assessment: Assessment
    findings: list[Finding]
    bars: list[Bar]
    text: Markup | None
    names: Mapping[str, str]
    is_open: bool


def view_story(
    number: int, assessment: Assessment, story: Story | None, names: Mapping[str, str], *, is_open: bool
) -> StoryView:
    """Return what the template of a story shows.

    Args:
        number: The story's place in the report, from 1.
        assessment: What was made of it.
        story: Its text; None leaves the annotated text out.
        names: From the id of a principle to its name.
        is_open: Whether it is shown unfolded.
    """
    findings = list(_findings(assessment))
    ref = assessment.story
    strength = assessment.strength
    return StoryView(
        number=number,
        name=ref.title or ref.path or ref.id or f"Story {number}",
        verdict=STRENGTHS[strength] if strength is not None else assessment.status.replace("_", " "),
        length=describe_length(assessment.delivery) if assessment.delivery else f"{ref.words} words",
        assessment=assessment,
        findings=findings,
        bars=list(_bars(assessment)),
        text=None if story is None else _annotate(number, story.text, assessment, findings),
        names=names,
        is_open=is_open,
    )


def _findings(assessment: Assessment) -> Iterator[Finding]:
    gaps = sorted(assessment.gaps, key=lambda gap: _ORDER.index(gap.severity))
    for number, gap in enumerate(gaps, start=1):
        source = "disputed by the model" if gap.disputed else _SOURCES[gap.source]
        yield Finding(number, gap.code, gap.severity, gap.message, gap.advice, source, gap.evidence, gap.suppressed)
    for number, flag in enumerate(assessment.flags, start=len(gaps) + 1):
        yield Finding(number, flag.code, Severity.WARNING, flag.message, "", "", flag.evidence)


def _bars(assessment: Assessment) -> Iterator[Bar]:
    delivery = assessment.delivery
    if delivery is None:
        return
    if delivery.parts is not None:
        sizes = list(delivery.parts.model_dump().values())
        named = [(part.value[0], part.value.capitalize()) for part in Part]
        yield _bar("Words", named, sizes, [f"{size} %" for size in sizes])
    clauses = delivery.clauses
    sizes = [clauses.i, clauses.we, clauses.others, clauses.nobody]
    if sum(sizes):
        named = [("i", "I"), ("w", "we"), ("o", "others"), ("n", "nobody")]
        yield _bar("Deeds by", named, sizes, [str(size) for size in sizes])


def _bar(label: str, named: list[tuple[str, str]], sizes: list[int], figures: list[str]) -> Bar:
    widths = share_out(sizes, 100)
    starts = [sum(widths[:index]) for index in range(len(widths))]
    return Bar(
        label,
        [
            (f"{label[0].lower()}-{letter}", name, figure, start, width)
            for (letter, name), figure, start, width in zip(named, figures, starts, widths, strict=True)
        ],
    )


def _annotate(number: int, text: str, assessment: Assessment, findings: list[Finding]) -> Markup:
    marks = [
        Mark(finding.number, place, finding.code, evidence.start, evidence.end)
        for finding in findings
        for place, evidence in enumerate(finding.evidence, start=1)
    ]
    return Markup("").join(_segment(number, segment) for segment in cut_segments(text, assessment.star, marks))


def _segment(story: int, segment: Segment) -> Markup:
    inner = _visible(segment.text)
    for mark in reversed(segment.marks):
        depth = min(len(segment.marks) - segment.marks.index(mark), 4)
        inner = Markup('<mark class="g d{} g-{}" data-g="{}">{}</mark>').format(depth, mark.code, mark.code, inner)
    for mark in segment.opened:
        inner = Markup('<a id="s{}-g{}-p{}"></a>').format(story, mark.number, mark.place) + inner
    if segment.part is not None:
        tag = Markup("")
        if segment.opens_part:
            name = segment.part.value.capitalize()
            tag = Markup('<bdi class="tag" title="{}">{}</bdi>').format(name, name[0])
        inner = Markup('<span class="part p-{}">{}{}</span>').format(segment.part.value[0], tag, inner)
    for mark in segment.closed:
        inner += Markup(
            '<sup><a class="n g-{}" data-g="{}" href="#s{}-g{}" aria-label="{}, number {}">{}</a></sup>'
        ).format(mark.code, mark.code, story, mark.number, mark.code, mark.number, mark.number)
    return inner


def show_hidden(text: str) -> str:
    """Return a text in which hidden characters show their numbers."""
    return _HIDDEN.sub(lambda match: f"[U+{ord(match.group()):04X}]", text)


def _visible(text: str) -> Markup:
    """Return a text as markup in which hidden characters show their numbers."""
    pieces: list[Markup] = []
    done = 0
    for match in _HIDDEN.finditer(text):
        pieces.append(escape(clean(text[done : match.start()])))
        pieces.append(Markup('<span class="hid">U+{}</span>').format(f"{ord(match.group()):04X}"))
        done = match.end()
    pieces.append(escape(clean(text[done:])))
    return Markup("").join(pieces)
