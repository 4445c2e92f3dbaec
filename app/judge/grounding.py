"""Turn answers into findings: quotes are looked up, remarks vetted, and the rest is dropped and counted."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from app.domain import ArtefactRef, GapCode, ModelCall, Part, Span, Usage
from app.judge.claims import Claims
from app.judge.client import Answer
from app.judge.failures import Fault
from app.judge.findings import Brief, Findings, GapFinding, PartFinding, Remark, SignalFinding, Silence
from app.judge.ground import Ground
from app.judge.remarks import Vetting
from app.judge.schema import MAX_PROBES, MAX_UNPROVEN
from app.judge.sheets import Sheet

K = TypeVar("K")


class Reply(NamedTuple):
    """The answer to one sheet."""

    sheet: Sheet
    prompt: ArtefactRef
    answer: Answer[Claims]


class _Notes:
    """What has been found so far."""

    def __init__(self, brief: Brief, vetting: Vetting) -> None:
        story = brief.story
        self._brief = brief
        self._ground = Ground(story.text, brief.suspicious)
        self._vetting = vetting
        self._told = f"{story.text}\n{story.question or ''}"
        self._known = {
            (principle.id, signal.id)
            for principle in brief.rubric.principles
            if principle.id in brief.principles
            for signal in principle.signals
        }
        self._found: dict[str, tuple[Span, ...]] = {}
        self.signals: dict[tuple[str, str], list[Span]] = {}
        self.gaps: dict[GapCode, list[Span]] = {}
        self.parts: dict[Part, Span] = {}
        self.probes: dict[str, Span] = {}
        self.unproven: dict[str, Span] = {}
        self.dropped_quotes = 0
        self.dropped_texts = 0

    def take(self, claims: Claims) -> None:
        """Keep what stands in the story."""
        for signal in claims.signals:
            if signal.present:
                name = (signal.principle, signal.signal)
                _add(self.signals, name, self._find(signal.quote) if name in self._known else self._drop())
        for gap in claims.gaps:
            if gap.present:
                _add(self.gaps, gap.code, self._find(gap.quote))
        for part in claims.parts:
            for span in self._find(part.quote)[:1]:
                self.parts.setdefault(part.part, span)
        for probe in claims.probes:
            self._keep(self.probes, probe.question, probe.quote, is_question=True)
        for claim in claims.unproven:
            self._keep(self.unproven, claim.reason, claim.quote, is_question=False)

    def _find(self, quote: str) -> tuple[Span, ...]:
        if quote not in self._found:
            self._found[quote] = self._ground.find(quote)
        spans = self._found[quote]
        self.dropped_quotes += not spans
        return spans

    def _drop(self) -> tuple[Span, ...]:
        self.dropped_quotes += 1
        return ()

    def _keep(self, remarks: dict[str, Span], text: str, quote: str, *, is_question: bool) -> None:
        spans = self._find(quote)
        if not spans:
            return
        if self._vetting.passes(text, self._told, self._brief.rubric, is_question=is_question):
            remarks.setdefault(" ".join(text.split()), spans[0])
        else:
            self.dropped_texts += 1


def ground_outcomes(
    brief: Brief, sheets: Sequence[Sheet], outcomes: Sequence[Reply | Fault], vetting: Vetting
) -> Findings:
    """Return the findings of the sheets that were answered, and tell which were not.

    Args:
        brief: The story as it was sent.
        sheets: What was asked.
        outcomes: What came of each sheet, in their order.
        vetting: Checks remarks.

    Raises:
        CoachError: No sheet was answered; the first one's failure.
    """
    replies = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
    faults = [(sheet, fault) for sheet, fault in zip(sheets, outcomes, strict=True) if isinstance(fault, Fault)]
    if not replies:
        # Raised here, so that nothing of the request hangs on the error as its context.
        raise faults[0][1].as_error()
    silences = [Silence(sheet=sheet.label, kind=fault.kind.value) for sheet, fault in faults]
    return ground_replies(brief, replies, silences, vetting)


def ground_replies(brief: Brief, replies: Sequence[Reply], silences: Sequence[Silence], vetting: Vetting) -> Findings:
    """Return what the answers to a brief amount to.

    Args:
        brief: What was asked about.
        replies: At least one, in the order of the sheets.
        silences: What no answer came about.
        vetting: Tells which remarks may be published.
    """
    notes = _Notes(brief, vetting)
    for reply in replies:
        notes.take(reply.answer.value)
    sheets = [reply.sheet for reply in replies]
    calls = [reply.answer.call for reply in replies]
    told = {sheet.principle for sheet in sheets if sheet.principle is not None}
    return Findings(
        signals=tuple(SignalFinding(principle=p, signal=s, spans=tuple(at)) for (p, s), at in notes.signals.items()),
        gaps=tuple(GapFinding(code=code, spans=tuple(at)) for code, at in notes.gaps.items()),
        parts=tuple(PartFinding(part=part, span=span) for part, span in notes.parts.items()),
        probes=_remarks(notes.probes, MAX_PROBES),
        unproven=_remarks(notes.unproven, MAX_UNPROVEN),
        asked=brief.principles if Sheet("assess") in sheets else tuple(p for p in brief.principles if p in told),
        gaps_asked=any(sheet.name in ("assess", "gaps") for sheet in sheets),
        silences=tuple(silences),
        dropped_quotes=notes.dropped_quotes,
        dropped_texts=notes.dropped_texts,
        model=replies[0].answer.model,
        prompt=replies[0].prompt,
        boundary=calls[0].boundary,
        usage=_sum_usage(replies),
        attempts=sum(reply.answer.attempts for reply in replies),
        cost_usd=_sum_cost(calls),
        degraded=any(call.degraded for call in calls),
        calls=tuple(calls),
    )


def _remarks(found: dict[str, Span], most: int) -> tuple[Remark, ...]:
    return tuple(Remark(text=text, span=span) for text, span in list(found.items())[:most])


def _add(found: dict[K, list[Span]], name: K, spans: tuple[Span, ...]) -> None:
    new = [span for span in spans if span not in found.get(name, [])]
    if new:
        found.setdefault(name, []).extend(new)


def _sum_usage(replies: Sequence[Reply]) -> Usage | None:
    answers = [reply.answer for reply in replies]
    tokens = [answer.tokens for answer in answers if answer.tokens is not None]
    if len(tokens) < len(answers):
        return None
    return Usage(
        input_tokens=sum(count.input for count in tokens),
        output_tokens=sum(count.output for count in tokens),
        calls=sum(answer.attempts for answer in answers),
    )


def _sum_cost(calls: Sequence[ModelCall]) -> float | None:
    costs = [call.cost_usd for call in calls if call.cost_usd is not None]
    return sum(costs) if len(costs) == len(calls) else None
