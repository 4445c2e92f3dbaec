from collections import Counter

import pytest
from hypothesis import given

from app.analysis.observe import observe
from app.analysis.principles import name_terms, rank_principles, score_text
from app.analysis.sections import Sign, read_sections
from app.analysis.sentences import split_sentences
from tests.unit.analysis.corpus import SETS, read_set, rubric
from tests.unit.analysis.tales import TALES
from tests.unit.analysis.texts import arbitrary_texts, unhurried


@unhurried
@given(arbitrary_texts)
def test_every_principle_gets_a_place_and_a_score(text: str):
    ranked = observe(text, rubric()).ranked

    assert sorted(item.principle.id for item in ranked) == sorted(rubric().principle_ids)
    assert [item.score for item in ranked] == sorted((item.score for item in ranked), reverse=True)


def test_a_text_without_words_leaves_the_rubric_s_order_to_ties():
    scores = score_text("")
    ranked = rank_principles((), rubric())

    assert [item.score for item in ranked] == sorted(scores.values(), reverse=True)
    assert all(item.readings == () for item in ranked)


@pytest.mark.parametrize(
    ("sentence", "principle"),
    [
        ("I phoned forty customers myself and changed the plan because of their complaints.", "customer-obsession"),
        ("I found the root cause by reading the raw logs and querying the data line by line.", "dive-deep"),
        ("I disagreed with the director openly, and once it was decided I committed to it.", "backbone"),
        ("I cut the cloud bill in half with the machines that we already had and no budget.", "frugality"),
        ("I coached two juniors every week until both were promoted.", "hire-and-develop"),
    ],
)
def test_a_typical_deed_fits_its_principle_among_the_first_two(sentence, principle):
    scores = score_text(sentence)
    first = sorted(scores, key=lambda name: -scores[name])[:2]

    assert any(principle in name for name in first)


@pytest.mark.parametrize("name", SETS)
def test_evidence_is_told_by_the_candidate_or_is_an_outcome_and_never_only_vague(name):
    for read in read_set(name):
        for item in read.observed.ranked:
            assert len(item.readings) <= 4
            assert len(set(item.readings)) == len(item.readings)
            assert not any(r.shows(Sign.VAGUE) and not r.shows(Sign.NUMBER) for r in item.readings), read.name


def test_no_more_sentences_are_given_than_asked_for():
    readings = read_sections(split_sentences(TALES["invoices"].text))

    assert max(len(item.readings) for item in rank_principles(readings, rubric(), most=1)) == 1


def test_a_principle_that_the_weights_do_not_know_comes_last_and_without_evidence():
    stranger = rubric().principles[0].model_copy(update={"id": "a-new-one"})
    wider = rubric().model_copy(update={"principles": (stranger, *rubric().principles)})
    last = rank_principles(read_sections(split_sentences(TALES["ward"].text)), wider)[-1]

    assert (last.principle.id, last.readings) == ("a-new-one", ())


def test_terms_are_words_and_pairs_as_often_as_they_stand():
    assert Counter(name_terms("I cut it, I cut 3!")) == {
        "i": 2,
        "cut": 2,
        "it": 1,
        "0": 1,
        "i cut": 2,
        "cut it": 1,
        "it i": 1,
        "cut 0": 1,
    }


def test_a_text_told_twice_fits_the_same_principles():
    text = TALES["ward"].text
    once, twice = score_text(text), score_text(text + text)
    order = sorted(once, key=lambda name: -once[name])

    assert order[0] == max(twice, key=lambda name: twice[name])
