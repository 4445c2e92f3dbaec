import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.gaps import GapSign
from app.analysis.observe import Observations, observe
from app.analysis.places import Places
from app.catalog import Catalog
from app.coach.settle import Settled, cap_level, settle
from app.domain import (
    ArtefactRef,
    Gap,
    GapCode,
    Part,
    PrincipleFinding,
    Severity,
    Source,
    Span,
    Status,
    Target,
)
from app.judge.findings import Findings, GapFinding, PartFinding, Remark, SignalFinding
from tests.unit.analysis.tales import TALES
from tests.unit.analysis.texts import unhurried

RUBRIC = Catalog().rubric("leadership-principles/v1")
TEXT = TALES["invoices"].text
PLACES = Places(TEXT)
OBSERVED = observe(TEXT, RUBRIC)
TOLD = OBSERVED.facts.told
CODES = st.frozensets(st.sampled_from(GapCode))


def with_gaps(*codes: str | GapCode, sure: bool = True, metric: str = "required") -> Observations:
    """Return what the rules saw in the story, with other gaps and a first principle that asks so much for a number."""
    first = next(item for item in OBSERVED.ranked if item.principle.metric == metric)
    ranked = (first, *(item for item in OBSERVED.ranked if item is not first))
    signs = tuple(GapSign(GapCode(code), TOLD[-1:], sure) for code in codes)
    return OBSERVED._replace(gaps=signs, ranked=ranked)


def settled(
    observed: Observations = OBSERVED,
    findings: Findings | None = None,
    *,
    role: str = "sdm",
    level: str = "L6",
    principles: tuple[str, ...] = (),
) -> Settled:
    target = Target(role=role, level=level, principles=principles)
    return settle(observed, findings, rubric=RUBRIC, target=target, places=PLACES)


def findings(*, signals: tuple[SignalFinding, ...] = (), gaps: tuple[GapFinding, ...] = ()) -> Findings:
    prompt = ArtefactRef(name="assess", version="v1", sha256="0" * 64)
    return Findings(
        signals=signals, gaps=gaps, dropped_quotes=0, model="m", prompt=prompt, usage=None, attempts=1, cost_usd=None
    )


def quote(words: str) -> Span:
    """Return the place of some words of the story."""
    start = TEXT.index(words)
    return Span(start, start + len(words))


def signal(*spans: Span, rank: int = 1, polarity: str = "positive") -> SignalFinding:
    principle = OBSERVED.ranked[rank - 1].principle
    chosen = next(item for item in principle.signals if item.polarity == polarity)
    return SignalFinding(principle=principle.id, signal=chosen.id, spans=spans)


def model_gap(code: str) -> GapFinding:
    return GapFinding(code=GapCode(code), spans=(quote("two large customers"),))


def by_rules(principles: tuple[PrincipleFinding, ...]) -> list[PrincipleFinding]:
    """Return findings without what a model says of them."""
    said = {"missing_signals": (), "signals": (), "source": None, "disputed": False}
    return [principle.model_copy(update=said) for principle in principles]


def named_once() -> Observations:
    """Return what the rules saw, with the first principle's strongest sentence alone as its evidence."""
    first, *others = OBSERVED.ranked
    return OBSERVED._replace(ranked=(first._replace(readings=first.readings[:1]), *others))


def other_sentence(number: int = 1) -> Span:
    """Return a sentence that `named_once` leaves to the model to name."""
    sentence = OBSERVED.ranked[0].readings[number].sentence
    return Span(sentence.start, sentence.end)


@pytest.mark.parametrize(
    ("codes", "level"),
    [
        ([], 5),
        (["hedging"], 4),
        (["no-learning", "missing-task"], 4),
        (["no-baseline", "no-learning", "hedging"], 3),
        (["missing-metric"], 3),
        (["vague-result", "missing-metric"], 3),
        (["blames-others"], 3),
        (["weak-ownership"], 2),
        (["thin-action", "missing-metric"], 2),
        (["missing-situation", "missing-task", "missing-result"], 2),
        (["missing-situation", "thin-action", "vague-result"], 1),
        (list(GapCode), 1),
    ],
)
def test_the_strength_is_the_lowest_cap_of_the_open_gaps(codes, level):
    assert settled(with_gaps(*codes)).strength == level
    assert cap_level(5, [GapCode(code) for code in codes], RUBRIC) == level


@unhurried
@given(CODES, CODES, st.integers(1, 5))
def test_another_gap_never_raises_a_level(some, more, level):
    reached = cap_level(level, some, RUBRIC)

    assert 1 <= cap_level(level, some | more, RUBRIC) <= reached <= level


@pytest.mark.parametrize("code", GapCode)
def test_every_gap_costs_the_highest_strength(code):
    assert cap_level(5, [code], RUBRIC) < 5


@pytest.mark.parametrize(
    ("code", "severity", "target"),
    [
        ("weak-ownership", "error", {}),
        ("missing-metric", "error", {}),
        ("missing-metric", "warning", {"metric": "lenient"}),
        ("no-baseline", "warning", {}),
        ("no-baseline", "note", {"metric": "lenient"}),
        ("no-baseline", "error", {"level": "L7"}),
        ("no-learning", "warning", {}),
        ("no-learning", "warning", {"level": "L5"}),
        ("no-learning", "note", {"level": "L5", "role": "sde"}),
        ("no-learning", "warning", {"level": "L6", "role": "sde"}),
        ("hedging", "warning", {}),
    ],
)
def test_a_gap_weighs_as_the_rubric_says_for_role_level_and_principle(code, severity, target):
    metric = target.pop("metric", "required")
    (gap,) = settled(with_gaps(code, metric=metric), **target).gaps

    assert gap.severity == severity


@pytest.mark.parametrize(
    ("code", "severity"), [("weak-ownership", "warning"), ("hedging", "note"), ("missing-metric", "warning")]
)
def test_a_gap_that_the_text_leaves_open_is_a_step_milder_and_says_so(code, severity):
    (gap,) = settled(with_gaps(code, sure=False)).gaps

    assert gap.severity == severity
    assert gap.message.endswith("The text leaves it open.")


@pytest.mark.parametrize("code", GapCode)
def test_a_gap_carries_its_part_its_words_and_its_place(code):
    (gap,) = settled(with_gaps(code)).gaps

    assert gap.part is RUBRIC.gap_rule(code).part
    assert gap.source is Source.RULES
    assert gap.message
    assert gap.advice
    assert [evidence.quote for evidence in gap.evidence] == [TOLD[-1].text]


def test_gaps_come_by_severity_then_in_the_order_of_the_codes():
    gaps = settled(with_gaps("hedging", "blames-others", "no-learning", "missing-situation"), findings()).gaps
    order = [(list(Severity).index(gap.severity), list(GapCode).index(gap.code)) for gap in gaps]

    assert order == sorted(order)
    assert {gap.severity for gap in gaps} >= {Severity.ERROR, Severity.WARNING}


def test_a_gap_that_the_model_alone_saw_is_a_note_and_moves_nothing():
    alone = settled()
    beside = settled(findings=findings(gaps=(model_gap("weak-ownership"),)))
    (gap,) = [gap for gap in beside.gaps if gap.source is Source.MODEL]

    assert (gap.code, gap.severity, gap.source) == ("weak-ownership", Severity.NOTE, Source.MODEL)
    assert gap.part is Part.ACTION
    assert [evidence.quote for evidence in gap.evidence] == ["two large customers"]
    assert beside.strength == alone.strength
    assert by_rules(beside.principles) == by_rules(alone.principles)
    assert beside.star == alone.star


def test_a_gap_that_both_saw_says_so_and_stays_as_the_rules_tell_it():
    observed = with_gaps("hedging", "no-learning")
    alone = settled(observed)
    beside = settled(observed, findings(gaps=(model_gap("hedging"),)))

    assert {gap.code: gap.source for gap in beside.gaps} == {"hedging": Source.BOTH, "no-learning": Source.RULES}
    assert [as_rules(gap) for gap in beside.gaps] == list(alone.gaps)
    assert beside.strength == alone.strength


def as_rules(gap: Gap) -> Gap:
    return gap.model_copy(update={"source": Source.RULES, "disputed": False})


@unhurried
@given(CODES, CODES)
def test_no_finding_of_the_model_moves_the_strength(of_rules, by_model):
    observed = with_gaps(*of_rules)
    seen = findings(gaps=tuple(model_gap(code) for code in by_model), signals=(signal(quote("a longer timeout")),))
    beside = settled(observed, seen)

    assert beside.strength == settled(observed).strength
    assert {gap.code for gap in beside.gaps if gap.source is not Source.MODEL} == of_rules
    assert {gap.code for gap in beside.gaps} <= of_rules | by_model
    assert {gap.code for gap in beside.gaps if gap.source is Source.BOTH} == of_rules & by_model
    assert all(principle.level is None or principle.level <= beside.strength for principle in beside.principles)


def test_empty_findings_change_nothing_but_what_is_missing():
    alone, beside = settled(), settled(findings=findings())

    assert (beside.strength, beside.star) == (alone.strength, alone.star)
    assert [as_rules(gap) for gap in beside.gaps] == list(alone.gaps)
    assert by_rules(beside.principles) == by_rules(alone.principles)
    for found in beside.principles:
        signals = RUBRIC.principle(found.id).positive_signals
        assert found.missing_signals == tuple(item.text for item in signals[:3])


def test_a_signal_that_the_model_saw_is_not_missing():
    seen = signal(quote("a longer timeout"))
    (first, *_) = settled(findings=findings(signals=(seen,))).principles

    assert next(s.text for s in RUBRIC.principle(first.id).signals if s.id == seen.signal) not in first.missing_signals


def test_a_place_that_the_rules_can_confirm_is_added_behind_theirs_and_counts():
    observed = named_once()
    before = settled(observed).principles[0]
    after = settled(observed, findings(signals=(signal(other_sentence()),))).principles[0]

    assert after.evidence[: len(before.evidence)] == before.evidence
    assert [(item.start, item.end) for item in after.evidence[1:]] == [other_sentence()]
    assert (before.level, after.level) == (2, 3)
    assert (before.source, after.source) == (Source.RULES, Source.BOTH)


def test_many_confirmed_places_lift_a_level_by_one_alone():
    observed = named_once()
    seen = findings(signals=(signal(*(other_sentence(number) for number in (1, 2))),))

    assert settled(observed, seen).principles[0].level == 3
    assert len(settled(observed, seen).principles[0].evidence) == 3


def test_two_places_in_one_sentence_count_once():
    start, end = other_sentence()
    seen = findings(signals=(signal(Span(start, start + 20), Span(end - 20, end)),))

    assert len(settled(named_once(), seen).principles[0].evidence) == 2


def test_a_place_that_the_rules_cannot_confirm_is_shown_as_a_signal_and_counts_for_nothing():
    free = quote("two large customers had threatened to leave")
    before = settled().principles[0]
    after = settled(findings=findings(signals=(signal(free),))).principles[0]

    assert (after.evidence, after.level) == (before.evidence, before.level)
    assert [item.quote for item in after.signals[0].evidence] == ["two large customers had threatened to leave"]


def test_a_place_in_a_sentence_that_the_rules_name_adds_nothing():
    (first, *_) = settled().principles[0].evidence
    inside = Span(first.start + 2, first.end - 2)
    after = settled(findings=findings(signals=(signal(inside),))).principles[0]

    assert after.evidence == settled().principles[0].evidence


def test_no_level_comes_from_a_model_alone():
    first, *others = OBSERVED.ranked
    observed = OBSERVED._replace(ranked=(first._replace(readings=()), *others))
    found = settled(observed, findings(signals=(signal(other_sentence(0)),))).principles[0]

    assert (found.level, found.status, found.source) == (None, Status.NOT_ASSESSED, Source.MODEL)
    assert found.evidence == ()
    assert found.signals


def test_a_model_that_sees_nothing_of_it_disputes_a_finding():
    told = settled(with_gaps("hedging"), findings())

    assert [(gap.code, gap.disputed) for gap in told.gaps] == [("hedging", True)]
    assert all(item.disputed == (item.level is not None) for item in told.principles)


def test_a_model_that_was_not_asked_disputes_nothing():
    told = settled(with_gaps("hedging"), findings().model_copy(update={"gaps_asked": False, "asked": ()}))

    assert not any(gap.disputed for gap in told.gaps)
    assert not any(item.disputed or item.missing_signals for item in told.principles)


@pytest.mark.parametrize(
    ("rules", "model", "notes"),
    [
        (["missing-result"], ["missing-metric", "vague-result", "no-baseline"], set()),
        (["missing-metric"], ["no-baseline", "hedging"], {"hedging"}),
        ([], ["missing-result", "missing-metric"], {"missing-result"}),
    ],
)
def test_what_another_gap_implies_is_no_note(rules, model, notes):
    gaps = settled(with_gaps(*rules), findings(gaps=tuple(model_gap(code) for code in model))).gaps

    assert {gap.code for gap in gaps if gap.source is Source.MODEL} == notes


def test_a_negative_signal_is_shown_as_what_it_is():
    found = settled(findings=findings(signals=(signal(quote("a longer timeout"), polarity="negative"),)))

    assert [item.speaks_for for item in found.principles[0].signals] == [False]
    assert found.principles[0].disputed


def test_a_part_that_begins_where_the_model_says_is_seen_by_both():
    start = TEXT.index(TALES["invoices"].action)
    seen = findings().model_copy(update={"parts": (PartFinding(part=Part.ACTION, span=Span(start, start + 20)),)})

    assert {span.part for span in settled(findings=seen).star if span.source is Source.BOTH} == {Part.ACTION}


def test_the_model_s_questions_come_behind_those_of_the_rules():
    ask = Remark(text="Why not a longer timeout?", span=quote("a longer timeout"))
    doubt = Remark(text="nothing shows that they had", span=quote("two large customers had threatened to leave"))
    told = settled(findings=findings().model_copy(update={"probes": (ask,), "unproven": (doubt,)}))

    assert told.follow_ups[:-1] == settled().follow_ups
    assert (told.follow_ups[-1].question, told.follow_ups[-1].source) == (ask.text, Source.MODEL)
    assert told.follow_ups[-1].evidence.quote == "a longer timeout"
    assert [item.reason for item in told.unproven] == [doubt.text]


@pytest.mark.parametrize("changes", [{"polarity": "negative"}, {"rank": 2}])
def test_a_negative_signal_or_another_principle_s_adds_no_evidence(changes):
    free = quote("two large customers had threatened to leave")
    after = settled(findings=findings(signals=(signal(free, **changes),))).principles[0]

    assert after.evidence == settled().principles[0].evidence


@pytest.mark.parametrize(("sentences", "level"), [(0, None), (1, 2), (2, 3), (3, 4), (4, 5)])
def test_a_principle_s_level_follows_from_how_many_sentences_show_it(sentences, level):
    first = OBSERVED.ranked[0]._replace(readings=TOLD[:sentences])
    found = settled(with_gaps()._replace(ranked=(first, *OBSERVED.ranked[1:]))).principles[0]

    assert found.level == level
    assert found.status is (Status.ASSESSED if sentences else Status.NOT_ASSESSED)
    assert bool(found.reason) is (sentences == 0)


def test_no_principle_s_level_is_above_the_strength():
    first = OBSERVED.ranked[0]._replace(readings=TOLD[:4])
    found = settled(with_gaps("weak-ownership")._replace(ranked=(first, *OBSERVED.ranked[1:])))

    assert (found.strength, found.principles[0].level) == (2, 2)


def test_a_principle_that_the_author_declares_is_shown_wherever_it_ranks():
    last = OBSERVED.ranked[-1].principle.id
    found = settled(principles=(last,)).principles

    assert [item.rank for item in found] == [1, 2, 3, 4, 5, len(OBSERVED.ranked)]
    assert [item.declared for item in found] == [False] * 5 + [True]
    assert all(item.probes for item in found)


def test_neighbouring_sentences_of_one_part_make_one_stretch():
    spans = settled().star

    assert [span.part for span in spans] == [Part.SITUATION, Part.TASK, Part.ACTION, Part.RESULT]
    assert TEXT[spans[2].start : spans[2].end] == TALES["invoices"].action
    assert spans[3].end == len(TEXT.rstrip())


def with_samples(*numbers: int) -> Findings:
    """Return findings that so many answers agree on, each of which names so many further sentences."""
    answers = tuple(
        findings(signals=(signal(*(other_sentence(one) for one in range(1, number + 1))),) if number else ())
        for number in numbers
    )
    return answers[0].model_copy(update={"samples": answers})


@pytest.mark.parametrize(
    ("numbers", "level", "spread", "unsure"),
    [
        ((0, 0, 0), 2, (2, 2, 2), False),
        ((0, 0, 1), 2, (2, 2, 3), False),
        ((1, 0, 1), 3, (3, 2, 3), False),
        ((0, 2), 2, (2, 4), True),
        ((2, 2, 0), 3, (4, 4, 2), True),
    ],
)
def test_several_answers_make_the_median_and_say_how_far_they_lie_apart(numbers, level, spread, unsure):
    found = settled(named_once(), with_samples(*numbers)).principles[0]

    assert (found.level, found.sample_levels, found.low_confidence) == (level, spread, unsure)
