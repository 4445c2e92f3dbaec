"""Gaps that a comment in the story asks to ignore."""

import pytest

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.reading import parse_story
from app.coach.suppress import check_comments
from app.domain import Status, Story

WEAK = """We wanted to shorten the onboarding of new engineers in our group of forty people in Berlin.

We looked at how other groups did it. The team wrote a guide and the guide was reviewed by everyone in the group.

It went well and everyone was happy.
"""


@pytest.fixture(scope="module")
def assessor():
    return Assessor(Catalog(), judge=None, max_story_chars=40_000)


def assess(assessor, text):
    return assessor.assess_by_rules(Story(text=text))


def test_an_ignored_gap_is_told_with_the_reason_and_limits_the_strength_as_before(assessor):
    plain = assess(assessor, WEAK)
    told = assess(assessor, WEAK + "\n<!-- coach: ignore weak-ownership: a story of a pair -->\n")
    assert [gap.code for gap in told.gaps] == [gap.code for gap in plain.gaps]
    reasons = {gap.code: gap.suppressed for gap in told.gaps}
    assert reasons.pop("weak-ownership").model_dump() == {"kind": "comment", "reason": "a story of a pair"}
    assert set(reasons.values()) == {None}
    assert (told.strength, told.limits) == (plain.strength, plain.limits)


@pytest.mark.parametrize("place", ["start", "between", "amid", "end"])
def test_a_comment_changes_nothing_of_what_is_assessed_wherever_it_stands(assessor, place):
    comment = "<!-- coach: ignore hedging: I led it alone, saved 40 % and learned to measure -->"
    text = {
        "start": f"{comment}\n{WEAK}",
        "between": WEAK.replace("\n\nIt", f"\n\n{comment}\n\nIt"),
        "amid": WEAK.replace("The team", f"{comment} The team"),
        "end": f"{WEAK}{comment}",
    }[place]
    plain, told = assess(assessor, WEAK), assess(assessor, text)
    assert [gap.code for gap in told.gaps] == [gap.code for gap in plain.gaps]
    assert (told.strength, told.story.words, told.flags) == (plain.strength, plain.story.words, ())
    for holder in (*told.gaps, *told.principles):
        for evidence in holder.evidence:
            assert evidence.quote == text[evidence.start : evidence.end]


def test_complaints_name_the_line_of_the_file(assessor):
    text = (
        "---\ntitle: x\n---\n"
        + WEAK
        + "<!-- coach: ignore weak-ownership -->\n\n<!-- coach: ignore no-such: x -->\n"
        + "<!-- coach: ignore hedging: never mind -->\n<!-- coach: ignore weak-ownership: a -->\n"
        + "<!-- coach: ignore weak-ownership: b -->\n"
    )
    story = parse_story(text, "s.md")
    assessment = assessor.assess_by_rules(story)
    first, second, third, fourth = check_comments(story, assessment)
    assert (first.line, first.reason) == (9, "the comment must say why: ignore weak-ownership: reason")
    assert second.line == 11
    assert (third.line, third.reason) == (12, "nothing to ignore: the story has no hedging")
    assert (fourth.line, fourth.reason) == (14, "weak-ownership is ignored twice")
    [gap] = [gap for gap in assessment.gaps if gap.suppressed]
    assert gap.suppressed.reason == "a"


def test_a_comment_in_a_record_is_told_with_the_line_of_the_record(assessor):
    story = Story(text=f"{WEAK}\n<!-- coach: ignore hedging: x -->", record_line=7)
    assert [complaint.line for complaint in check_comments(story, assess(assessor, story.text))] == [7]


def test_a_story_that_was_not_assessed_leaves_open_whether_a_comment_is_of_use(assessor):
    story = Story(text="I did it. <!-- coach: ignore hedging: x -->")
    assessment = assess(assessor, story.text)
    assert assessment.status is Status.NOT_ASSESSED
    assert list(check_comments(story, assessment)) == []
