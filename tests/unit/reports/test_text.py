import re
from typing import Any

import pytest

from app.domain import (
    Answer,
    Delivery,
    Engine,
    ExpectationFinding,
    FollowUp,
    GapCode,
    Limit,
    Part,
    Severity,
    ShownSignal,
    Source,
    StarSpan,
    Status,
    Suppression,
    Target,
    TieBreak,
    Unproven,
    Unsupported,
)
from app.reports.report import Summary, Tally
from app.reports.terminal import Style, cells
from app.reports.text import TextReport, render_assessment
from tests.unit.reports.samples import assessment, evidence, gap, not_assessed, principle

HOSTILE = "::error::\x1b[31m\u202e ##[group]x\n::add-mask::y \x07\x9b "


def render(value, **style):
    return render_assessment(value, Style(**style), {"dive-deep": "Dive Deep"})


def signal(text, *, speaks_for=True, quote="I cut it.") -> ShownSignal:
    return ShownSignal(id="cuts-scope", text=text, speaks_for=speaks_for, evidence=(evidence(quote),))


def summary_of(*values, below=0, **fields) -> Summary:
    tally = Tally()
    for index, value in enumerate(values):
        tally.add(value, below=index < below)
    return tally.summary(0).model_copy(update=fields)


def test_a_story_reads_like_this(snapshot):
    value = assessment(
        target=Target(role="sdm", level="L6", question="Tell me about a time you were late."),
        limits=(Limit(at_most=4, reason="A smaller gap leaves a question open.", gaps=(GapCode.NO_LEARNING,)),),
        tie_break=TieBreak(
            between=("dive-deep", "ownership"),
            margin=0.1,
            ask="Was it yours to solve?",
            answers=(Answer(answer="yes", principle="ownership"), Answer(answer="no", principle="dive-deep")),
        ),
        unsupported=(
            Unsupported(
                principle="think-big",
                rank=9,
                reason="Think Big ranks 9 of 16 by the evidence; the story rather shows Dive Deep.",
                instead="dive-deep",
                ask="Was the direction bolder?",
            ),
        ),
        expectations=(
            ExpectationFinding(
                id="mechanism-tool",
                met=False,
                text="A tool solves it.",
                probe="What stops it?",
                severity=Severity.WARNING,
            ),
            ExpectationFinding(
                id="own-decision",
                met=True,
                text="One decision is the manager's own.",
                severity=Severity.NOTE,
                evidence=(evidence("I cut it."),),
            ),
        ),
        follow_ups=(
            FollowUp(question="Which number?", evidence=evidence("It went well."), gap=GapCode.MISSING_METRIC),
            FollowUp(question="“I cut it”: what else was open to you?", evidence=evidence("I cut it.")),
        ),
        gaps=(
            gap("no-learning", "note", evidence("So that was that.", 9, 1, 90)),
            gap("missing-metric", "error", evidence("It went well.", 7, 3, 60), evidence("All were happy.", 8, 1, 80)),
            gap("hedging", "warning", source=Source.BOTH),
        ),
        made={"engine": Engine.LLM, "model": "test-model", "dropped_quotes": 2},
    )
    assert render(value) == snapshot


def test_gaps_come_by_severity_and_then_by_place():
    value = assessment(
        gaps=(
            gap("hedging", "note", evidence("a", start=1)),
            gap("vague-result", "error", evidence("b", start=9)),
            gap("thin-action", "error", evidence("c", start=2)),
            gap("no-learning", "warning", evidence("d", start=3)),
        )
    )
    order = re.findall(r"■ \w+ +([\w-]+)", render(value))
    assert order == ["thin-action", "vague-result", "no-learning", "hedging"]


def test_a_place_can_be_clicked_where_there_is_a_file():
    assert " │ stories/train.md:7:3\n" in render(assessment())
    assert " │ line 7:3\n" in render(assessment(story={"path": None}))


def test_many_places_of_one_gap_are_counted():
    quotes = [evidence("It went well.", line) for line in range(1, 9)]
    text = render(assessment(gaps=(gap("hedging", "note", *quotes),)))
    assert text.count("It went well.") == 3
    assert "and 5 more" in text


def test_who_saw_a_gap_is_told_where_a_model_took_part():
    text = render(assessment(gaps=(gap("hedging", "note", source=Source.MODEL), gap(source=Source.BOTH))))
    assert "seen by the model" in text
    assert "seen by rules and model" in text


@pytest.mark.parametrize("width", [80, 120])
def test_what_a_model_says_of_a_story_reads_like_this(snapshot, width):
    signals = (
        signal(
            "Goes to the records or to the place where the work is done, rather than to somebody's summary of them."
        ),
        signal("Finds a cause that others had not seen."),
        signal("Asks again until the numbers agree."),
        signal("Takes a report at its word.", speaks_for=False, quote="They told me that it was fine, so I left it."),
    )
    value = assessment(
        principles=(
            principle("dive-deep", 1, source=Source.BOTH, signals=signals),
            principle("ownership", 2, 3, disputed=True, low_confidence=True, sample_levels=(1, 3, 4)),
            principle("frugality", 9, None, source=Source.MODEL, signals=(signal("Does more with less."),)),
        ),
        gaps=(gap("missing-metric", "error", evidence("It went well.", 7, 3), disputed=True),),
        unproven=(
            Unproven(
                reason="Nothing says who measured this, or what it was before the change was made to the two lines.",
                evidence=evidence("Everybody agreed that the line had never been run as well as in that one spring."),
            ),
        ),
        made={"engine": Engine.LLM, "model": "test-model", "degraded": True},
    )
    text = render(value, width=width)
    assert max(cells(line) for line in text.splitlines()) <= width
    assert text == snapshot


def test_a_story_without_gaps_says_so():
    assert render(assessment(gaps=())).endswith("No gaps\n")


def test_principles_without_evidence_leave_no_hole_in_the_numbers():
    shown = (principle("dive-deep", 1), principle("think-big", 2, None), principle("ownership", 3))
    declared = principle("frugality", 9, declared=True)
    text = render(assessment(principles=(*shown, declared)))
    assert re.findall(r"^ *(\d+) [A-Z]", text, re.MULTILINE) == ["1", "2", "9"]


def test_a_declared_principle_without_evidence_is_told():
    value = assessment(principles=(principle("dive-deep", 1), principle("think-big", 2, None, declared=True)))
    assert "   no evidence of Think big (declared)\n" in render(value)


def test_a_story_that_was_not_assessed_shows_its_reason_and_no_grade():
    text = render(not_assessed("timeout: the model did not answer in time"))
    assert "not assessed: timeout: the model did not answer in time" in text
    assert "/5" not in text
    assert "gaps" not in text.lower()


def test_a_partly_assessed_story_shows_both():
    text = render(assessment(status=Status.PARTIAL, reason="one principle could not be judged"))
    assert "4/5 meets the bar" in text
    assert "partly assessed: one principle could not be judged" in text


@pytest.mark.parametrize("width", [40, 80, 100])
@pytest.mark.parametrize("colour", [True, False])
def test_no_line_is_wider_than_the_terminal(width, colour):
    long = "a very long word " * 20 + "x" * 200
    value = assessment(
        story={"title": long, "path": "folder/" * 9 + "s.md"},
        principles=(principle("strive-to-be-earths-best-employer", 1, quote=long, declared=True),),
        gaps=(gap("missing-metric", "error", evidence(long, 7, 3)), gap("hedging", "note", evidence("東京" * 90))),
        target=Target(role="sdm", level="L6", question=long),
    )
    lines = re.sub(r"\x1b\[[0-9;]*m", "", render(value, width=width, colour=colour)).splitlines()
    too_wide = [line for line in lines if cells(line) > width and "s.md:" not in line]
    assert too_wide == []


@pytest.mark.parametrize(
    "fields",
    [
        {"story": {"title": HOSTILE * 9}},
        {"story": {"title": None, "path": HOSTILE}},
        {"target": Target(role="sdm", level="L6", question=HOSTILE * 9)},
        {"gaps": (gap("hedging", "note", evidence(HOSTILE * 9)),)},
        {"principles": (principle("dive-deep", 1, quote=HOSTILE * 9),)},
        {"made": {"engine": Engine.LLM, "model": HOSTILE}},
        {"principles": (principle("dive-deep", 1, signals=(signal(HOSTILE), signal(HOSTILE, speaks_for=False))),)},
        {"unproven": (Unproven(reason=HOSTILE * 9, evidence=evidence(HOSTILE)),)},
        {"status": Status.PARTIAL, "reason": HOSTILE},
    ],
)
def test_no_part_of_a_story_can_steer_the_terminal_or_the_runner(fields: Any):
    report = TextReport(Style(width=80))
    value = assessment(**fields)
    text = report.begin() + report.add(value) + report.add(value) + report.end(summary_of(value, value))
    assert not set(text) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert "##[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


@pytest.mark.parametrize(
    ("lengths", "letters"),
    [
        ([10, 0, 20, 10], {"S": 18, "T": 0, "A": 37, "R": 18}),
        ([1, 1, 996, 2], {"S": 1, "T": 1, "A": 70, "R": 1}),
        ([0, 0, 5, 0], {"S": 0, "T": 0, "A": 73, "R": 0}),
        ([1, 1, 1, 1], {"S": 19, "T": 18, "A": 18, "R": 18}),
    ],
)
def test_the_bar_fills_the_line_and_shows_every_part_that_is_there(lengths, letters):
    spans, start = [], 0
    for part, length in zip(Part, lengths, strict=True):
        if length:
            spans.append(StarSpan(part=part, start=start, end=start + length))
        start += length
    text = render(assessment(star=tuple(spans), delivery=None))
    bar = next(line for line in text.splitlines() if re.fullmatch(r" +[STAR]+", line)).strip()
    assert {letter: bar.count(letter) for letter in "STAR"} == letters
    percents = [int(number) for number in re.findall(r"(\d+) %", text)]
    assert sum(percents) == 100


def test_the_terminals_colours_add_nothing_but_colour():
    plain = re.sub(r"[STARIwo-]{20,}", "bar", render(assessment()))
    coloured = re.sub(r"\x1b\[[0-9;]*m", "", render(assessment(), colour=True))
    assert re.sub("━+", "bar", coloured) == plain


def test_one_story_that_passed_needs_no_table():
    report = TextReport()
    value = assessment()
    report.add(value)
    assert report.end(summary_of(value)) == ""


def test_several_stories_end_with_a_line_each_and_the_totals(snapshot):
    values = [
        assessment(),
        assessment(strength=2, gaps=(gap(), gap("hedging", "note")), story={"path": "p/" * 40 + "s.md"}),
        not_assessed(story={"path": None, "title": "Untold"}),
    ]
    report = TextReport()
    for value in values:
        report.add(value)
    assert report.end(summary_of(*values, below=1, unreadable=1, stories=4, interrupted=True)) == snapshot


def test_bars_tell_the_share_of_the_parts_and_who_acts():
    lines = [line.strip() for line in render(assessment()).splitlines()]

    assert "Situation 25 %   Task 0 %   Action 50 %   Result 25 %" in lines
    assert "clauses: I 6   we 2   others 1   nobody 1" in lines
    acting = next(line for line in lines if re.fullmatch("[Iwo-]+", line))
    assert len(acting) == 73
    assert acting.count("I") > acting.count("w") > acting.count("o")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(40, "40 s aloud (80 s to 92 s), brief"), (86, "1 min 26 s aloud"), (200, "3 min 20 s"), (260, "too long")],
)
def test_the_spoken_length_comes_with_its_band_and_what_is_odd_about_it(seconds, told):
    delivery = assessment().delivery
    assert isinstance(delivery, Delivery)
    text = " ".join(render(assessment(delivery=delivery.model_copy(update={"seconds": seconds}))).split())
    told = told.replace("(80 s to 92 s)", "(1 min 20 s to 1 min 32 s)")
    assert told in text
    assert (", brief" in text) is (seconds < 60)
    assert (", long" in text) is (180 < seconds <= 240)


def test_a_declared_principle_is_flagged_once():
    value = assessment(
        principles=(principle("dive-deep", 1), principle("think-big", 2, None, declared=True)),
        unsupported=(Unsupported(principle="think-big", rank=2, reason="No sentence gives evidence for Think Big."),),
    )
    text = render(value)

    assert "   Declared: No sentence gives evidence for Think Big.\n" in text
    assert "no evidence of" not in text


def test_questions_that_stand_elsewhere_are_not_asked_twice():
    value = assessment(
        follow_ups=(
            FollowUp(question="Which number?", evidence=evidence("It went well."), gap=GapCode.MISSING_METRIC),
            FollowUp(question="What stops it?", evidence=evidence("I cut it."), expectation="mechanism-tool"),
        )
    )

    assert "An interviewer may ask next" not in render(value)


def test_suppressed_gaps_stand_last_and_dim_with_their_reason():
    known = gap("hedging", "error").model_copy(update={"suppressed": Suppression(kind="comment", reason="\x1b[1mso")})
    value = assessment(gaps=(known, gap("no-learning", "note")))
    text = render_assessment(value, Style(), {})
    assert text.index(" ■ note    no-learning") < text.index(" □ error   hedging\n   suppressed: \\x1b[1mso\n")
    assert " ■ error" not in text


def test_suppressed_gaps_are_counted_apart_and_what_the_run_lacks_is_told():
    known = gap("hedging", "error").model_copy(update={"suppressed": Suppression(kind="baseline", reason="known")})
    value = assessment(gaps=(known, gap("no-learning", "note")))
    report = TextReport()
    report.add(value)
    closing = report.end(summary_of(value, failed=("the mean strength is 2.50, at least 3 is wanted",)))
    assert "gaps: 0 error, 0 warning, 1 note; 1 suppressed" in closing
    assert "the mean strength is 2.50, at least 3 is wanted" in closing
