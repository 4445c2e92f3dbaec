"""Draw how a story would be told: how long it takes, how its parts share the words, and who acts in its clauses."""

from collections.abc import Iterator

from app.coach.delivery import share_out
from app.domain import Assessment, Delivery, Part
from app.reports.terminal import Style, Tone, cells

_PARTS: dict[Part, Tone] = {
    Part.SITUATION: "blue",
    Part.TASK: "magenta",
    Part.ACTION: "green",
    Part.RESULT: "yellow",
}
_BRIEF_S, _LONG_S, _TOO_LONG_S = 60, 180, 240
_PERCENT = 100


def render_bars(assessment: Assessment, style: Style, indent: int) -> Iterator[str]:
    """Yield the lines of the bars, indented; nothing for a story without parts and deeds."""
    width = style.width - indent
    delivery = assessment.delivery
    sizes = _sizes(assessment)
    lines: list[str] = []
    if sum(sizes):
        lines += _bar(list(zip("STAR", sizes, _PARTS.values(), strict=True)), style, width)
        names = [part.value.capitalize() for part in Part]
        percents = share_out(sizes, _PERCENT)
        lines += _legend(
            [
                (f"{name} {share} %", share, tone)
                for name, share, tone in zip(names, percents, _PARTS.values(), strict=True)
            ],
            style,
            width,
        )
    if delivery is not None:
        lines += _voices(delivery, style, width)
    yield from (f"{' ' * indent}{line}" for line in lines)


def describe_length(delivery: Delivery) -> str:
    """Return how long the story takes aloud, with the band from a fast to a slow speaker, and whether that is odd."""
    told = f"{delivery.words} words, {_duration(delivery.seconds)} aloud"
    band = f" ({_duration(delivery.seconds_fast)} to {_duration(delivery.seconds_slow)})"
    return f"{told}{band}{_oddity(delivery.seconds)}"


def _oddity(seconds: int) -> str:
    if seconds > _TOO_LONG_S:
        return ", too long"
    if seconds > _LONG_S:
        return ", long"
    return ", brief" if seconds < _BRIEF_S else ""


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _sizes(assessment: Assessment) -> list[int]:
    """Return the sizes of the parts, by words where they were counted and otherwise by the stretches of text."""
    parts = assessment.delivery.parts if assessment.delivery else None
    if parts is not None:
        return [parts.situation, parts.task, parts.action, parts.result]
    return [sum(span.end - span.start for span in assessment.star if span.part is part) for part in Part]


def _voices(delivery: Delivery, style: Style, width: int) -> Iterator[str]:
    clauses = delivery.clauses
    told: list[tuple[str, int, Tone]] = [
        ("I", clauses.i, "green"),
        ("we", clauses.we, "yellow"),
        ("others", clauses.others, "cyan"),
        ("nobody", clauses.nobody, "red"),
    ]
    if not sum(count for _, count, _ in told):
        return
    letters = zip("Iwo-", told, strict=True)
    yield from _bar([(letter, count, tone) for letter, (_, count, tone) in letters], style, width)
    yield from _legend([(f"{name} {count}", count, tone) for name, count, tone in told], style, width, "clauses: ")


def _bar(shares: list[tuple[str, int, Tone]], style: Style, width: int) -> Iterator[str]:
    widths = share_out([size for _, size, _ in shares], width)
    yield "".join(
        style.paint(("━" if style.colour else letter) * cells_of, tone)
        for (letter, _, tone), cells_of in zip(shares, widths, strict=True)
    )


def _legend(items: list[tuple[str, int, Tone]], style: Style, width: int, lead: str = "") -> Iterator[str]:
    """Yield the items side by side, on as many lines as they need."""
    line, taken = style.paint(lead, "dim"), cells(lead)
    gap = 0
    for text, size, tone in items:
        if taken + gap + cells(text) > width and taken:
            yield line
            line, taken, gap = "", 0, 0
        line += " " * gap + style.paint(text, tone if size else "dim")
        taken += gap + cells(text)
        gap = 3
    yield line
