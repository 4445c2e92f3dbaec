import pytest

from app.coach.gate import Gate, Standing
from app.domain import (
    ArtefactRef,
    Assessment,
    Engine,
    Gap,
    GapCode,
    PrincipleFinding,
    Provenance,
    Severity,
    Source,
    Status,
    StoryRef,
    Suppression,
    Target,
)


def assessment(strength, *severities, status=Status.ASSESSED, levels=(), **gap):
    return Assessment(
        id="1",
        story=StoryRef(id=None, title=None, path=None, words=0, spoken_seconds=0),
        target=Target(role="sdm", level="L6"),
        status=status,
        strength=strength,
        summary="",
        gaps=tuple(Gap(code=GapCode.HEDGING, severity=s, part=None, message="", advice="", **gap) for s in severities),
        principles=tuple(
            PrincipleFinding(id=name, rank=1, level=level, status=Status.ASSESSED if level else Status.NOT_ASSESSED)
            for name, level in dict(levels).items()
        ),
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


@pytest.mark.parametrize("kind", ["comment", "baseline"])
def test_a_suppressed_gap_stops_nothing(kind):
    known = assessment(5, Severity.ERROR, suppressed=Suppression(kind=kind, reason="known"))
    assert not Gate(fail_on=Severity.NOTE).stops(known)


def test_a_suppressed_gap_does_not_make_a_weak_story_strong():
    known = assessment(2, Severity.ERROR, suppressed=Suppression(kind="comment", reason="known"))
    assert Gate(min_strength=3).stops(known)


def test_what_a_model_alone_sees_stops_nothing():
    assert not Gate(fail_on=Severity.NOTE).stops(assessment(5, Severity.NOTE, source=Source.MODEL))
    assert Gate(fail_on=Severity.NOTE).stops(assessment(5, Severity.NOTE, source=Source.BOTH))


def shortfalls(gate, *assessments):
    standing = Standing(gate)
    for one in assessments:
        standing.add(one)
    return standing.shortfalls()


@pytest.mark.parametrize(
    ("wanted", "strengths", "told"),
    [
        (3, (3, 3), ()),
        (3, (5, 1), ()),
        (3.5, (3, 4), ()),
        (3, (3, 2), ("the mean strength is 2.50, at least 3 is wanted",)),
        (3, (3,) * 999 + (2,), ("the mean strength is 2.999000, at least 3 is wanted",)),
        (1, (), ("no story has a strength, a mean of at least 1 is wanted",)),
        (1, (None,), ("no story has a strength, a mean of at least 1 is wanted",)),
        (None, (1, 1), ()),
    ],
)
def test_the_mean_strength_is_compared_exactly(wanted, strengths, told):
    assert shortfalls(Gate(min_mean_strength=wanted), *map(assessment, strengths)) == told


def test_a_principle_is_covered_by_the_best_story():
    gate = Gate(require_principles=("ownership", "dive-deep", "ownership", "frugality"))
    told = shortfalls(
        gate,
        assessment(4, levels={"ownership": 2, "dive-deep": 2, "frugality": None}),
        assessment(4, levels={"ownership": 3, "dive-deep": 1}),
    )
    assert told == (
        "dive-deep is not covered: the best level is 2, level 3 is wanted",
        "frugality is not covered: no story gives evidence for it, level 3 is wanted",
    )
