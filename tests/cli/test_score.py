"""`star-coach score` with the rules engine: what goes in, what comes out."""

import fcntl
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import pytest

from app.coach.reading import read_stories
from tests.cli.conftest import STRONG, WEAK, command_line

EXAMPLES = Path("examples/stories")


def test_the_text_report_shows_strength_parts_principles_and_each_gap_with_its_line(cli):
    result = cli("score", WEAK, "--engine", "rules")
    assert result.code == 0
    assert result.err == ""
    lines = result.out.splitlines()
    assert lines[0] == "●●○○○  A shorter first month for new engineers"
    assert "2/5 own part or outcome can't be told" in result.out
    assert "rules engine" in result.out
    assert "Principles" in lines
    assert " ■ error   weak-ownership" in lines
    assert f" │ {WEAK}:10:1" in lines
    assert " │ “We looked at how other groups did it.”" in lines
    assert max(map(len, lines)) <= 80


def test_several_stories_end_with_a_table(cli):
    result = cli("score", EXAMPLES)
    assert "3 stories: 3 assessed" in result.out
    for name in ("draft.md", "late-parcels.md", "onboarding.md"):
        assert f"  examples/stories/{name}" in result.out


def test_json_holds_every_assessment_and_the_summary(cli):
    result = cli("score", EXAMPLES, "--format", "json")
    assert [a["story"]["path"] for a in result.json["assessments"]] == [
        "examples/stories/draft.md",
        "examples/stories/late-parcels.md",
        "examples/stories/onboarding.md",
    ]
    summary = result.json["summary"]
    assert (summary["stories"], summary["assessed"], summary["errors"], summary["exit_code"]) == (3, 3, [], 0)
    assert summary["gaps"].keys() == {"error", "warning", "note"}


def test_jsonl_holds_an_assessment_a_line(cli):
    result = cli("score", STRONG, WEAK, "--format", "jsonl")
    assert [json.loads(line)["story"]["path"] for line in result.out.splitlines()] == [str(STRONG), str(WEAK)]


def test_every_published_quote_of_the_development_stories_is_a_stretch_of_its_text(cli):
    result = cli("score", "evals/dev/stories", "--format", "json")
    assert result.code == 0
    stories: list[Any] = list(read_stories(Path("evals/dev/stories"), "evals/dev/stories"))
    texts = {story.path: story for story in stories}
    assessments = result.json["assessments"]
    assert len(assessments) == len(texts) == 60
    assert result.json["summary"]["errors"] == []
    quotes = 0
    for assessment in assessments:
        story = texts[assessment["story"]["path"]]
        lines = Path(story.path).read_text(encoding="utf-8").split("\n")
        for holder in (*assessment["gaps"], *assessment["principles"]):
            for evidence in holder["evidence"]:
                quotes += 1
                assert evidence["quote"] == story.text[evidence["start"] : evidence["end"]]
                first = evidence["quote"].split("\n")[0]
                assert lines[evidence["line"] - 1][evidence["column"] - 1 :].startswith(first)
    assert quotes > 300


def test_unreadable_files_stop_nothing_else_and_are_told_twice(cli, tmp_path):
    (tmp_path / "a.md").write_bytes(b"First.\n\xff")
    (tmp_path / "b.jsonl").write_text('{"text": "x"}\n{"text": 5}\n')
    result = cli("score", tmp_path / "a.md", STRONG, tmp_path / "b.jsonl", "--format", "json")
    assert result.code == 3
    assert [a["status"] for a in result.json["assessments"]] == ["assessed", "not_assessed"]
    assert [(e["path"], e["line"], e["kind"], e["reason"]) for e in result.json["summary"]["errors"]] == [
        (f"{tmp_path}/a.md", 2, "unreadable-story", "is not UTF-8 (byte 0xff)"),
        (f"{tmp_path}/b.jsonl", 2, "unreadable-story", "text must be a string"),
    ]
    assert result.err.splitlines() == [
        f"{tmp_path}/a.md:2: is not UTF-8 (byte 0xff)",
        f"{tmp_path}/b.jsonl:2: text must be a string",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ""),
        (" \n\t\n", ""),
        ("I did it.", ""),
        ("Ich habe die Warteschlange geleert, weil die Kunden zu lange warten mussten und niemand zuständig war.", ""),
        ("我负责了这个项目并且在三个月内把错误率从百分之九降到百分之一。", ""),
        ("x" * 200_000, "story-too-long"),
    ],
)
def test_what_can_not_be_judged_is_not_assessed_with_a_reason(cli, tmp_path, text, reason):
    (tmp_path / "s.md").write_text(text, encoding="utf-8")
    result = cli("score", tmp_path / "s.md", "--format", "json")
    [assessment] = result.json["assessments"]
    assert result.code == 3
    assert (assessment["status"], assessment["strength"], assessment["gaps"]) == ("not_assessed", None, [])
    assert assessment["reason"].startswith(reason)
    assert assessment["reason"]


def test_a_story_for_an_unknown_role_is_told_and_the_others_are_scored(cli, tmp_path):
    path = tmp_path / "s.md"
    path.write_text(f"---\nrole: astronaut\n---\n{WEAK.read_text(encoding='utf-8').split('---')[2]}", encoding="utf-8")
    result = cli("score", path, WEAK, "--format", "json")
    assert result.code == 3
    assert [a["status"] for a in result.json["assessments"]] == ["assessed"]
    [error] = result.json["summary"]["errors"]
    assert (error["path"], error["line"], error["kind"]) == (str(path), 2, "unknown-role")
    assert result.err.startswith(f"{path}:2: the role is not in the rubric leadership-principles; known: ")


def test_files_of_other_kinds_in_folders_are_told_once_with_count_and_kinds(cli, tmp_path):
    for name in ("one/s.md", "one/a.docx", "two/b.docx", "two/c.PDF", "two/Makefile", "two/.hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(WEAK.read_bytes())
    result = cli("score", tmp_path / "one", tmp_path / "two", "--format", "json")
    assert (result.code, len(result.json["assessments"])) == (0, 1)
    assert result.err == "star-coach: 4 files of other kinds passed over (1 without a suffix, 2 .docx, 1 .pdf)\n"


def test_options_speak_for_stories_that_do_not_say(cli, tmp_path):
    body = WEAK.read_text(encoding="utf-8").split("---")[2]
    (tmp_path / "silent.md").write_text(body, encoding="utf-8")
    options = ["--role", "sde", "--level", "L7", "--question", "Why?", "--principles", "dive-deep, ownership"]
    result = cli("score", tmp_path / "silent.md", WEAK, "--format", "json", *options)
    silent, outspoken = (assessment["target"] for assessment in result.json["assessments"])
    assert silent == {"question": "Why?", "principles": ["dive-deep", "ownership"], "role": "sde", "level": "L7"}
    assert (outspoken["role"], outspoken["level"]) == ("sdm", "L5")
    assert outspoken["question"] == "Tell me about a time you raised the bar for your team."


def test_a_story_comes_through_stdin(command):
    result = command("score", "-", "--format", "json", stdin=STRONG.read_bytes())
    assert result.code == 0
    [assessment] = result.json["assessments"]
    assert assessment["story"]["title"] == "The label printer that lost every ninth parcel"


def test_many_stories_come_through_stdin_as_lines(command):
    text = WEAK.read_text(encoding="utf-8").split("---")[2]
    lines = "".join(json.dumps({"id": f"s{n}", "text": text}) + "\n" for n in range(3))
    result = command("score", "-", "--format", "jsonl", stdin=lines.encode())
    assert [json.loads(line)["story"]["id"] for line in result.out.splitlines()] == ["s0", "s1", "s2"]


def test_data_files_that_hold_no_story_are_passed_over_in_a_folder_with_a_note(cli, tmp_path):
    (tmp_path / "s.md").write_bytes(WEAK.read_bytes())
    (tmp_path / "labels.jsonl").write_text('{"id": "s", "gaps": []}\n')
    result = cli("score", tmp_path, "--format", "json")
    assert result.code == 0
    assert result.err == f"star-coach: {tmp_path}/labels.jsonl: holds no story, passed over\n"


def test_the_same_stories_give_the_same_bytes(command):
    first = command("score", EXAMPLES, "--format", "json")
    assert first.out == command("score", EXAMPLES, "--format", "json").out


def test_a_file_name_can_not_steer_the_terminal_or_the_runner(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "::error::\x1b[31m\u202e.md"
    Path(name).write_bytes(b"\xff")
    result = cli("score", name)
    assert result.err.startswith(": :error::\\x1b[31m\\u202e.md:1: is not UTF-8")
    Path(name).write_text("I led the work. ::warning::x\n::add-mask::y \x1b]0;title\x07 " * 20)
    out = cli("score", name).out
    assert not set(out) & {"\x1b", "\x07", "\u202e"}
    assert not any(line.lstrip().startswith("::") for line in out.splitlines())


def test_a_closed_pipe_ends_quietly():
    program = f"{sys.executable} -m app.cli score evals/dev/stories | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "3"


def test_ctrl_c_at_a_prompt_ends_with_130():
    master, slave = pty.openpty()
    os.write(master, b"A story that never ends.\n")
    wait_until(lambda: typed(slave) > 0)
    with subprocess.Popen(
        command_line("score", "-"), stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        wait_until(lambda: typed(slave) == 0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    os.close(master)
    os.close(slave)
    assert (process.returncode, out, err) == (130, b"", b"")


def typed(terminal):
    """Return how many bytes have been typed and not yet read."""
    return int.from_bytes(fcntl.ioctl(terminal, termios.FIONREAD, bytes(4)), sys.byteorder)


def wait_until(is_so):
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)
