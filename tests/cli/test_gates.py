"""What fails a run and what is known: thresholds, baselines, comments, selections and changes."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import STRONG, WEAK, command_line
from tests.unit.coach.test_changes import git

BODY = WEAK.read_text(encoding="utf-8").split("---", 2)[2]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Work in a folder with one strong and one weak story."""
    texts = STRONG.read_bytes(), WEAK.read_bytes()
    (tmp_path / "stories").mkdir()
    (tmp_path / ".git").mkdir()
    for name, text in zip(("strong.md", "weak.md"), texts, strict=True):
        (tmp_path / "stories" / name).write_bytes(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def codes(result):
    return [[gap["code"] for gap in assessment["gaps"]] for assessment in result.json["assessments"]]


def as_json(cli, *arguments):
    return cli("score", "stories", "--format", "json", *arguments)


def test_a_mean_that_is_too_low_is_told_on_stderr_and_in_the_summary(cli):
    result = as_json(cli, "--min-mean-strength", "4.5")
    assert result.code == 1
    [reason] = result.json["summary"]["failed"]
    assert reason.startswith("the mean strength is ")
    assert result.err == f"star-coach: {reason}\n"
    assert result.json["summary"]["below"] == 0
    assert as_json(cli, "--min-mean-strength", "1").code == 0
    assert reason in cli("score", "stories", "--min-mean-strength", "4.5").out


def test_required_principles_are_looked_for_in_all_stories_together(cli):
    shown = as_json(cli).json["assessments"]
    best = {}
    for assessment in shown:
        for finding in assessment["principles"]:
            best[finding["id"]] = max(finding["level"] or 0, best.get(finding["id"], 0))
    covered = [name for name, level in best.items() if level >= 3]
    assert covered
    assert as_json(cli, "--require-principles", ",".join(covered)).code == 0
    result = as_json(cli, "--require-principles", f"{covered[0]}, frugality")
    assert (result.code, len(result.json["summary"]["failed"])) == (1, 1)
    assert result.err.startswith("star-coach: frugality is not covered: ")


def test_an_incomplete_run_goes_before_a_threshold_of_the_run(cli):
    Path("stories/short.md").write_text("I did it.")
    assert as_json(cli, "--min-mean-strength", "5").code == 3


def test_a_baseline_lets_old_gaps_pass_and_stops_new_ones(cli):
    assert as_json(cli, "--fail-on", "note").code == 1
    made = as_json(cli, "--fail-on", "note", "--baseline", "known.json", "--update-baseline")
    total = sum(map(len, codes(made)))
    assert (made.code, made.err) == (0, f"star-coach: known.json: {total} gaps found and known, 0 dropped\n")
    assert (made.json["summary"]["suppressed"], sum(made.json["summary"]["gaps"].values())) == (total, 0)
    again = as_json(cli, "--fail-on", "note", "--baseline", "known.json")
    assert (again.code, again.err) == (0, "")
    assert again.json["assessments"] == made.json["assessments"]
    assert [a["strength"] for a in again.json["assessments"]] == [
        a["strength"] for a in as_json(cli).json["assessments"]
    ]
    Path("stories/new.md").write_text(BODY)
    assert as_json(cli, "--fail-on", "error", "--baseline", "known.json").code == 1


def test_a_baseline_does_not_make_a_weak_story_strong(cli):
    arguments = ["--min-strength", "4", "--baseline", "known.json"]
    assert as_json(cli, *arguments, "--update-baseline").code == 1


def test_entries_that_are_gone_are_told_and_dropped_by_an_update(cli):
    as_json(cli, "--baseline", "known.json", "--update-baseline")
    Path("stories/weak.md").write_bytes(Path("stories/strong.md").read_bytes())
    result = as_json(cli, "--baseline", "known.json")
    assert result.code == 0
    remarks = result.json["summary"]["remarks"]
    assert {(remark["kind"], remark["path"]) for remark in remarks} == {("stale-baseline", "stories/weak.md")}
    assert result.err.splitlines()[0] == (f"stories/weak.md: {remarks[0]['reason']}")
    assert "is in the baseline known.json and is not found any more; --update-baseline drops it" in result.err
    updated = as_json(cli, "--baseline", "known.json", "--update-baseline")
    assert f", {len(remarks)} dropped\n" in updated.err
    assert as_json(cli, "--baseline", "known.json").err == ""


def test_a_part_of_the_stories_leaves_the_rest_of_the_baseline_alone(cli):
    as_json(cli, "--baseline", "known.json", "--update-baseline")
    before = Path("known.json").read_text()
    result = cli("score", "stories/strong.md", "--baseline", "known.json", "--update-baseline")
    assert "stale" not in result.err
    assert Path("known.json").read_text() == before
    assert json.loads(before)["version"] == 1


def test_a_run_that_is_stopped_leaves_the_baseline_alone():
    Path("known.json").write_text('{"version": 1, "gaps": []}')
    arguments = ("score", "-", "--baseline", "known.json", "--update-baseline", "--format", "jsonl")
    texts = [BODY, *["x" * 35_000] * 40]  # stdin is looked at once there is a megabyte of it
    with subprocess.Popen(command_line(*arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("".join(json.dumps({"text": text}) + "\n" for text in texts).encode())
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.stdout.read()  # stdin is still open
        assert process.wait(timeout=60) == 130
    assert Path("known.json").read_text() == '{"version": 1, "gaps": []}'


@pytest.mark.parametrize(
    "arguments",
    [
        ["--update-baseline"],
        ["--baseline", "nowhere.json"],
        ["--baseline", "stories/weak.md"],
        ["--baseline", "nowhere/known.json", "--update-baseline"],
        ["--select", "missing-metrics"],
        ["--ignore", "E501"],
        ["--min-mean-strength", "6"],
        ["--require-principles", "kindness"],
        ["--exclude", "!"],
        ["--changed-since", "HEAD"],
        ["--config", "nowhere.toml"],
    ],
)
def test_what_can_not_be_used_ends_with_2_and_one_line(cli, arguments):
    result = cli("score", "stories", *arguments)
    assert result.code == 2
    assert result.err.splitlines()[-1].startswith("star-coach: error: ")
    assert "Traceback" not in result.err


def test_a_comment_lets_a_gap_pass_with_its_reason_and_shows_in_json(cli):
    [weak] = [a for a in as_json(cli).json["assessments"] if a["story"]["path"].endswith("weak.md")]
    names = ", ".join(gap["code"] for gap in weak["gaps"])
    with Path("stories/weak.md").open("a") as file:
        file.write(f"\n<!-- coach: ignore {names}: a story for practice -->\n")
    result = cli("score", "stories/weak.md", "--fail-on", "note", "--format", "json")
    assert (result.code, result.err) == (0, "")
    [told] = result.json["assessments"]
    assert {gap["suppressed"]["reason"] for gap in told["gaps"]} == {"a story for practice"}
    assert (told["strength"], told["story"]["words"]) == (weak["strength"], weak["story"]["words"])
    assert "suppressed: a story for practice" in cli("score", "stories/weak.md").out


def test_comments_that_are_wrong_or_of_no_use_are_told_with_their_line(cli):
    text = "---\ntitle: x\n---\n<!-- coach: ignore weak-ownership -->\n" + BODY.strip() + "\n"
    Path("stories/weak.md").write_text(text + "<!-- coach: ignore blames-others: nobody -->\n")
    result = cli("score", "stories/weak.md", "--fail-on", "error", "--format", "json")
    last = text.count("\n") + 1
    assert result.code == 1
    assert result.err.splitlines() == [
        "stories/weak.md:4: the comment must say why: ignore weak-ownership: reason",
        f"stories/weak.md:{last}: nothing to ignore: the story has no blames-others",
    ]
    assert [(r["line"], r["kind"]) for r in result.json["summary"]["remarks"]] == [(4, "comment"), (last, "comment")]


def test_selected_gaps_alone_are_shown_and_fail(cli):
    everything = as_json(cli)
    assert "weak-ownership" in codes(everything)[1]
    chosen = as_json(cli, "--select", "weak-ownership, hedging", "--fail-on", "error")
    assert (chosen.code, codes(chosen)) == (1, [[], ["weak-ownership"]])
    ignored = as_json(cli, "--select", "weak-ownership", "--ignore", "weak-ownership", "--fail-on", "note")
    assert (ignored.code, codes(ignored)) == (0, [[], []])
    for result in (chosen, ignored):
        assert [a["strength"] for a in result.json["assessments"]] == [
            a["strength"] for a in everything.json["assessments"]
        ]
        assert sum(result.json["summary"]["gaps"].values()) == sum(map(len, codes(result)))


def test_only_what_has_changed_is_scored(cli, place):
    (place / ".git").rmdir()
    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "stories")
    nothing = as_json(cli, "--changed-since", "HEAD", "--min-mean-strength", "5", "--require-principles", "frugality")
    assert (nothing.code, nothing.err) == (0, "star-coach: no story has changed since HEAD\n")
    assert nothing.json["assessments"] == []
    Path("stories/weak.md").write_text(BODY)
    Path("stories/new.md").write_text(BODY)
    result = as_json(cli, "--changed-since", "HEAD")
    assert [a["story"]["path"] for a in result.json["assessments"]] == ["stories/new.md", "stories/weak.md"]
    assert cli("score", "stories/nowhere.md", "--changed-since", "HEAD").code == 2


def test_nothing_but_what_is_passed_over_is_told(cli):
    Path(".coachignore").write_text("*.md\n")
    result = cli("score", "stories")
    assert result.code == 2
    assert result.err == (
        "star-coach: error: there are no stories in what was named, beside 2 that .coachignore or exclude passes over\n"
    )
    assert cli("score", "stories/weak.md").code == 0


def test_patterns_are_stories_in_the_order_of_their_names(cli):
    result = cli("score", "stories/*.md", "--format", "jsonl")
    assert [json.loads(line)["story"]["path"] for line in result.out.splitlines()] == [
        "stories/strong.md",
        "stories/weak.md",
    ]
    result = cli("score", "nowhere/*.md")
    assert result.code == 2
    assert "nowhere/*.md: there is no such file, and the pattern matches none" in result.err
