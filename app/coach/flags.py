"""Tell what is odd about a text, apart from what the story in it is worth."""

from app.analysis.places import Places
from app.analysis.screen.screen import Screened, screen_line
from app.domain import Evidence, Flag, FlagCode, Span, Story
from app.judge.findings import Findings

_MOST = 20
_WIDEST = 24
_PLEA = (
    "This speaks to whoever grades, or poses as something other than a story. It counts for nothing; the rest is "
    "assessed as it stands."
)
_HIDDEN = "Characters that nobody sees, or that pass for others, stand here. The story is read without them."
_OUTSIDE = "The {field} speaks to whoever grades. It counts for nothing."


def raise_flags(story: Story, screened: Screened, places: Places) -> tuple[Flag, ...]:
    """Return the flags of a story; none for an ordinary one.

    Args:
        story: The text and what its author says about it.
        screened: What was taken out of the text.
        places: The story's text.
    """
    flags = [
        _flag(message, tuple(places.evidence(*span) for span in spans[:_MOST]))
        for message, spans in (
            (_PLEA, screened.suspicious),
            (_HIDDEN, tuple(_widen(story.text, span) for span in screened.hidden)),
        )
        if spans
    ]
    for field, text in (("title", story.title), ("question", story.question), ("path", story.path)):
        if text and screen_line(text):
            flags.append(_flag(_OUTSIDE.format(field=field)))
    return tuple(flags)


def disregard(findings: Findings, suspicious: tuple[Span, ...]) -> Findings:
    """Return findings without the places that touch suspicious text; what has no place left is dropped and counted."""
    if not suspicious:
        return findings

    def counts(span: Span) -> bool:
        return all(span.end <= odd.start or odd.end <= span.start for odd in suspicious)

    signals = tuple(
        found.model_copy(update={"spans": spans})
        for found in findings.signals
        if (spans := tuple(filter(counts, found.spans)))
    )
    gaps = tuple(
        found.model_copy(update={"spans": spans})
        for found in findings.gaps
        if (spans := tuple(filter(counts, found.spans)))
    )
    dropped = len(findings.signals) + len(findings.gaps) - len(signals) - len(gaps)
    return findings.model_copy(
        update={"signals": signals, "gaps": gaps, "dropped_quotes": findings.dropped_quotes + dropped}
    )


def _flag(message: str, evidence: tuple[Evidence, ...] = ()) -> Flag:
    return Flag(code=FlagCode.SUSPICIOUS_TEXT, message=message, evidence=evidence)


def _widen(text: str, span: Span) -> Span:
    """Return a stretch with the word around it, so that a reader sees something."""
    start, end = span
    while start > 0 and span.start - start < _WIDEST and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and end - span.end < _WIDEST and not text[end].isspace():
        end += 1
    return Span(start, end)
