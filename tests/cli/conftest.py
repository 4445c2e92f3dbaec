"""Fixtures that run `star-coach` as a user does, in this process or in one of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.cli.command import run

STRONG = Path("examples/stories/late-parcels.md")
WEAK = Path("examples/stories/onboarding.md")


class Result(NamedTuple):
    """What a user sees of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Stdout as JSON."""
        return json.loads(self.out)


Cli = Callable[..., Result]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Hide the machine's own settings and give a home of its own."""
    for name in list(os.environ):
        if name.startswith(("COACH_", "OPENAI_")) or name in {"NO_COLOR", "FORCE_COLOR", "CI"}:
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Cli:
    """Run a command in this process."""

    def call(*arguments: object) -> Result:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Result(code, out, err)

    return call


@pytest.fixture
def command() -> Cli:
    """Run a command in a process of its own."""

    def call(*arguments: object, stdin: bytes = b"") -> Result:
        done = subprocess.run(command_line(*arguments), input=stdin, capture_output=True, timeout=60, check=False)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


def command_line(*arguments: object) -> list[str]:
    """Return the command as another process starts it."""
    return [sys.executable, "-m", "app.cli", *map(str, arguments)]
