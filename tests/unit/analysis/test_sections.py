import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.facts import gather_facts, likeliest, select_told
from app.analysis.features import name_tokens
from app.analysis.measures import measure_story
from app.analysis.observe import observe
from app.analysis.screen.screen import screen
from app.analysis.sections import Role, Sign, read_sections, smooth
from app.analysis.sentences import split_sentences
from tests.unit.analysis.corpus import SETS, read_set, rubric
from tests.unit.analysis.tales import TALES
from tests.unit.analysis.texts import arbitrary_texts, unhurried


def read(text: str):
    return read_sections(split_sentences(text))


rows = st.lists(
    st.lists(st.floats(0.001, 1), min_size=len(Role), max_size=len(Role)).map(
        lambda values: tuple(value / sum(values) for value in values)
    ),
    max_size=12,
)


@unhurried
@given(arbitrary_texts)
def test_any_text_can_be_observed(text: str):
    observed = observe(text, rubric())

    assert {reading.sentence for reading in observed.readings} <= set(screen(text).sentences)
    assert len(observed.ranked) == len(rubric().principles)
    assert all(set(sign.readings) <= set(observed.readings) for sign in observed.gaps)


@unhurried
@given(arbitrary_texts)
def test_probabilities_of_parts_add_up_and_the_likeliest_is_the_part(text: str):
    for reading in read(text):
        assert sum(reading.roles) == pytest.approx(1)
        assert reading.roles[reading.role] == max(reading.roles)
        assert all(0 <= value <= 1 for value in reading.signs)


@unhurried
@given(rows)
def test_smoothing_keeps_probabilities(table):
    smoothed = smooth(table)

    assert len(smoothed) == len(table)
    assert all(sum(row) == pytest.approx(1) and min(row) > 0 for row in smoothed)


def test_smoothing_follows_the_usual_order_of_a_story():
    action = (0.02, 0.02, 0.9, 0.02, 0.02, 0.02)
    torn = (0.46, 0.0, 0.0, 0.46, 0.04, 0.04)
    smoothed = smooth([action, torn])

    assert smoothed[1][Role.RESULT] > 2 * smoothed[1][Role.SITUATION]


def test_a_sure_sentence_is_not_overruled_by_its_neighbours():
    sure = [tuple(0.95 if role is wanted else 0.01 for role in Role) for wanted in (Role.RESULT, Role.SITUATION)]

    assert [max(Role, key=lambda role: row[role]) for row in smooth(sure)] == [Role.RESULT, Role.SITUATION]


@pytest.mark.parametrize("tale", TALES.values())
@pytest.mark.parametrize("form", ["text", "labelled"])
def test_the_parts_of_a_whole_story_are_told_apart(tale, form):
    roles = [reading.role for reading in read(getattr(tale, form)) if reading.role is not Role.NONE]

    assert roles[:2] == [Role.SITUATION, Role.TASK]
    assert roles[2:5] == [Role.ACTION] * 3
    assert roles[5] is Role.RESULT
    assert set(roles[6:]) == {Role.LEARNING}


def test_headings_and_labels_belong_to_no_part_and_show_nothing():
    for reading in read("## Result\n\n**Action:** I called her.\n\nTask:\nFix it."):
        if reading.text in {"Result", "**Action:**", "Task:"}:
            assert (reading.role, reading.acts, set(reading.signs)) == (Role.NONE, (), {0.0})
        else:
            assert any(reading.signs)


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("## Situation", Role.SITUATION),
        ("**Task**", Role.TASK),
        ("What I did:", Role.ACTION),
        ("## Results", Role.RESULT),
        ("### What I learned", Role.LEARNING),
    ],
)
def test_a_heading_pulls_the_sentence_below_it_to_its_part(heading, role):
    sentence = "The supplier of the pumps sent two people and a van."
    bare, under = (read(f"{start}\n\n{sentence}")[-1].roles[role] for start in ("", heading))

    assert under > bare


@pytest.mark.parametrize(
    ("sign", "sentence"),
    [
        (Sign.NUMBER, "Calls fell from 40 a day to 12 within six weeks."),
        (Sign.VAGUE, "In the end it went really well and everyone was happy."),
        (Sign.LEARNING, "I learned to ask for the raw failures first."),
        (Sign.DECISION, "I chose the smaller change, because a rewrite would have taken until summer."),
        (Sign.RESPONSIBILITY, "I was asked to bring the handover down to fifteen minutes."),
        (Sign.HEDGE, "I guess I kind of helped a little bit with that."),
        (Sign.BLAME, "The other team was incompetent and too lazy to read the logs."),
        (Sign.GENERIC, "I worked with everybody on improving the process."),
    ],
)
def test_a_sentence_shows_its_sign(sign, sentence):
    told = read(TALES["ward"].situation + "\n\n" + sentence)[-1]
    plain = read(TALES["ward"].situation + "\n\n" + "The pump stood beside the wall.")[-1]

    assert told.shows(sign)
    assert not plain.shows(sign)


def test_facts_come_from_the_sentences_that_tell_the_story():
    facts = gather_facts(read(TALES["ward"].labelled))

    assert {reading.text for reading in facts.told} & {"Situation", "Task", "Action", "Result", "Learning"} == set()
    assert [reading.role for reading in facts.setup] == [Role.SITUATION, Role.TASK]
    assert (facts.own_acts, facts.group_acts, facts.unowned_acts) >= (4, 0, 0)
    assert facts.own_acts > facts.group_acts + facts.unowned_acts
    assert 0 < facts.setup_share < 0.5
    assert facts.words == sum(reading.words for reading in facts.told)


def test_a_text_of_headings_alone_is_told_by_its_headings():
    readings = read("## One thing\n\n## Another thing")

    assert select_told(readings) == readings
    assert gather_facts(()).setup_share == 0


def test_the_likeliest_sentences_come_first_and_ties_in_order():
    readings = read(TALES["invoices"].text)
    ordered = likeliest(readings, Sign.NUMBER, len(readings))

    assert [round(r.signs[Sign.NUMBER], 6) for r in ordered] == sorted(
        (round(r.signs[Sign.NUMBER], 6) for r in readings), reverse=True
    )
    assert likeliest(readings, Sign.NUMBER, 1) == ordered[:1]
    assert likeliest(readings[:2] + readings[:2], Sign.NUMBER, 4)[::2] != ()


@pytest.mark.parametrize("name", SETS)
def test_every_measure_of_every_story_is_a_finite_number(name):
    names = set(measure_story(read("I was here.")))
    for item in read_set(name):
        measures = measure_story(item.observed.facts.told)
        assert set(measures) == names
        assert all(abs(value) < 50 for value in measures.values()), item.name
        assert all(0 <= measures[key] <= 1 for key in measures if "share" in key), item.name


def test_numbers_become_one_token_and_apostrophes_are_alike():
    assert name_tokens("I've cut 1,200 calls by 12%!") == name_tokens("I’ve cut 7 calls by 99.5%!")
    assert name_tokens("A -> B: É's 3") == ["a", "->", "b", ":", "é's", "0"]
