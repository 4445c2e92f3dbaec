"""Formats and files of `star-coach score`, in pairs."""

import json
import subprocess
import sys
from contextlib import suppress

import pytest

from app.catalog import Catalog
from app.cli.command import run
from app.cli.formats import Format
from app.cli.output import Target, open_sinks, pair
from app.errors import InvalidInput
from app.reports.report import Tally
from tests.cli.conftest import STRONG, WEAK

TEXT, JSON, JSONL = Format.TEXT, Format.JSON, Format.JSONL


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
