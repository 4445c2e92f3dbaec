import json
from pathlib import Path

from hypothesis import given, settings
from jsonschema import Draft202012Validator

from app.domain import Story, Suppression
from app.reports.gitlab import GitlabReport
from app.reports.report import Trouble
from tests.unit.reports.hostile import told_stories
from tests.unit.reports.samples import assessment, evidence, gap, not_assessed
from tests.unit.reports.writing import write

SCHEMA = Draft202012Validator(json.loads(Path("tests/schemas/gitlab-code-quality.json").read_text(encoding="utf-8")))


def issues(*told, base="", **summary):
    found = json.loads(write(GitlabReport(base=base), *told, **summary))
    SCHEMA.validate(found)
    assert len({issue["fingerprint"] for issue in found}) == len(found)
    return found


def test_a_report_of_nothing_is_valid():
    assert issues() == []


def test_a_gap_is_an_issue_at_its_line():
    [issue] = issues(assessment(gaps=(gap("hedging", "warning", evidence("I guess", 7, 3)),)))
    assert issue["location"] == {"path": "stories/train.md", "lines": {"begin": 7}}
    assert (issue["check_name"], issue["severity"]) == ("hedging", "minor")
    assert issue["description"].endswith("Which number would show it?")


def test_paths_are_relative_to_the_folder_of_the_run():
    [issue] = issues(assessment(story={"path": "/ci/repo/a.md"}), base="/ci/repo")
    assert issue["location"]["path"] == "a.md"


def test_stories_without_an_assessment_are_issues_told_once():
    errors = (
        Trouble(path="stories/train.md", id="s1", kind="model-unavailable", reason="No answer."),
        Trouble(path="bad.md", line=3, kind="unreadable-story", reason="unknown key"),
    )
    found = issues(not_assessed("model-unavailable: No answer."), errors=errors)
    assert [(issue["location"]["path"], issue["location"]["lines"]["begin"]) for issue in found] == [
        ("stories/train.md", 1),
        ("bad.md", 3),
    ]


def test_the_same_gap_of_two_nameless_stories_stays_two_issues():
    value = assessment(story={"id": None, "path": "-"})
    assert len(issues(value, value, value)) == 3


def test_a_fingerprint_stays_when_the_line_moves():
    first, second = (issues(assessment(gaps=(gap("hedging", "note", evidence("I guess", line)),))) for line in (3, 9))
    assert first[0]["fingerprint"] == second[0]["fingerprint"]


@settings(deadline=None, max_examples=60)
@given(told_stories())
def test_hostile_text_keeps_the_report_valid(told):
    found = issues(told)
    assert len(found) == 3
    assert all(story_line(told[1]) <= issue["location"]["lines"]["begin"] for issue in found)


def story_line(story: Story) -> int:
    return 1 if story.first_char is None else story.first_line


def test_a_suppressed_gap_is_no_issue():
    known = gap().model_copy(update={"suppressed": Suppression(kind="comment", reason="secret")})
    assert issues(assessment(gaps=(known,))) == []
