import json
from pathlib import Path

from hypothesis import given, settings
from jsonschema import Draft4Validator

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.reading import parse_story
from app.domain import GapCode, Story, Suppression
from app.reports.report import Trouble
from app.reports.sarif import SarifReport
from tests.unit.reports.hostile import PIECES, told_stories
from tests.unit.reports.samples import assessment, evidence, gap, not_assessed
from tests.unit.reports.writing import write

SCHEMA = Draft4Validator(json.loads(Path("tests/schemas/sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8")))
RUBRIC = Catalog().rubric("leadership-principles")
ASSESSOR = Assessor(Catalog(), judge=None, max_story_chars=40_000)
FILE = "---\r\ntitle: Zwölf 🚲\r\n---\r\nOur team ran a shop 🚲.\r\nI changed the\nqueue because it stalled."


def log(*told, base="", **summary):
    value = json.loads(write(SarifReport(RUBRIC, base=base), *told, **summary))
    SCHEMA.validate(value)
    return value["runs"][0]


def test_a_log_of_nothing_is_valid():
    run = log()
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


def test_every_gap_code_has_a_rule_with_help_and_a_level():
    rules = {rule["id"]: rule for rule in log()["tool"]["driver"]["rules"]}
    assert set(GapCode) <= set(rules)
    for code in GapCode:
        assert rules[code]["help"]["text"].strip()
        assert rules[code]["help"]["markdown"].strip()
        assert rules[code]["defaultConfiguration"]["level"] == RUBRIC.gap_rule(code).severity


def test_a_result_points_at_its_rule():
    run = log(assessment(gaps=(gap("hedging", "warning", evidence("I guess", 3, 5, 40)),)))
    [result] = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "hedging"
    assert result["level"] == "warning"


def test_a_region_by_line_and_column_and_one_by_offset_are_the_same_text_of_the_file():
    story = parse_story(FILE, "stories/bike.md")
    start = story.text.index("changed")
    end = story.text.index(" because")
    quote = evidence(story.text[start:end], 5, 3, start)
    run = log((assessment(gaps=(gap("hedging", "note", quote),)), story))
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (
        FILE[region["charOffset"] : region["charOffset"] + region["charLength"]] == quote.quote == "changed the\nqueue"
    )
    assert (region["startLine"], region["startColumn"], region["endLine"], region["endColumn"]) == (5, 3, 6, 6)
    assert run["columnKind"] == "unicodeCodePoints"
    assert region["snippet"]["text"] == quote.quote


def test_a_story_of_a_lines_file_is_found_by_its_line():
    story = Story(text="I guess.", path="all.jsonl", record_line=7)
    run = log((assessment(story={"path": "all.jsonl"}, gaps=(gap("hedging", "note", evidence("I guess")),)), story))
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region["startLine"] == 7
    assert "startColumn" not in region


def test_paths_are_told_from_the_folder_of_the_run_and_never_hold_it():
    run = log(assessment(story={"path": "/home/me/repo/stories/late train.md"}), base="/home/me/repo")
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "stories/late%20train.md", "uriBaseId": "%SRCROOT%", "index": 0}
    assert "uri" not in run["originalUriBaseIds"]["%SRCROOT%"]


def test_other_places_of_a_gap_are_related_locations():
    quotes = [evidence("I guess", line) for line in (1, 4, 6)]
    [result] = log(assessment(gaps=(gap("hedging", "note", *quotes),)))["results"]
    assert [place["physicalLocation"]["region"]["startLine"] for place in result["relatedLocations"]] == [4, 6]


def test_fingerprints_stay_when_the_story_is_edited_elsewhere():
    before = "It was a busy year. I guess I changed the queue. I kind of led it. It went really well.\n"
    after = (
        "In March 2021 it was a busy year for the shop in our town.\nI guess I changed the queue because it "
        "stalled. I kind of led it. It went really well. We had a party.\n"
    )

    def marks(text):
        story = Story(text=text, path="a.md", first_char=0)
        run = log((ASSESSOR.assess_by_rules(story), story))
        return {result["ruleId"]: result["partialFingerprints"] for result in run["results"]}

    old, new = marks(before), marks(after)
    shared = set(old) & set(new)
    assert {"hedging", "vague-result", "missing-metric", "no-learning"} <= shared
    changed = {code for code in shared if old[code] != new[code]}
    assert changed <= {"hedging"}  # its own first sentence was edited


def test_two_records_of_one_file_never_share_a_fingerprint():
    told = [
        (assessment(story={"id": None, "path": "a.jsonl", "title": "same"}), Story(text="x", path="a.jsonl"))
        for _ in range(3)
    ]
    marks = [result["partialFingerprints"]["primaryLocationLineHash"] for result in log(*told)["results"]]
    assert len(set(marks)) == 3


def test_known_gaps_are_suppressed_with_their_reason():
    told = [
        gap().model_copy(update={"suppressed": Suppression(kind="comment", reason="numbers\nare secret")}),
        gap().model_copy(update={"suppressed": Suppression(kind="baseline", reason="known before")}),
        gap("hedging", "note"),
    ]
    first, second, third = log(assessment(gaps=tuple(told)))["results"]
    assert first["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "numbers are secret"}]
    assert second["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "known before"}]
    assert third["suppressions"] == []


def test_stories_without_an_assessment_are_notifications_told_once():
    failed = not_assessed("model-unavailable: The model did not answer.")
    errors = (
        Trouble(path="stories/train.md", id="s1", kind="model-unavailable", reason="The model did not answer."),
        Trouble(path="bad.md", line=3, kind="unreadable-story", reason="unknown key 'titel'"),
        Trouble(path=None, kind="misconfigured", reason="The key was refused."),
    )
    invocation = log(failed, errors=errors, exit_code=3)["invocations"][0]
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (3, False)
    told = invocation["toolExecutionNotifications"]
    assert [item["message"]["text"] for item in told] == [
        "model-unavailable: The model did not answer.",
        "unknown key 'titel'",
        "The key was refused.",
    ]
    assert told[1]["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    assert "locations" not in told[2]


def test_a_run_below_the_threshold_has_ended_well_for_the_tool():
    assert log(exit_code=1)["invocations"][0]["executionSuccessful"] is True


def test_strengths_are_with_the_run_its_files_and_its_results():
    run = log(assessment(strength=2), assessment(strength=4, story={"path": "b.md"}))
    assert run["properties"]["meanStrength"] == 3.0
    assert [item["properties"]["stories"][0]["strength"] for item in run["artifacts"]] == [2, 4]
    assert [item["properties"]["strength"] for item in run["results"]] == [2, 4]


@settings(deadline=None, max_examples=60)
@given(told_stories())
def test_hostile_text_keeps_the_log_valid_and_links_to_nowhere(told):
    run = log(told)
    for result in run["results"]:
        assert "](" not in result["message"]["text"]
        assert not set("{}") & set(result["message"]["text"])
    assert json.dumps(run, ensure_ascii=False).encode() is not None


def test_every_hostile_piece_is_written_as_utf8():
    for piece in PIECES:
        story = Story(text=piece, path=piece, title=piece)
        value = assessment(story={"title": piece, "path": piece}, gaps=(gap("hedging", "note", evidence(piece)),))
        write(SarifReport(RUBRIC), (value, story)).encode()
