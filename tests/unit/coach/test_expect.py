import re

import pytest

from app.analysis.observe import observe
from app.analysis.places import Places
from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.expect import hold_against_target, tell_expectations
from app.domain import Assessment, ExpectationFinding, Severity, Story, Target
from app.rubric import Mark
from tests.unit.analysis.corpus import SETS, load_stories, rubric

ASSESSOR = Assessor(Catalog(), judge=None, max_story_chars=100_000)
OWN_TEAM = """
I manage the billing team. In spring the invoice run failed every month end and customers complained. My job was to make
it pass. I decided to read the logs first because nobody knew the cause. I rewrote the batch step in two weeks, since
the old one could not resume. The run passed in May and complaints fell from 40 a month to 2. I learned to look at the
logs before I ask for people.
"""
REACHING = f"""{OWN_TEAM}
I convinced the director of the payments organisation to change her calendar too. Two other teams adopted the
checklist that I wrote, and it is still in use a year later. Every week I review the failures with my leads.
"""
PERSON = """
I led a team of nine. One of my engineers missed his deadlines three times in spring. My task was to find out why. I sat
down with him and told him that his reviews came too late, because he deserved to hear it from me. We agreed on a plan
with goals for six weeks, in writing. He met four of five goals and was promoted in 2024.
"""


def held(text: str, role: str, level: str, *principles: str) -> dict[str, ExpectationFinding]:
    target = Target(role=role, level=level, principles=principles)
    found = hold_against_target(observe(text, rubric()), rubric=rubric(), target=target)
    return {item.id: item for item in tell_expectations(found, Places(text))}


def assess(text: str, role: str = "sdm", level: str = "L6", **fields: object) -> Assessment:
    story = Story.model_validate({"text": text, "role": role, "level": level, **fields})
    return ASSESSOR.assess_by_rules(story)


def test_a_manager_is_asked_for_a_mechanism_and_an_engineer_is_not():
    assert not held(OWN_TEAM, "sdm", "L6", "ownership")["mechanism-tool"].met
    assert "mechanism-tool" not in held(OWN_TEAM, "sde", "L6", "ownership")


def test_whether_a_tool_is_used_and_inspected_is_asked_only_once_there_is_one():
    without = held(OWN_TEAM, "sdm", "L6", "ownership")
    beside = held(REACHING, "sdm", "L6", "ownership")

    assert not {"mechanism-adoption", "mechanism-inspection"} & set(without)
    assert beside["mechanism-tool"].met
    assert beside["mechanism-adoption"].met
    assert beside["mechanism-inspection"].met


def test_a_tool_matters_less_at_l5():
    severities = [held(OWN_TEAM, "sdm", level, "ownership")["mechanism-tool"].severity for level in ("L5", "L6", "L7")]

    assert severities == [Severity.NOTE, Severity.WARNING, Severity.WARNING]


def test_l7_asks_for_influence_beyond_the_own_team_and_for_what_lasts():
    small, large = held(OWN_TEAM, "sdm", "L7"), held(REACHING, "sdm", "L7")

    for name in ("moved-other-organisations", "lasts-beyond-own-team"):
        assert not small[name].met
        assert small[name].probe
        assert large[name].met
        assert large[name].evidence
    assert not {"moved-other-organisations", "lasts-beyond-own-team"} & set(held(OWN_TEAM, "sdm", "L6"))


def test_l7_caps_a_story_of_one_team_and_says_why():
    at_l6, at_l7 = assess(OWN_TEAM), assess(OWN_TEAM, level="L7")

    assert at_l7.strength is not None
    assert at_l6.strength is not None
    assert at_l7.strength <= 3 < at_l6.strength
    assert any(limit.expectations and "L7" in limit.reason for limit in at_l7.limits)


def test_a_people_story_is_asked_for_one_person_and_what_was_said():
    told = held(PERSON, "sdm", "L6", "hire-and-develop-the-best")

    assert told["one-person"].met
    assert told["what-was-said"].met
    assert told["fair-to-low-performer"].met
    assert not held(OWN_TEAM, "sdm", "L6", "hire-and-develop-the-best")["one-person"].met
    assert "what-was-said" not in held(OWN_TEAM, "sdm", "L6", "hire-and-develop-the-best")


def test_an_assignment_carried_out_caps_ownership_at_l7_alone():
    text = REACHING.replace("I decided to read", "I was told to read").replace(
        "nobody knew the cause", "the log is long"
    )
    levels = {
        level: next(
            p.level for p in assess(text, level=level, principles=("ownership",)).principles if p.id == "ownership"
        )
        for level in ("L6", "L7")
    }

    assert not held(text, "sdm", "L7", "ownership")["taken-on-unasked"].met
    assert levels["L7"] is None or levels["L7"] <= 3


@pytest.mark.parametrize(("role", "level"), [("sde", "L5"), ("sdm", "L6"), ("sdm", "L7")])
def test_role_and_level_change_what_is_asked(role, level):
    others = [("sde", "L5"), ("sdm", "L6"), ("sdm", "L7")]
    asked = {
        target: {item.id: item.severity for item in assess(OWN_TEAM, *target, principles=("ownership",)).expectations}
        for target in others
    }
    probes = {target: assess(OWN_TEAM, *target, principles=("ownership",)).follow_ups for target in others}

    for other in others:
        if other != (role, level):
            assert asked[role, level] != asked[other]
            assert probes[role, level] != probes[other]


@pytest.mark.parametrize("name", SETS)
def test_no_expectation_moves_the_strength_at_the_default_target(name):
    plain = rubric().model_copy(update={"expectations": ()})
    caps = tuple(cap for cap in plain.formula.caps if not cap.expectations)
    assert all(not cap.gaps for cap in plain.formula.caps if cap.expectations)
    for story in load_stories(name):
        found = assess(story.text)
        codes = {gap.code for gap in found.gaps}
        expected = min((c.at_most for c in caps if sum(g in codes for g in c.gaps) >= c.at_least), default=5)
        assert found.strength in {None, expected}, story.path


@pytest.mark.parametrize("name", SETS)
def test_what_is_met_is_quoted_and_what_is_not_is_asked_for(name):
    for story in load_stories(name):
        for item in assess(story.text, level="L7").expectations:
            assert item.met is bool(item.evidence)
            assert item.met is (item.probe is None)
            for evidence in item.evidence:
                assert story.text[evidence.start : evidence.end] == evidence.quote


@pytest.mark.parametrize("text", ["", "Nope.", "I did it.", "It went well!", "## Task\n\n- \n", "We won. " * 8])
def test_tiny_stories_are_asked_nothing_that_is_not_there(text):
    for level in ("L5", "L6", "L7"):
        found = assess(text, level=level)
        if found.strength is None:
            assert found.expectations == ()
            assert found.follow_ups == ()
            assert found.delivery is None
        for item in found.follow_ups:
            assert item.evidence.quote in text


def test_every_mark_is_named_by_an_expectation_and_every_probe_is_a_short_question():
    named = {mark for item in rubric().expectations for mark in (*item.shown_by, *item.when)}

    assert named == set(Mark)
    for item in rubric().expectations:
        assert item.probe.endswith("?")
        assert len(item.probe.split()) <= 25
        assert not re.search(r"\d", item.probe)
