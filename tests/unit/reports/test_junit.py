from typing import Any
from xml.etree import ElementTree as ET

import xmlschema
from hypothesis import given, settings

from app.coach.gate import Gate
from app.domain import Severity, Story, Suppression
from app.reports.junit import JunitReport
from app.reports.report import Trouble
from tests.unit.reports.hostile import PIECES, hostile_assessment, told_stories
from tests.unit.reports.samples import assessment, evidence, gap, not_assessed
from tests.unit.reports.writing import write

SCHEMA = xmlschema.XMLSchema("tests/schemas/junit-10.xsd")
STRICT = Gate(fail_on=Severity.ERROR, min_strength=3)


def suite(*told, gate=STRICT, base="", **summary) -> Any:
    text = write(JunitReport(gate, base=base), *told, **summary)
    SCHEMA.validate(text)
    return ET.fromstring(text)[0]  # noqa: S314 - made by this test


def test_a_suite_of_nothing_is_valid():
    assert suite().get("tests") == "0"


def test_a_story_is_a_case_named_by_its_title_in_its_file():
    [case] = suite(assessment()).findall("testcase")
    assert (case.get("name"), case.get("classname")) == ("The late train", "stories/train.md")


def test_a_gap_as_severe_as_fail_on_is_a_failure_with_its_place():
    value = assessment(gaps=(gap("hedging", "note"), gap("missing-metric", "error", evidence("It went well.", 7, 3))))
    found = suite(value)
    failure = found.find("testcase/failure")
    assert (found.get("failures"), failure.get("type"), failure.get("message")) == (
        "1",
        "blocking-gaps",
        "missing-metric",
    )
    assert "stories/train.md:7: error missing-metric: " in failure.text
    assert "hedging" not in failure.text


def test_a_weak_story_is_a_failure():
    failure = suite(assessment(strength=2, gaps=())).find("testcase/failure")
    assert failure.get("message") == "strength 2 of 5, at least 3 wanted"
    assert failure.get("type") == "below-min-strength"


def test_without_a_threshold_nothing_fails_and_the_gaps_are_still_told():
    found = suite(assessment(strength=1), gate=Gate())
    assert found.get("failures") == "0"
    assert "missing-metric" in found.find("testcase/system-out").text


def test_a_story_without_an_assessment_is_an_error_told_once():
    failed = not_assessed("model-unavailable: No answer.")
    errors = (
        Trouble(path="stories/train.md", id="s1", kind="model-unavailable", reason="No answer."),
        Trouble(path="bad.md", line=3, kind="unreadable-story", reason="unknown key"),
    )
    found = suite(failed, errors=errors, exit_code=3)
    assert (found.get("tests"), found.get("errors"), found.get("failures")) == ("2", "2", "0")
    assert [case.get("name") for case in found.findall("testcase")] == ["The late train", "bad.md:3"]
    assert found.findall("testcase/error")[1].get("type") == "unreadable-story"


def test_the_suite_tells_what_the_run_was_held_to():
    found = suite(assessment(), exit_code=1)
    facts = {item.get("name"): item.get("value") for item in found.findall("properties/property")}
    assert facts["fail-on"] == "error"
    assert facts["min-strength"] == "3"
    assert facts["exit-code"] == "1"
    assert facts["mean-strength"] == "4.00"
    assert facts["gaps.error"] == "1"


@settings(deadline=None, max_examples=60)
@given(told_stories())
def test_hostile_text_keeps_the_xml_well_formed_and_adds_no_element(told):
    found = suite(told)
    assert {element.tag for element in found.iter()} == {
        *("testsuite", "properties", "property", "testcase", "failure", "system-out")
    }


def test_text_comes_back_as_it_was_but_for_what_xml_forbids():
    for piece in PIECES:
        value = hostile_assessment(Story(text=piece, title="t", path="a.md"))
        assert suite(value).get("tests") == "1"
    odd = assessment(story={"title": 'a "b" <c> & d'})
    assert suite(odd).find("testcase").get("name") == 'a "b" <c> & d'


def test_a_suppressed_gap_fails_no_case():
    known = gap().model_copy(update={"suppressed": Suppression(kind="comment", reason="secret")})
    assert suite(assessment(gaps=(known,))).get("failures") == "0"
