import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.observe import observe
from app.analysis.places import Places
from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.settle import settle
from app.domain import Assessment, FollowUp, Severity, Story, Target
from tests.unit.analysis.corpus import SETS, load_stories, rubric

ASSESSOR = Assessor(Catalog(), judge=None, max_story_chars=100_000)
QUOTED = re.compile(r"“(.*?)”", re.DOTALL)
NUMBER = re.compile(r"\d[\d.,]*\d|\d")
TARGETS = (("sde", "L5"), ("sdm", "L6"), ("sdm", "L7"))
STRONG = """
In spring 2023 our checkout at a bakery chain failed at the tills every Saturday. I was the lead and my goal was to end
it before summer. I read the logs myself because nobody agreed on the cause. I decided to drop the second cache. We
moved the tills in two nights. Failures fell from 30 a week to 1 in June. The date was approved. I learned to read logs
before I ask for money, and I still do it every Monday.
"""


def assess(text: str, role: str = "sdm", level: str = "L6", **fields: object) -> Assessment:
    return ASSESSOR.assess_by_rules(Story.model_validate({"text": text, "role": role, "level": level, **fields}))


def follow_ups_without_gaps(text: str, *declared: str, role: str = "sde", level: str = "L5") -> tuple[FollowUp, ...]:
    """Return the questions about a text in which the rules see no gap."""
    target = Target(role=role, level=level, principles=declared)
    observed = observe(text, rubric())._replace(gaps=())
    return settle(observed, None, rubric=rubric(), target=target, places=Places(text)).follow_ups


def asked_about(words: str) -> FollowUp:
    return next(item for item in follow_ups_without_gaps(STRONG) if words in item.evidence.quote)


def plain(text: str) -> str:
    return text.lower().replace("’", "'")


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("target", TARGETS)
def test_questions_are_few_short_and_bound_to_different_sentences(name, target):
    for story in load_stories(name):
        follow_ups = assess(story.text, *target).follow_ups
        assert len(follow_ups) <= 5, story.path
        assert len({item.evidence.start for item in follow_ups}) == len(follow_ups)
        assert len({item.question for item in follow_ups}) == len(follow_ups)
        for item in follow_ups:
            assert item.question.endswith("?")
            assert len(item.question.split()) <= 30, item.question
            assert story.text[item.evidence.start : item.evidence.end] == item.evidence.quote


@pytest.mark.parametrize("name", SETS)
def test_questions_invent_neither_words_nor_numbers(name):
    for story in load_stories(name):
        for item in assess(story.text, "sdm", "L7").follow_ups:
            strange = [quoted for quoted in QUOTED.findall(item.question) if plain(quoted) not in plain(story.text)]
            assert strange == [], story.path
            assert [n for n in NUMBER.findall(item.question) if n not in story.text] == [], story.path


@pytest.mark.parametrize("name", SETS)
def test_a_question_that_quotes_is_bound_to_the_sentence_it_quotes(name):
    for story in load_stories(name):
        for item in assess(story.text).follow_ups:
            quoted = QUOTED.findall(item.question)
            if quoted and item.gap is None:
                assert plain(quoted[0]) in plain(item.evidence.quote), story.path


WORDS = st.sampled_from(
    """I we she decided chose moved the ledger to a queue because it was slow . , In 2021 40 % faster dropped fell from
    300 ms everyone happy was approved by nobody learned and - * “so” \n team still uses it""".split(" ")
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=12, max_size=90).map(" ".join), st.sampled_from(TARGETS))
def test_no_text_makes_the_coach_invent_a_word_or_a_number(text, target):
    found = assess(text, *target)
    said = [item.question for item in found.follow_ups]
    said += [item.probe for item in found.expectations if item.probe]
    said += [gap.advice for gap in found.gaps]
    for sentence in said:
        assert [quoted for quoted in QUOTED.findall(sentence) if plain(quoted) not in plain(text)] == []
        assert [number for number in NUMBER.findall(sentence) if number not in text] == []


def test_a_decision_without_its_reason_is_asked_what_else_was_open():
    item = asked_about("drop the second cache")

    assert item.question == "“I decided to drop the second cache”: what else was open to you, and why not that?"


def test_a_deed_of_a_group_is_asked_for_the_own_part():
    assert asked_about("We\nmoved").question.endswith("which part of that was yours?")


def test_a_decision_without_an_agent_is_asked_who_took_it():
    assert asked_about("approved").question == "“The date was approved”: by whom, and what did you say to it?"


def test_a_weak_story_is_asked_first_what_closes_its_weightiest_gap():
    text = "Last year at the plant we improved the line. The team did a lot. It went really well and all were happy."
    found = assess(text)
    weightiest = next(gap for gap in found.gaps if gap.severity is Severity.ERROR)

    assert (found.follow_ups[0].question, found.follow_ups[0].gap) == (weightiest.advice, weightiest.code)


def test_a_declared_principle_s_probe_is_bound_to_its_evidence():
    item = next(item for item in follow_ups_without_gaps(STRONG, "dive-deep") if item.principle)
    ranked = next(item for item in observe(STRONG, rubric()).ranked if item.principle.id == "dive-deep")

    assert item.principle == "dive-deep"
    assert item.question == ranked.principle.probes[0]
    assert item.evidence.quote == ranked.readings[0].text


def test_what_the_level_expects_and_the_story_lacks_is_asked_with_its_id():
    known = {item.id: item.probe for item in rubric().expectations}
    asked = [item for item in follow_ups_without_gaps(STRONG, role="sdm", level="L7") if item.expectation]

    assert asked
    assert all(item.question == known[item.expectation or ""] for item in asked)


def test_what_the_level_expects_is_not_asked_again_as_a_principle_s_probe():
    for name in SETS:
        for story in load_stories(name)[:20]:
            assessed = assess(story.text)
            expected = {item.probe for item in assessed.expectations}
            asked = {item.question for item in assessed.follow_ups if item.principle is not None}
            assert not asked & expected, story.path
