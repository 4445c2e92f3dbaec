"""The annotations, read by a parser that does what GitHub's runner does with a line of a step's output."""

import re
from typing import NamedTuple

from hypothesis import given, settings

from app.domain import Story, Suppression
from app.reports.github import GithubReport
from app.reports.report import Trouble
from tests.unit.reports.hostile import told_stories
from tests.unit.reports.samples import assessment, evidence, gap, not_assessed
from tests.unit.reports.writing import write


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    data: str


def unescape(text, *, is_property):
    if is_property:
        text = text.replace("%3A", ":").replace("%2C", ",")
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def parse(line):
    """Return the command of a line, or None; as `ActionCommand.TryParseV2` and `TryParse` of the runner do."""
    line = line.lstrip()
    if line.startswith("::") and (end := line.find("::", 2)) >= 0:
        name, _, listed = line[2:end].partition(" ")
        pairs = (pair.partition("=") for pair in listed.split(",") if pair)
        properties = {key.strip(): unescape(value, is_property=True) for key, _, value in pairs}
        return Command(name, properties, unescape(line[end + 2 :], is_property=False))
    if (start := line.find("##[")) >= 0 and "]" in line[start:]:
        return Command(line[start + 3 : line.index("]", start)].split(" ")[0], {}, line)
    return None


def commands(*told, base="", **summary):
    """Return the commands and the plain lines."""
    lines = re.split(r"\r\n|\r|\n", write(GithubReport(base=base), *told, **summary))
    parsed = [(line, parse(line)) for line in lines if line]
    return [command for _, command in parsed if command], [line for line, command in parsed if not command]


def test_a_gap_is_annotated_at_its_place():
    [command], rest = commands(assessment(gaps=(gap("hedging", "note", evidence("It went well.", 7, 3)),)))
    assert command.name == "notice"
    assert command.properties == {
        "file": "stories/train.md",
        "line": "7",
        "endLine": "7",
        "col": "3",
        "endColumn": "16",
        "title": "hedging",
    }
    assert command.data == "An outcome is told and no number measures it.\nWhich number would show it?"
    assert rest == []


def test_columns_are_left_out_where_a_quote_spans_lines():
    [command], _ = commands(assessment(gaps=(gap("hedging", "note", evidence("It went\nwell.", 7, 3)),)))
    assert "col" not in command.properties
    assert command.properties["endLine"] == "8"


def test_a_story_of_a_lines_file_is_annotated_at_its_line():
    story = Story(text="x", path="a.jsonl", record_line=9)
    [command], _ = commands((assessment(), story))
    assert command.properties["line"] == "9"


def test_ten_of_a_level_are_annotated_the_weakest_stories_first_and_none_takes_all_places():
    many = tuple(gap("hedging", "error", evidence("x", line)) for line in range(1, 9))
    values = [assessment(strength=5 - index % 5, story={"path": f"{index}.md"}, gaps=many) for index in range(12)]
    found, rest = commands(*values)
    assert len(found) == 10
    assert len({command.properties["file"] for command in found}) == 10
    strengths = [values[int(command.properties["file"][:-3])].strength or 0 for command in found]
    assert strengths == sorted(strengths)
    assert {command.properties["line"] for command in found} == {"1"}
    assert rest == ["86 more are not annotated: GitHub shows 10 of a level in a step."]


def test_failures_come_before_all_gaps_and_once():
    failed = not_assessed("model-unavailable: No answer.")
    errors = (
        Trouble(path="stories/train.md", id="s1", kind="model-unavailable", reason="No answer."),
        Trouble(path="bad.md", line=3, kind="unreadable-story", reason="unknown key"),
        Trouble(path=None, kind="misconfigured", reason="The key was refused."),
    )
    found, _ = commands(assessment(strength=1), failed, errors=errors)
    assert [command.data for command in found][:3] == [
        "model-unavailable: No answer.",
        "unknown key",
        "The key was refused.",
    ]
    assert found[1].properties == {"file": "bad.md", "line": "3", "title": "Not assessed"}
    assert len(found) == 4


@settings(deadline=None, max_examples=100)
@given(told_stories())
def test_no_story_text_issues_a_command(told):
    found, rest = commands(told)
    assert [command.name for command in found] == ["error", "warning", "notice"]
    assert rest == []
    for command in found:
        assert set(command.properties) <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert "##[" not in command.data
        assert "##vso[" not in command.data
        assert not any(ord(character) < 32 and character != "\n" for character in command.data)
        assert len(command.data) < 4096


def test_a_suppressed_gap_is_not_annotated():
    known = gap().model_copy(update={"suppressed": Suppression(kind="comment", reason="secret")})
    assert commands(assessment(gaps=(known,))) == ([], [])
