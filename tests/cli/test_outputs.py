"""Formats and files of `star-coach score`, in pairs."""

import csv
import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from jsonschema import Draft4Validator, Draft202012Validator

from app.catalog import Catalog
from app.cli.command import run
from app.cli.formats import Format
from app.cli.output import Target, open_sinks, pair
from app.errors import InvalidInput
from app.reports.report import Tally
from tests.cli.conftest import STRONG, WEAK

TEXT, JSON, JSONL = Format.TEXT, Format.JSON, Format.JSONL
SCHEMAS = Path("tests/schemas")
SARIF = Draft4Validator(json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8")))
GITLAB = Draft202012Validator(json.loads((SCHEMAS / "gitlab-code-quality.json").read_text(encoding="utf-8")))
JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("formats", "outputs", "expected"),
    [
        ([], [], [(TEXT, None)]),
        ([JSON], [], [(JSON, None)]),
        ([JSON], ["a"], [(JSON, "a")]),
        ([TEXT, JSON], ["a"], [(TEXT, None), (JSON, "a")]),
        ([TEXT, JSON], ["a", "b"], [(TEXT, "a"), (JSON, "b")]),
        ([JSON, TEXT], ["a", "-"], [(JSON, "a"), (TEXT, None)]),
        ([], ["a.json"], [(JSON, "a.json")]),
        ([], ["a.JSONL", "b.ndjson", "c.txt"], [(JSONL, "a.JSONL"), (JSONL, "b.ndjson"), (TEXT, "c.txt")]),
        ([], ["-"], [(TEXT, None)]),
    ],
)
def test_formats_and_outputs_are_paired_in_order(formats, outputs, expected):
    assert [(format_, path and str(path)) for format_, path in pair(formats, outputs)] == expected


@pytest.mark.parametrize(
    ("formats", "outputs"),
    [([TEXT, JSON], []), ([TEXT], ["a", "b"]), ([TEXT, JSON], ["a", "a"]), ([TEXT, JSON], ["-"])],
)
def test_pairs_that_do_not_fit_are_refused(formats, outputs):
    with pytest.raises(InvalidInput):
        pair(formats, outputs)


def test_one_run_writes_several_reports(cli, tmp_path):
    data = tmp_path / "r.json"
    result = cli("score", STRONG, "-f", "text", "-f", "json", "-o", data)
    assert result.out.startswith("●●●●●  The label printer")
    assert json.loads(data.read_text(encoding="utf-8"))["summary"]["assessed"] == 1


def test_a_text_report_in_a_file_is_plain(cli, tmp_path, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = cli("score", STRONG, "-f", "text", "-f", "text", "-o", tmp_path / "r.txt")
    assert "\x1b[" in result.out
    assert "\x1b" not in (tmp_path / "r.txt").read_text(encoding="utf-8")


def test_a_file_keeps_its_old_content_until_the_report_is_whole(tmp_path):
    path = tmp_path / "r.json"
    path.write_text("old")
    rubric = Catalog().rubric("leadership-principles")
    with open_sinks([Target(JSON, path)], rubric) as [sink]:
        sink.end(Tally().summary(0))
        assert path.read_text() == "old"
    assert path.read_text().startswith('{"assessments"')
    assert names(tmp_path) == ["r.json"]


def test_a_file_keeps_its_old_content_when_the_run_fails(tmp_path):
    path = tmp_path / "r.json"
    path.write_text("old")
    rubric = Catalog().rubric("leadership-principles")
    with suppress(RuntimeError), open_sinks([Target(JSON, path)], rubric):
        raise RuntimeError
    assert path.read_text() == "old"
    assert names(tmp_path) == ["r.json"]


def test_a_command_that_can_not_start_writes_nothing(cli, tmp_path):
    path = tmp_path / "r.json"
    assert cli("score", STRONG, "-o", path, "--engine", "llm").code == 2
    assert names(tmp_path) == []
    assert cli("score", STRONG, "--format", "json", "--engine", "llm").out == ""


def test_a_report_goes_through_a_link_and_into_a_device(cli, tmp_path):
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    assert cli("score", WEAK, "-o", tmp_path / "link.json").code == 0
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text().startswith('{"assessments": [')
    assert cli("score", WEAK, "-o", "/dev/null").code == 0


def test_when_nothing_could_be_read_the_data_say_so(cli, tmp_path):
    path = tmp_path / "r.json"
    assert cli("score", "nowhere.md", "-o", path).code == 2
    report = json.loads(path.read_text())
    assert report["assessments"] == []
    assert (report["summary"]["unreadable"], report["summary"]["exit_code"]) == (1, 2)


def test_data_are_utf8_whatever_the_terminal_speaks(tmp_path):
    path = tmp_path / "s.md"
    path.write_text("# Ünïcode 東京\nI did it.", encoding="utf-8")
    for format_, expected in (("json", "Ünïcode 東京".encode()), ("text", b"????? ")):
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "score", str(path), "--format", format_],
            capture_output=True,
            env={"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"},
            timeout=60,
            check=False,
        )
        assert done.returncode == 3
        assert expected in done.stdout
        assert b"Traceback" not in done.stderr


def test_a_report_is_never_written_over_a_story(tmp_path, capfd):
    story = tmp_path / "mine.md"
    story.write_text(
        "I moved the nightly export because two jobs shared a lock. It has not failed since.\n", encoding="utf-8"
    )
    before = story.read_bytes()
    assert run(["score", str(story), "--engine", "rules", "-o", str(story)]) == 2
    assert run(["score", str(tmp_path), "--engine", "rules", "-o", str(story)]) == 2
    assert story.read_bytes() == before
    assert "would be written over" in capfd.readouterr().err


EVERY = {
    Format.TEXT: "r.txt",
    Format.JSON: "r.json",
    Format.JSONL: "r.jsonl",
    Format.SARIF: "r.sarif",
    Format.JUNIT: "r.xml",
    Format.GITHUB: "r.github",
    Format.GITLAB: "gl-code-quality-report.json",
    Format.MARKDOWN: "r.md",
    Format.MARKDOWN_COMMENT: "comment.md",
    Format.CSV: "r.csv",
    Format.CSV_BOM: "excel.csv",
    Format.HTML: "r.html",
}


@pytest.fixture
def stories(tmp_path):
    """Give a folder of stories: with a comment, Windows line ends, records, one that is empty, one that is broken."""
    folder = tmp_path / "stories"
    folder.mkdir()
    (folder / "bike.md").write_text(
        "---\ntitle: The bike shop 🚲\n---\nIn March 2021 our shop lost orders 🚲.\n"
        "<!-- coach: ignore no-learning: told elsewhere -->\nI guess I kind of changed the queue because it stalled. "
        "I think I more or less led it. It went really well and everyone was happy in the end.\n",
        encoding="utf-8-sig",
        newline="\r\n",
    )
    record = {
        "text": "We ran a shop in our town for years. I guess we kind of changed it. It went really well for all."
    }
    (folder / "more.jsonl").write_text("\n".join([json.dumps(record)] * 2), encoding="utf-8")
    (folder / "none.md").write_text("", encoding="utf-8")
    (folder / "bad.md").write_text("---\ntitel: x\n---\nI did it.\n", encoding="utf-8")
    return folder


def score_in_every_format(cli, stories, out, *options):
    pairs = [part for format_, name in EVERY.items() for part in ("-f", format_, "-o", out / name)]
    out.mkdir(exist_ok=True)
    return cli("score", stories, "--engine", "rules", *pairs, *options)


def test_one_run_writes_every_format_and_each_is_valid(cli, tmp_path, stories):
    out = tmp_path / "out"
    assert set(EVERY) == set(Format)
    assert score_in_every_format(cli, stories, out, "--fail-on", "warning").code == 3
    assert set(names(out)) == set(EVERY.values())

    whole = json.loads((out / "r.json").read_text(encoding="utf-8"))
    lines = [json.loads(line) for line in (out / "r.jsonl").read_text(encoding="utf-8").splitlines()]
    assert whole["assessments"] == lines
    gaps = [gap for line in lines for gap in line["gaps"]]
    open_gaps = [gap for gap in gaps if gap["suppressed"] is None]
    assert len(open_gaps) < len(gaps)

    log = json.loads((out / "r.sarif").read_text(encoding="utf-8"))
    SARIF.validate(log)
    assert len(log["runs"][0]["results"]) == len(gaps) + sum(len(line["flags"]) for line in lines)
    assert log["runs"][0]["invocations"][0]["exitCode"] == 3

    JUNIT.validate(out / "r.xml")
    suite = ET.parse(out / "r.xml").getroot()[0]  # noqa: S314 - made by this test
    assert suite.get("tests") == str(whole["summary"]["stories"])
    assert suite.get("failures") == str(whole["summary"]["below"])
    assert suite.get("errors") == "2"

    quality = json.loads((out / "gl-code-quality-report.json").read_text(encoding="utf-8"))
    GITLAB.validate(quality)
    assert len(quality) == len(open_gaps) + 2

    with (out / "r.csv").open(encoding="utf-8", newline="") as stream:
        assert len([row for row in csv.DictReader(stream) if row["gap"]]) == len(gaps)
    assert (out / "excel.csv").read_bytes() == b"\xef\xbb\xbf" + (out / "r.csv").read_bytes()
    annotations = (out / "r.github").read_text(encoding="utf-8").splitlines()
    assert all(re.match(r"::(error|warning|notice) |\d+ more ", line) for line in annotations)
    assert (out / "r.md").read_text(encoding="utf-8").startswith("## Story check: 5 stories\n")
    assert (out / "r.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_every_offset_of_a_log_is_a_place_in_the_file(cli, tmp_path, stories):
    out = tmp_path / "out"
    score_in_every_format(cli, stories, out)
    results = json.loads((out / "r.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    text = (stories / "bike.md").read_bytes().decode("utf-8-sig")
    lines = re.split(r"\r\n|\r|\n", text)
    places = [result["locations"][0]["physicalLocation"] for result in results]
    regions = [place["region"] for place in places if place["artifactLocation"]["uri"].endswith("bike.md")]
    assert regions
    for region in regions:
        start = region["charOffset"]
        quote = text[start : start + region["charLength"]]
        assert quote == region["snippet"]["text"]
        assert lines[region["startLine"] - 1][region["startColumn"] - 1 :].startswith(quote.split("\r\n", 1)[0])
        assert "coach: ignore" not in quote
    records = [place["region"] for place in places if place["artifactLocation"]["uri"].endswith("more.jsonl")]
    assert {region["startLine"] for region in records} == {1, 2}


def test_paths_are_told_from_where_the_command_was_run(cli, tmp_path, stories, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cli("score", stories / "bike.md", "--engine", "rules", "-o", "r.sarif", "-f", "sarif")
    text = (tmp_path / "r.sarif").read_text(encoding="utf-8")
    assert '"uri": "stories/bike.md"' in text
    assert str(tmp_path) not in text
    found = cli("score", stories / "bike.md", "--engine", "rules", "-f", "github").out
    assert "file=stories/bike.md," in found


def test_the_same_run_writes_the_same_bytes(cli, tmp_path, stories):
    for name in ("one", "two"):
        score_in_every_format(cli, stories, tmp_path / name)
    for name in EVERY.values():
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


@pytest.mark.parametrize("format_", sorted(set(Format) - {Format.TEXT}))
def test_a_format_on_stdout_is_what_a_file_would_hold(cli, tmp_path, stories, format_):
    cli("score", stories, "--engine", "rules", "-f", format_, "-o", tmp_path / "file")
    shown = cli("score", stories, "--engine", "rules", "-f", format_).out
    assert shown == (tmp_path / "file").read_bytes().decode()


@pytest.mark.parametrize(
    ("name", "format_"),
    [("a.sarif", Format.SARIF), ("a.xml", Format.JUNIT), ("a.md", Format.MARKDOWN), ("a.CSV", Format.CSV)],
)
def test_a_suffix_tells_the_format(name, format_):
    assert pair([], [name])[0].format is format_
    assert pair([], ["a.html"])[0].format is Format.HTML


def test_the_example_writes_every_report(tmp_path):
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["examples/every-format.sh", "examples/stories", str(tmp_path / "out")],
        capture_output=True,
        env=environment,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(names(tmp_path / "out")) == 8
    assert all(path.stat().st_size for path in (tmp_path / "out").iterdir())


def test_the_example_task_of_vs_code_reads_the_annotations(cli):
    task = json.loads(Path("examples/vscode/tasks.json").read_text(encoding="utf-8"))["tasks"][0]
    pattern = task["problemMatcher"]["pattern"]
    lines = cli("score", WEAK, "--engine", "rules", "-f", "github").out.splitlines()
    matches = [re.fullmatch(pattern["regexp"], line) for line in lines]
    assert matches
    assert all(matches)
    assert {match[pattern["file"]] for match in matches if match} == {WEAK.as_posix()}
    assert all(int(match[pattern["line"]]) > 0 and match[pattern["message"]] for match in matches if match)
