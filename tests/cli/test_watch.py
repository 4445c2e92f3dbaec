"""`star-coach score --watch` while somebody writes."""

import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import STRONG, WEAK, command_line


class Watching:
    """A command that watches; what it writes is read as it comes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self._lines.append(line)
                self._news.notify_all()

    def wait_for(self, text: str) -> str:
        """Wait until a line holds a text; return all that has come since the last such wait."""

        def has_come() -> bool:
            return any(text in line for line in self._lines)

        with self._news:
            assert self._news.wait_for(has_come, timeout=60), "".join(self._lines)
            come = "".join(self._lines)
            self._lines.clear()
            return come

    def stop(self) -> int:
        """Press Ctrl-C; return the exit code."""
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(timeout=30)
        self._reader.join(10)
        return code


def test_each_story_is_scored_again_as_it_is_written(tmp_path: Path):
    (tmp_path / "a.md").write_bytes(WEAK.read_bytes())
    (tmp_path / "notes.pdf").touch()
    ends = "watching {} file"
    with subprocess.Popen(
        command_line("score", tmp_path, "--watch", "--engine", "rules"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        watching = Watching(process)
        first = watching.wait_for(ends.format(1))
        assert "●●○○○  A shorter first month" in first
        assert not set(first) & {"\x1b"}  # a pipe is not cleared

        (tmp_path / ".a.md.swp").write_bytes(STRONG.read_bytes())  # as an editor saves
        (tmp_path / ".a.md.swp").replace(tmp_path / "a.md")
        assert "The label printer" in watching.wait_for(ends.format(1))

        (tmp_path / "b.md").write_bytes(WEAK.read_bytes())
        second = watching.wait_for(ends.format(2))
        assert "A shorter first month" in second
        assert f"{tmp_path}/a.md" not in second  # what has not changed is not told again

        (tmp_path / "b.md").write_bytes(b"\xff")
        assert f"{tmp_path}/b.md:1: is not UTF-8" in watching.wait_for(ends.format(2))
        (tmp_path / "b.md").unlink()
        watching.wait_for(f"{tmp_path}/b.md: gone")
        (tmp_path / "a.md").write_bytes(WEAK.read_bytes())
        assert "A shorter first month" in watching.wait_for(ends.format(1))
        assert watching.stop() == 130


@pytest.mark.parametrize(
    "arguments",
    [
        ["{story}", "--format", "json"],
        ["{story}", "-o", "r.txt"],
        ["-"],
        ["{story}", "--changed-since", "HEAD"],
        ["{story}", "--baseline", "b.json", "--update-baseline"],
        ["{story}", "--via", "batch-api"],
    ],
)
def test_what_can_not_be_watched_is_refused(cli, arguments):
    result = cli("score", "--watch", *[argument.format(story=WEAK) for argument in arguments])
    assert (result.code, result.out) == (2, "")
    assert "--watch" in result.err
