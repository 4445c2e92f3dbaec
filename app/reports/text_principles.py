"""The principles of a text report: what the story shows, what a model sees, a tie, and what was declared in vain."""

from collections.abc import Iterator, Mapping, Sequence

from app.domain import Assessment, PrincipleFinding, ShownSignal, Source, TieBreak, Unsupported
from app.reports.terminal import Style, cells, cut, defuse, quote, side_by_side, wrap

_MOST = 5
_SIGNALS = 2  # for a principle and as many against it; the other formats show all
_INDENT = 3
_LEGEND = "+ for and − against, seen by the model"


def render_principles(assessment: Assessment, style: Style, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines on principles; nothing for a story without any."""
    if not assessment.principles:
        return
    shown = [p for p in assessment.principles if p.level is not None and p.evidence][:_MOST]
    legend = _LEGEND if any(principle.signals for principle in shown) else ""
    heading = style.paint("Principles", "bold")
    yield side_by_side(heading, cells("Principles"), style.paint(legend, "dim"), cells(legend), style)
    for place, principle in enumerate(shown, start=1):
        number = place if principle.rank <= _MOST else principle.rank
        yield from _principle(number, principle, _declared(principle, names), style)
    flagged = {item.principle for item in assessment.unsupported}
    missed = [p for p in assessment.principles if p.level is None and p.declared and p.id not in flagged]
    if missed or not shown:
        what = ", ".join(_declared(p, names) for p in missed) or "any principle"
        yield from _note(f"no evidence of {what}", style)
    alone = ", ".join(_name(p.id, names) for p in assessment.principles if p.source is Source.MODEL)
    if alone:
        yield from _dim(f"seen by the model alone, which counts for nothing: {alone}", style)
    for item in assessment.unsupported:
        yield from _unsupported(item, style)
    if assessment.tie_break is not None:
        yield from _tie(assessment.tie_break, names, style)


def _name(principle: str, names: Mapping[str, str]) -> str:
    return defuse(names.get(principle) or principle.replace("-", " ").capitalize())


def _declared(principle: PrincipleFinding, names: Mapping[str, str]) -> str:
    name = _name(principle.id, names)
    return f"{name} (declared)" if principle.declared else name


def _principle(number: int, principle: PrincipleFinding, name: str, style: Style) -> Iterator[str]:
    """Yield a principle with its first quote; the first are numbered without the holes that lack of evidence leaves."""
    level = principle.level or 0
    left = f"{number:>2} {cut(name, style.width - 14)}"
    right = f"{'▪' * level}{'▫' * (5 - level)} {level}/5"
    yield side_by_side(style.paint(left, "bold"), cells(left), style.paint(right, "green"), cells(right), style)
    yield from quote(principle.evidence[0].quote, " " * _INDENT, _INDENT, style)
    yield from _signals([signal for signal in principle.signals if signal.speaks_for], style)
    yield from _signals([signal for signal in principle.signals if not signal.speaks_for], style)
    if principle.disputed:
        yield from _note("disputed: the model was asked and sees no evidence", style)
    if principle.low_confidence:
        yield from _note(f"low confidence: answers made it {', '.join(map(str, principle.sample_levels))}", style)


def _signals(signals: Sequence[ShownSignal], style: Style) -> Iterator[str]:
    """Yield the first signals that a model sees; what speaks against a principle comes with its quote."""
    for signal in signals[:_SIGNALS]:
        sign, tone = ("+", "dim") if signal.speaks_for else ("−", "yellow")
        first, *rest = wrap(defuse(signal.text), style.width - _INDENT - 2, lines=2)
        yield f"{' ' * _INDENT}{style.paint(f'{sign} {first}', tone)}"
        yield from (f"{' ' * _INDENT}  {style.paint(line, tone)}" for line in rest)
        if not signal.speaks_for and signal.evidence:
            yield from quote(signal.evidence[0].quote, " " * (_INDENT + 2), _INDENT + 2, style, lines=1)
    if len(signals) > _SIGNALS:
        side = "for" if signals[0].speaks_for else "against"
        yield from _dim(f"  and {len(signals) - _SIGNALS} more {side} it", style)


def _unsupported(item: Unsupported, style: Style) -> Iterator[str]:
    yield from _note(f"Declared: {defuse(item.reason)}", style)
    if item.ask:
        yield from _ask(item.ask, style)


def _tie(tie: TieBreak, names: Mapping[str, str], style: Style) -> Iterator[str]:
    first, second = (_name(name, names) for name in tie.between)
    yield from _note(f"{first} and {second} are close:", style)
    yield from _ask(tie.ask, style)
    answers = ", ".join(
        f"{defuse(item.answer)}: {_name(item.principle, names)}"
        for item in tie.answers
        if item.answer != _name(item.principle, names)
    )
    if answers:
        yield from (f"     {style.paint(line, 'dim')}" for line in wrap(answers, style.width - 5))


def _note(text: str, style: Style) -> Iterator[str]:
    yield from (f"{' ' * _INDENT}{style.paint(line, 'yellow')}" for line in wrap(text, style.width - _INDENT))


def _dim(text: str, style: Style) -> Iterator[str]:
    yield from (f"{' ' * _INDENT}{style.paint(line, 'dim')}" for line in wrap(text, style.width - _INDENT))


def _ask(text: str, style: Style) -> Iterator[str]:
    yield from (f"{' ' * _INDENT}{style.paint(line, 'cyan')}" for line in wrap(defuse(text), style.width - _INDENT))
