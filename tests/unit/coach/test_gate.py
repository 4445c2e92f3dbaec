import pytest

from app.coach.gate import Gate
from app.domain import (
    ArtefactRef,
    Assessment,
    Engine,
    Gap,
    GapCode,
    Provenance,
    Severity,
    Status,
    StoryRef,
    Target,
)


def assessment(strength, *severities, status=Status.ASSESSED):
    return Assessment(
        id="1",
        story=StoryRef(id=None, title=None, path=None, words=0, spoken_seconds=0),
        target=Target(role="sdm", level="L6"),
        status=status,
        strength=strength,
        summary="",
        gaps=tuple(Gap(code=GapCode.HEDGING, severity=s, part=None, message="", advice="") for s in severities),
        provenance=Provenance(engine=Engine.RULES, rubric=ArtefactRef(name="r", version="v1", sha256="0"), version="0"),
    )


@pytest.mark.parametrize(
    ("fail_on", "severity", "stops"),
    [
        ("error", "error", True),
        ("error", "warning", False),
        ("error", "note", False),
        ("warning", "error", True),
        ("warning", "warning", True),
        ("warning", "note", False),
        ("note", "error", True),
        ("note", "note", True),
        (None, "error", False),
    ],
)
def test_a_gap_this_severe_or_worse_stops(fail_on, severity, stops):
    gate = Gate(fail_on=fail_on and Severity(fail_on))
    assert gate.stops(assessment(5, Severity(severity))) is stops


@pytest.mark.parametrize(("strength", "stops"), [(2, True), (3, False), (4, False)])
def test_a_weaker_story_stops(strength, stops):
    assert Gate(min_strength=3).stops(assessment(strength)) is stops


def test_a_story_without_a_strength_does_not_pass_a_strength():
    assert Gate(min_strength=1).stops(assessment(None, status=Status.PARTIAL))


def test_a_story_that_was_not_assessed_is_neither_below_nor_above():
    assert not Gate(min_strength=5, fail_on=Severity.NOTE).stops(assessment(None, status=Status.NOT_ASSESSED))


def test_nothing_is_asked_by_default():
    assert not Gate().stops(assessment(1, Severity.ERROR))
