"""The principles of a text report: what the story shows, a tie that needs a question, and what was declared in vain."""

from collections.abc import Iterator, Mapping

from app.domain import Assessment, PrincipleFinding, TieBreak, Unsupported
from app.reports.terminal import Style, cells, cut, defuse, quote, side_by_side, wrap

_MOST = 5
_INDENT = 3


def render_principles(assessment: Assessment, style: Style, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines on principles; nothing for a story without any."""
    if not assessment.principles:
        return
    shown = [p for p in assessment.principles if p.level is not None and p.evidence][:_MOST]
    yield style.paint("Principles", "bold")
    for place, principle in enumerate(shown, start=1):
        number = place if principle.rank <= _MOST else principle.rank
        yield from _principle(number, principle, _declared(principle, names), style)
    flagged = {item.principle for item in assessment.unsupported}
    missed = [p for p in assessment.principles if p.level is None and p.declared and p.id not in flagged]
    if missed or not shown:
        what = ", ".join(_declared(p, names) for p in missed) or "any principle"
        yield from _note(f"no evidence of {what}", style)
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


def _ask(text: str, style: Style) -> Iterator[str]:
    yield from (f"{' ' * _INDENT}{style.paint(line, 'cyan')}" for line in wrap(defuse(text), style.width - _INDENT))
