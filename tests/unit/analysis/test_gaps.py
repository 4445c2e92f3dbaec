from itertools import chain

import pytest

from app.analysis.facts import gather_facts
from app.analysis.gaps import Formula, find_gaps, load_formulas, read_formulas
from app.analysis.measures import measure_story
from app.analysis.sections import read_sections
from app.analysis.sentences import split_sentences
from app.domain import GapCode
from tests.unit.analysis.corpus import SETS, codes, read_set
from tests.unit.analysis.tales import TALES, WEAKER, Tale

WEAK = [(code, name, tale) for code, tales in WEAKER.items() for name, tale in tales.items()]
INVOICES = TALES["invoices"].text
UNFINISHED = WEAKER[GapCode.MISSING_RESULT]["invoices"].text
SURE = Formula((), 5.0, 0.5)
OPEN = Formula((), 0.1, 0.5)
ABSENT = Formula((), -5.0, 0.5)


def facts_of(text: str):
    return gather_facts(read_sections(split_sentences(text)))


def found_with(text: str, **formulas: Formula) -> dict[str, bool]:
    """Return the codes that are found with these formulas, each with how sure it is."""
    table = {GapCode(name.replace("_", "-")): formula for name, formula in formulas.items()}
    return {sign.code.value: sign.sure for sign in find_gaps(facts_of(text), table)}


@pytest.mark.parametrize("name", TALES)
@pytest.mark.parametrize("form", ["text", "labelled"])
def test_a_whole_story_has_no_gap(name, form):
    assert codes(getattr(TALES[name], form)) == set()


@pytest.mark.parametrize("form", ["text", "labelled"])
@pytest.mark.parametrize(("code", "name", "tale"), WEAK)
def test_a_story_with_one_thing_wrong_has_the_gap(code: GapCode, name: str, tale: Tale, form: str):
    assert code.value in codes(getattr(tale, form)), name


@pytest.mark.parametrize(("code", "name", "tale"), WEAK)
def test_hardly_anything_else_is_found_in_it(code: GapCode, name: str, tale: Tale):
    follow = {
        GapCode.VAGUE_RESULT: {"missing-metric"},
        GapCode.MISSING_RESULT: {"no-learning", "thin-action"},
    }

    assert codes(tale.text) - {code.value} <= follow.get(code, set()), name


def test_every_code_has_a_formula_and_a_story_that_shows_it():
    assert set(load_formulas()) == set(WEAKER) == set(GapCode)


@pytest.mark.parametrize("name", SETS)
def test_every_code_appears_among_the_stories_people_write(name):
    found = {sign.code for read in read_set(name) for sign in read.observed.gaps}

    assert len(found) >= 11


def test_a_vague_result_is_unmeasured_too():
    for tale in WEAKER[GapCode.VAGUE_RESULT].values():
        assert {"missing-metric", "vague-result"} <= codes(tale.text)


@pytest.mark.parametrize("others", [("missing_metric", "vague_result", "no_baseline"), ("no_baseline",)])
def test_a_story_without_a_result_is_not_told_that_the_result_is_unmeasured_or_vague(others):
    assert found_with(UNFINISHED, missing_result=SURE, **dict.fromkeys(others, SURE)) == {"missing-result": True}


def test_an_unmeasured_result_is_not_told_that_its_number_lacks_a_yardstick():
    assert list(found_with(INVOICES, no_baseline=SURE, missing_metric=SURE)) == ["missing-metric"]


def test_a_result_that_is_clearly_told_may_lack_a_yardstick_and_is_never_vague():
    found = found_with(INVOICES, no_baseline=SURE, vague_result=SURE, missing_metric=ABSENT, missing_result=ABSENT)

    assert list(found) == ["no-baseline"]


@pytest.mark.parametrize("name", SETS)
def test_no_story_has_two_gaps_of_which_one_is_the_cause_of_the_other(name):
    for read in read_set(name):
        found = {sign.code.value for sign in read.observed.gaps}
        causes = {
            "missing-result": {"missing-metric", "vague-result", "no-baseline"},
            "missing-metric": {"no-baseline"},
        }
        assert not any(cause in found and found & excluded for cause, excluded in causes.items()), read.name


def test_gaps_come_in_the_order_of_the_codes_whatever_the_order_of_the_formulas():
    forced = dict.fromkeys(("hedging", "missing_task", "bloated_setup"), SURE)

    assert list(found_with(INVOICES, **forced)) == ["missing-task", "bloated-setup", "hedging"]


@pytest.mark.parametrize(("formula", "found"), [(SURE, {"hedging": True}), (OPEN, {"hedging": False}), (ABSENT, {})])
def test_a_gap_near_the_threshold_is_left_open(formula, found):
    assert found_with(INVOICES, hedging=formula) == found


@pytest.mark.parametrize("code", GapCode)
def test_whatever_gap_is_found_in_a_story_is_shown_by_some_of_its_sentences(code):
    for read in chain.from_iterable(map(read_set, SETS)):
        for sign in find_gaps(read.observed.facts, {code: SURE}):
            assert sign.code is code
            assert 1 <= len(sign.readings) <= 4, read.name
            assert set(sign.readings) <= set(read.observed.readings), read.name


@pytest.mark.parametrize("text", ["", " \n", "## Heading", "I was here.", "- \n- a", "Task:"])
def test_a_text_of_hardly_anything_breaks_nothing(text):
    assert all(sign.readings for sign in find_gaps(facts_of(text)))


def test_a_text_without_a_sentence_has_no_gap():
    assert find_gaps(facts_of("")) == ()


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (GapCode.THIN_ACTION, "I talked to everybody and made some improvements."),
        (GapCode.VAGUE_RESULT, "Things got significantly better and everybody was very pleased."),
        (GapCode.NO_BASELINE, "The handover got shorter by 60 %."),
        (GapCode.MISSING_RESULT, "When the surgeons objected to a second document,"),
        (GapCode.MISSING_TASK, "In the winter of 2022 I was working at a city hospital,"),
        (GapCode.MISSING_SITUATION, "As the charge nurse I was asked"),
        (GapCode.BLAMES_OTHERS, "The surgeons were useless,"),
        (GapCode.HEDGING, "I guess I sort of helped with that,"),
        (GapCode.WEAK_OWNERSHIP, "A one-page sheet was drawn for each bed"),
        (GapCode.MISSING_METRIC, "The inspector praised the handover in the report,"),
    ],
)
def test_a_gap_points_at_the_sentence_that_shows_it(code, shown):
    facts = facts_of(WEAKER[code]["ward"].text)
    (sign,) = (sign for sign in find_gaps(facts) if sign.code is code)

    assert any(reading.text.startswith(shown) for reading in sign.readings)


def test_a_bloated_setup_points_at_its_longest_sentences():
    facts = facts_of(WEAKER[GapCode.BLOATED_SETUP]["ward"].text)
    (sign,) = find_gaps(facts, {GapCode.BLOATED_SETUP: SURE})

    assert len(sign.readings) == 2
    assert min(r.words for r in sign.readings) >= max(r.words for r in facts.setup if r not in sign.readings)


@pytest.mark.parametrize("code", GapCode)
def test_every_formula_weighs_measures_that_exist(code):
    formula = load_formulas()[code]
    measures = measure_story(facts_of(INVOICES).told)

    assert {name for name, _ in formula.weights} <= set(measures)
    assert 0 < formula.threshold < 1
    assert 0 <= formula.probability(measures) <= 1


def test_formulas_are_read_from_a_table():
    row: dict[str, object] = {"weights": {"own": -1.5}, "intercept": 2, "threshold": 0.25}
    formulas = read_formulas({"hedging": row})

    assert formulas == {GapCode.HEDGING: Formula((("own", -1.5),), 2.0, 0.25)}
    assert formulas[GapCode.HEDGING].probability({"own": 2 / 1.5}) == 0.5
