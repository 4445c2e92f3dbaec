"""Stdin, stdout and stderr that stop, fill up or never were."""

import fcntl
import json
import signal
import subprocess
import termios
import time
from array import array

import pytest

from tests.cli.conftest import STRONG, WEAK, command_line
from tests.cli.test_keys_and_database import TOKEN


def end_with(line: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell that redirects its streams."""
    program = 'exec "$@" ' + line
    return subprocess.run(
        ["bash", "-c", program, "bash", *command_line(*arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("nowhere", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["score", "{weak}", "--fail-on", "error"], 1),
        (["score", "{weak}", "--nonsense"], 2),
        (["score", "nowhere.md"], 2),
        (["score", "{weak}", "nowhere.md"], 3),
        (["score", "{weak}", "--role", "astronaut"], 2),
        (["keys", "revoke", "none"], 2),
    ],
)
def test_the_exit_code_is_the_same_when_stderr_can_not_be_written(nowhere: str, arguments: list[str], code: int):
    done = end_with(nowhere, *[argument.format(weak=WEAK) for argument in arguments])
    assert done.returncode == code
    assert "error" not in done.stdout.splitlines()[:1]
    assert "nowhere.md" not in done.stdout


@pytest.mark.parametrize("arguments", [["score", "{weak}"], ["keys", "create", "--user", "ann"], ["rubrics", "list"]])
def test_a_full_stdout_ends_with_one_line_and_3(arguments: list[str]):
    done = end_with(">/dev/full", *[argument.format(weak=WEAK) for argument in arguments])
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == "star-coach: error: output: no space left on device"
    assert "Traceback" not in done.stderr


def test_a_key_that_could_not_be_shown_is_revoked(command):
    assert end_with(">/dev/full", "keys", "create", "--user", "ann").returncode == 3
    listed = command("keys", "list").out.splitlines()
    assert [" revoked " in line for line in listed[1:]] == [True]
    assert TOKEN.fullmatch(command("keys", "create", "--user", "ann").out)


@pytest.mark.parametrize("given", [b"A story that never ends.\n", b'{"text": '])
def test_one_ctrl_c_ends_the_reading_of_a_pipe(given: bytes):
    with open_score("json") as process:
        send(process, given)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)  # stdin is still open
        assert process.returncode == 130
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.load(process.stdout)["summary"]["interrupted"] is True
        assert process.stderr.read() == b""


def test_one_ctrl_c_amid_a_pipe_of_stories_keeps_those_that_are_done():
    text = STRONG.read_text(encoding="utf-8").split("---")[2]
    lines = [json.dumps({"id": f"s{number}", "text": "x" * 35_000 if number else text}) for number in range(40)]
    with open_score("jsonl") as process:
        send(process, "\n".join(lines).encode())
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()  # stdin is still open
        assert process.wait(timeout=30) == 130
    done = [json.loads(line)["story"]["id"] for line in [first, *rest.splitlines()]]
    assert done == [f"s{number}" for number in range(len(done))]


@pytest.mark.parametrize("more", [[], ["{weak}"]])
def test_a_stdin_that_was_closed_is_a_file_that_can_not_be_read(more: list[str]):
    done = end_with("<&-", "score", "-", *[argument.format(weak=WEAK) for argument in more])
    assert done.returncode == (3 if more else 2)
    assert "-: can't be read (it is closed)" in done.stderr
    assert "defect" not in done.stderr


def test_a_report_may_go_to_a_device_that_stands_for_a_pipe():
    done = end_with("| cat", "score", WEAK, "-f", "json", "-o", "/dev/stdout")
    assert done.stderr == ""
    assert json.loads(done.stdout)["summary"]["stories"] == 1


def open_score(format_: str) -> subprocess.Popen[bytes]:
    command = command_line("score", "-", "--format", format_)
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def send(process: subprocess.Popen[bytes], given: bytes) -> None:
    """Write to a process's stdin, and wait until it has read all of it and wants more."""
    assert process.stdin is not None
    process.stdin.write(given)
    process.stdin.flush()
    waiting = array("i", [1])
    for _ in range(3000):
        fcntl.ioctl(process.stdin, termios.FIONREAD, waiting)
        if waiting[0] == 0:
            return
        time.sleep(0.01)
    raise AssertionError("it does not read")
