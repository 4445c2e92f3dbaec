"""Fixtures that carry out CI files as their systems would: a repository with stories, and steps run in it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

ROOT = Path.cwd()
ACTION = yaml.safe_load(Path("action.yml").read_text(encoding="utf-8"))
STEPS = {"install": ACTION["runs"]["steps"][0], "score": ACTION["runs"]["steps"][1]}


class Step(NamedTuple):
    """What is left of a step: its exit code, its log, and what it wrote to the files that GitHub names."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with the example stories."""
    place = tmp_path / "repository"
    shutil.copytree(ROOT / "examples" / "stories", place / "stories")
    git(place, "init", "--quiet", "--initial-branch=main")
    commit(place, "Stories")
    return place


def git(place: Path, *arguments: str) -> str:
    """Run git in a folder, apart from the machine's configuration."""
    identity = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(place), *identity, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(place: Path, message: str) -> str:
    """Commit all that is in a folder; return the commit."""
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", message)
    return git(place, "rev-parse", "HEAD")


@pytest.fixture
def clean(tmp_path: Path) -> dict[str, str]:
    """The environment without this machine's own settings, with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COACH_", "OPENAI_", "GITHUB_"))}
    return {**kept, "HOME": str(tmp_path / "home"), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"}


@pytest.fixture
def act(repository: Path, tmp_path: Path, clean: dict[str, str]) -> Callable[..., Step]:
    """Run a step of action.yml as a runner does, in this project's own environment unless it is the installing one."""

    def run(name: str = "score", event: dict[str, Any] | None = None, **inputs: str) -> Step:
        runner = tmp_path / "runner"
        runner.mkdir(exist_ok=True)
        if name == "score" and not (runner / "star-coach").exists():
            (runner / "star-coach").symlink_to(sys.prefix)
        files = {kind: runner / kind for kind in ("output", "summary", "event")}
        files["output"].write_bytes(b"")
        files["summary"].write_text("what another step wrote\n", encoding="utf-8")
        files["event"].write_text(json.dumps(event or {}), encoding="utf-8")
        environment = {
            **clean,
            **fill(STEPS[name]["env"], inputs),
            "RUNNER_TEMP": str(runner),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "GITHUB_EVENT_PATH": str(files["event"]),
        }
        script = runner / "script.sh"
        script.write_text(STEPS[name]["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=repository,
            env=environment,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        outputs = read_outputs(files["output"].read_text(encoding="utf-8"))
        return Step(done.returncode, done.stdout + done.stderr, outputs, files["summary"].read_text(encoding="utf-8"))

    return run


def fill(names: dict[str, str], inputs: dict[str, str]) -> dict[str, str]:
    """Return the environment of a step: an input is its value, or its default where the caller gives none."""
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    assert given.keys() <= ACTION["inputs"].keys()
    filled = {}
    for variable, expression in names.items():
        found = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", expression)
        filled[variable] = given.get(found[1], ACTION["inputs"][found[1]]["default"]) if found else expression
    return filled


def read_outputs(text: str) -> dict[str, str]:
    """Read a step's outputs as the runner does: `name<<mark`, lines, `mark`."""
    outputs: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, mark = line.split("<<")
        held: list[str] = []
        while (held_line := next(lines)) != mark:
            held.append(held_line)
        outputs[name] = "\n".join(held)
    return outputs
