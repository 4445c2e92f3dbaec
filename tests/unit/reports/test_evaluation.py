"""Evaluations as text and Markdown, and the stories that go wrong most."""

from app.catalog import Catalog
from app.coach.evaluate import evaluate_predictions
from app.coach.evaluate_changes import find_changes
from app.coach.evaluate_dataset import Case, Dataset, Label, Said
from app.coach.evaluate_floors import Floors, hold
from app.coach.settle import cap_level
from app.domain import Evidence, GapCode, Story
from app.reports.evaluation import Findings
from app.reports.evaluation_markdown import escape, render_markdown
from app.reports.evaluation_text import render_text
from app.reports.evaluation_worst import Suspect, explain, find_worst, lay_out_suspect

RUBRIC = Catalog().rubric("leadership-principles")
METRIC, RESULT, HEDGE = GapCode.MISSING_METRIC, GapCode.MISSING_RESULT, GapCode.HEDGING
HOSTILE = "\x1b[31m::error::<b>| x *y* @all\n## z"


def evaluate(said, **fields):
    label = {"id": "one", "gaps": (METRIC,), "strength": 3, "principles": ("ownership", "dive-deep"), **fields}
    case = Case(Story(id="one", text=HOSTILE), Label.model_validate(label))
    return evaluate_predictions(Dataset("made", (case,)), {"one": said})


def said_of(gaps=(METRIC,), strength=3, principles=("ownership",)):
    quote = Evidence(quote=HOSTILE, start=0, end=len(HOSTILE), line=1, column=1)
    return Said(gaps=gaps, strength=strength, principles=principles, quotes=dict.fromkeys(gaps, (quote,)))


def reasons_of(said, shipped=None, **fields):
    [result] = evaluate(said, **fields).results
    return list(explain(Suspect("made", result, shipped), RUBRIC))


def test_a_hostile_sentence_steers_neither_terminal_nor_markdown():
    findings = Findings(evaluate(said_of((METRIC, HEDGE))))
    text, markdown = render_text(findings), render_markdown(findings)
    assert "\x1b" not in text + markdown
    assert not any(line.startswith("::") for line in text.splitlines())
    assert "<b>" not in markdown
    assert "@all" not in markdown
    [row] = [line for line in markdown.splitlines() if "hedging" in line and "invented" in line]
    assert row.count("|") == 5


def test_escaped_text_is_one_line_without_markup():
    assert escape("a|b\n*c*") == "a&#124;b &#42;c&#42;"


def test_both_formats_show_the_same_sections():
    before, after = evaluate(said_of((HEDGE,), 5)), evaluate(said_of())
    findings = Findings(after, find_changes(before, after), tuple(hold(after, Floors(macro_f1=1, qwk=1))))
    text, markdown = render_text(findings), render_markdown(findings)
    for title in ("Figures", "Gaps", "Floors", "Figures that moved", "Stories that changed"):
        assert f"\n{title}\n" in f"\n{text}"
        assert f"\n## {title}\n" in markdown
    assert "better: missing-metric, hedging" in text
    assert ["strength", "QWK", "1", "-", "NO"] in [line.split() for line in text.splitlines()]


def test_the_worst_stories_come_first_and_a_faultless_one_never():
    good, bad, worse = (
        Suspect(name, evaluate(said).results[0])
        for name, said in (
            ("good", said_of()),
            ("bad", said_of(principles=("dive-deep", "ownership"))),
            ("worse", said_of((HEDGE,), 1, ("frugality",))),
        )
    )
    assert [suspect.dataset for suspect in find_worst([good, bad, worse], 5)] == ["worse", "bad"]
    assert [suspect.dataset for suspect in find_worst([good, bad, worse], 1)] == ["worse"]


def test_a_missed_gap_is_told_with_the_one_it_was_taken_for():
    assert "missing-metric: taken for missing-result, a gap of the same part" in reasons_of(said_of((RESULT,)))
    assert reasons_of(said_of(())) == ["missing-metric: an absence that was not seen"]
    quoted = reasons_of(said_of(()), evidence={METRIC: ["x"]})
    assert quoted == ["missing-metric: missed; a reader points at “x”"]


def test_an_invented_gap_is_told_with_what_the_shipped_weights_say():
    said = said_of((METRIC, HEDGE))
    assert "hedging: no reader saw it" in reasons_of(said)
    assert any("do not say it" in reason for reason in reasons_of(said, said_of()))
    assert any("say it too, of “" in reason for reason in reasons_of(said, said))
    assert any("counts neither way" in reason for reason in reasons_of(said, gap_votes={METRIC: 3, HEDGE: 1}))


def test_a_wrong_strength_is_laid_on_the_gaps_or_on_the_formula():
    ideal = cap_level(5, [METRIC], RUBRIC)
    assert any(
        f"strength 5 for {ideal}: the gaps are the cause" in one for one in reasons_of(said_of((), 5), strength=ideal)
    )
    assert any("strength 5 for 1: the formula is part of it" in one for one in reasons_of(said_of((), 5), strength=1))


def test_a_wrong_principle_and_an_unassessed_story_are_told():
    assert reasons_of(said_of(principles=("dive-deep", "ownership"))) == [
        "first principle: ownership stands at 2, behind dive-deep, which the readers name too"
    ]
    assert reasons_of(said_of(principles=("frugality",))) == [
        "first principle: ownership is not among the first 1, behind frugality"
    ]
    lost = Said(reason="too short")
    assert reasons_of(lost) == ["not assessed: too short"]
    section = lay_out_suspect(Suspect("made", evaluate(lost).results[0]), RUBRIC)
    assert section.rows[1] == ("strength", "-", "3")
