"""Assessments for the tests of reports."""

from typing import Any

from app.domain import (
    ArtefactRef,
    Assessment,
    Delivery,
    Engine,
    Evidence,
    Gap,
    GapCode,
    Part,
    PrincipleFinding,
    Provenance,
    Severity,
    Shares,
    Source,
    StarSpan,
    Status,
    StoryRef,
    Target,
    Voices,
)

RUBRIC = ArtefactRef(name="leadership-principles", version="v1", sha256="0" * 64)


def evidence(quote: str, line: int = 1, column: int = 1, start: int = 0) -> Evidence:
    """Return a quote at a place."""
    return Evidence(quote=quote, start=start, end=start + len(quote), line=line, column=column)


def gap(code: str = "missing-metric", severity: str = "error", *quotes: Evidence, **fields: Any) -> Gap:
    """Return a gap with these quotes."""
    return Gap(
        code=GapCode(code),
        severity=Severity(severity),
        part=Part.RESULT,
        message="An outcome is told and no number measures it.",
        advice="Which number would show it?",
        source=fields.get("source", Source.RULES),
        disputed=fields.get("disputed", False),
        evidence=quotes,
    )


def principle(name: str, rank: int, level: int | None = 4, quote: str = "I cut it.", **fields: Any) -> PrincipleFinding:
    """Return what a story shows of a principle."""
    return PrincipleFinding(
        id=name,
        rank=rank,
        level=level,
        status=Status.ASSESSED if level else Status.NOT_ASSESSED,
        evidence=(evidence(quote, 3, 5),) if level else (),
        **fields,
    )


def assessment(**fields: Any) -> Assessment:
    """Return an assessment; each field can be set."""
    story: dict[str, Any] = {
        "id": "s1",
        "title": "The late train",
        "path": "stories/train.md",
        "words": 200,
        "spoken_seconds": 86,
        **fields.pop("story", {}),
    }
    made: dict[str, Any] = {"engine": Engine.RULES, "rubric": RUBRIC, "version": "0.1.0", **fields.pop("made", {})}
    values: dict[str, Any] = {
        "id": "a1",
        "target": Target(role="sdm", level="L6"),
        "status": Status.ASSESSED,
        "strength": 4,
        "summary": "Strength 4 of 5.",
        "star": (
            StarSpan(part=Part.SITUATION, start=0, end=10),
            StarSpan(part=Part.ACTION, start=10, end=30),
            StarSpan(part=Part.RESULT, start=30, end=40),
        ),
        "principles": (principle("dive-deep", 1), principle("ownership", 2, 3, declared=True)),
        "delivery": Delivery(
            words=200,
            seconds=86,
            seconds_fast=80,
            seconds_slow=92,
            parts=Shares(situation=25, task=0, action=50, result=25),
            clauses=Voices(i=6, we=2, others=1, nobody=1),
        ),
        "gaps": (gap("missing-metric", "error", evidence("It went well.", 7, 3)),),
        **fields,
    }
    return Assessment(story=StoryRef(**story), provenance=Provenance(**made), **values)


def not_assessed(reason: str = "the story has no words", **fields: Any) -> Assessment:
    """Return the assessment of a story that could not be judged."""
    return assessment(
        status=Status.NOT_ASSESSED,
        strength=None,
        reason=reason,
        star=(),
        delivery=None,
        principles=(),
        gaps=(),
        **fields,
    )
