import json

from app.domain import Assessment, Severity
from app.errors import ModelUnavailable, UnreadableStory
from app.reports.json import JsonReport
from app.reports.jsonl import JsonlReport
from app.reports.report import Report, Tally, Trouble
from tests.unit.reports.samples import assessment, gap, not_assessed


def write(report, values, tally=None):
    tally = tally or Tally()
    text = report.begin()
    for value in values:
        tally.add(value, below=False)
        text += report.add(value)
    return text + report.end(tally.summary(0))


def test_json_is_one_object_whatever_the_number_of_stories():
    for count in (0, 1, 3):
        data = json.loads(write(JsonReport(), [assessment()] * count))
        assert data.keys() == {"assessments", "summary"}
        assert len(data["assessments"]) == data["summary"]["stories"] == count


def test_json_gives_back_the_very_assessment():
    value = assessment(story={"title": 'Quotes " and \u2028 and </script>'})
    data = json.loads(write(JsonReport(), [value]))
    assert Assessment.model_validate(data["assessments"][0]) == value


def test_jsonl_is_one_assessment_a_line_and_nothing_else():
    values = [assessment(story={"title": "Line\nbreak"}), not_assessed()]
    lines = write(JsonlReport(), values).splitlines()
    assert [Assessment.model_validate_json(line) for line in lines] == values


def test_a_format_that_says_nothing_writes_nothing():
    assert write(Report(), [assessment()]) == ""


def test_a_run_is_counted():
    tally = Tally()
    tally.add(assessment(strength=4, gaps=(gap("hedging", "note"), gap())), below=True)
    tally.add(assessment(strength=1, made={"dropped_quotes": 3}), below=False)
    tally.add(not_assessed(), below=False)
    tally.unreadable += 1
    summary = tally.summary(3)
    assert (summary.stories, summary.assessed, summary.not_assessed, summary.unreadable) == (4, 2, 1, 1)
    assert summary.gaps == {Severity.ERROR: 2, Severity.WARNING: 0, Severity.NOTE: 1}
    assert summary.strengths == {1: 1, 2: 0, 3: 0, 4: 1, 5: 0}
    assert (summary.mean_strength, summary.below, summary.dropped_quotes, summary.exit_code) == (2.5, 1, 3, 3)
    assert not tally.is_complete


def test_an_empty_run_has_no_mean():
    assert Tally().summary(2).mean_strength is None
    assert Tally().is_complete


def test_a_trouble_begins_with_its_place():
    assert str(Trouble.of(UnreadableStory("a.md", "is empty", line=3))) == "a.md:3: is empty"
    assert str(Trouble.of(UnreadableStory("a.md", "is empty"))) == "a.md: is empty"
    failure = ModelUnavailable("the model did not answer", slug="timeout")
    trouble = Trouble.of(failure, path="b.md", story_id="s")
    assert (str(trouble), trouble.kind, trouble.id) == ("b.md: the model did not answer", "timeout", "s")
    assert str(Trouble.of(failure, story_id="s")) == "s: the model did not answer"
