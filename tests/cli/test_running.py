"""`star-coach score` while it runs: progress, estimates, questions and Ctrl-C."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.conftest import STRONG, WEAK, command_line
from tests.cli.terminals import at_terminal
from tests.faults.server import ModelServer

PRICED, UNPRICED = "gpt-5-mini", "some-local-model"


@pytest.fixture
def configured(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    """A model server that the environment names, with a model whose price is known."""
    monkeypatch.setenv("COACH_BASE_URL", model_server.url)
    monkeypatch.setenv("COACH_API_KEY", "sk-test-canary-key")
    monkeypatch.setenv("COACH_MODEL", PRICED)
    return model_server


def test_a_terminal_shows_a_bar_and_is_left_without_it():
    code, out, shown = at_terminal("score", STRONG, WEAK, "--engine", "rules", "--format", "jsonl", "--jobs", "1")
    assert (code, len(out.splitlines())) == (0, 2)
    assert "/2" in shown
    assert shown.endswith("\x1b[2K")  # the last line is erased
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h")  # and the cursor is there again


@pytest.mark.parametrize("options", [("--quiet",), ("--progress", "none")])
def test_no_bar_is_shown_where_none_is_wanted(options):
    _, out, shown = at_terminal("score", WEAK, STRONG, "--engine", "rules", "--format", "jsonl", *options)
    assert (len(out.splitlines()), shown) == (2, "")


def test_nothing_of_progress_is_written_to_a_pipe(cli):
    assert cli("score", STRONG, WEAK, "--engine", "rules", "--format", "jsonl", "--progress", "auto").err == ""


def test_quiet_leaves_remarks_out_and_complaints_in(cli, tmp_path):
    (tmp_path / "a.md").write_bytes(WEAK.read_bytes())
    (tmp_path / "b.md").write_bytes(b"\xff")
    (tmp_path / "c.pdf").touch()
    assert "1 file of other kinds passed over (1 .pdf)" in cli("score", tmp_path).err
    assert cli("score", tmp_path, "--quiet").err == f"{tmp_path}/b.md:1: is not UTF-8 (byte 0xff)\n"


def test_a_dry_run_of_the_rules_costs_nothing_and_assesses_nothing(cli):
    result = cli("score", WEAK, STRONG, "--engine", "rules", "--dry-run")
    assert (result.code, result.out.splitlines()[0]) == (0, "2 stories")
    assert "at no cost" in result.out


def test_a_dry_run_asks_nothing_and_foresees_what_the_run_then_takes(cli, configured):
    arguments = ("score", WEAK, STRONG, WEAK, "--format", "json")
    foreseen = cli(*arguments, "--dry-run")
    assert (foreseen.code, configured.connections) == (0, 0)
    estimate = foreseen.json["estimate"]
    assert (estimate["stories"], estimate["calls"], estimate["recalled"]) == (3, 3, 1)
    assert 2_000 < estimate["input_tokens"] < 50_000
    assert estimate["output_tokens"] == 2 * 4096
    assert 0 < estimate["cost_usd"] < 0.1
    assert cli(*arguments).code == 0
    assert len(configured.requests) == estimate["calls"] - estimate["recalled"]
    again = cli(*arguments, "--dry-run").json["estimate"]
    assert (again["calls"], again["recalled"], again["input_tokens"], again["cost_usd"]) == (3, 3, 0, 0.0)
    assert cli(*arguments, "--dry-run", "--no-cache").json["estimate"]["recalled"] == 0


def test_a_dry_run_counts_every_sheet_of_every_sample(cli, configured):
    arguments = ("score", WEAK, "--depth", "panel", "--samples", "2", "--format", "json")
    estimate = cli(*arguments, "--dry-run").json["estimate"]
    assert cli(*arguments).code == 0
    assert (
        len(configured.requests) <= estimate["calls"] == 13
    )  # five principles and the gaps twice, the Bar Raiser once


@pytest.mark.usefixtures("configured")
def test_a_price_that_nobody_knows_is_null(cli, monkeypatch):
    monkeypatch.setenv("COACH_MODEL", UNPRICED)
    assert cli("score", WEAK, "--dry-run", "--format", "json").json["estimate"]["cost_usd"] is None
    assert "cost: unknown" in cli("score", WEAK, "--dry-run").out


def test_a_dry_run_tells_what_can_not_be_read_or_assessed(cli, configured, tmp_path):
    (tmp_path / "a.md").write_bytes(b"\xff")
    (tmp_path / "b.md").write_text("x" * 200_000)
    (tmp_path / "c.md").write_text("I did it.")
    result = cli("score", tmp_path, "--dry-run", "--format", "json")
    assert result.code == 0
    assert [error["kind"] for error in result.json["estimate"]["errors"]] == ["unreadable-story", "story-too-long"]
    assert result.json["estimate"]["calls"] == 0  # what is too short is not asked about
    assert configured.connections == 0


def test_who_says_yes_when_a_terminal_asks_about_the_cost_goes_on_until_it_is_spent(configured):
    session = at_terminal(
        "score", WEAK, STRONG, "--jobs", "1", "--max-cost-usd", "0.015", "--format", "json", typed="y\n"
    )
    assert "USD are allowed" in session.shown
    assert (session.code, len(configured.requests)) == (0, 2)  # they take less than they may


def test_nobody_is_asked_about_what_is_within_the_limit(configured):
    arguments = ("score", WEAK, "--max-cost-usd", "1", "--format", "json", "--progress", "none")
    code, _, shown = at_terminal(*arguments)
    assert (code, shown, len(configured.requests)) == (0, "", 1)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_second_ctrl_c_ends_at_once_what_can_not_be_written(tmp_path, monkeypatch, unbuffered):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    text = WEAK.read_text(encoding="utf-8").split("---")[2]
    path = tmp_path / "s.jsonl"
    path.write_text("".join(json.dumps({"id": f"s{number}", "text": text}) + "\n" for number in range(40)))
    arguments = ("score", path, "--engine", "rules", "--format", "jsonl", "--jobs", "1")
    with subprocess.Popen(command_line(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until_blocked(process.pid)
        slept = sleeps(process.pid)
        process.send_signal(signal.SIGINT)
        wait_until_blocked(process.pid, since=slept)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130  # nobody reads stdout
        assert process.stderr is not None
        assert process.stderr.read() == b""


def wait_until_blocked(pid: int, *, since: int = -1) -> None:
    """Wait until a process waits for the reader of a pipe, and has begun to since it had slept so often."""
    for _ in range(3_000):
        if sleeps(pid) > since and "pipe_write" in Path(f"/proc/{pid}/wchan").read_text():
            return
        time.sleep(0.01)
    raise AssertionError("it does not wait")


def sleeps(pid: int) -> int:
    """Return how often a process has waited for something."""
    [told] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("voluntary")]
    return int(told.split()[1])
