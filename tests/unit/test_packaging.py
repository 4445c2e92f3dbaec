"""The repository's own files: what is built and run from them keeps its promises."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from app.cli.command import run
from app.settings import Settings

DOCKERFILE = Path("Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
STAGES = [stage for stage in re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE) if stage.startswith("FROM ")]
LAST = STAGES[-1]
BUILD_TOOLS = ("build-essential", "gcc", "g++", "make", "git", "curl", "uv ", "uv=", "pip install", "python3-dev")


def instruction(stage: str, name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", stage, flags=re.MULTILINE)


def test_the_image_is_built_in_two_stages_from_one_pinned_python():
    bases = {stage.split()[1] for stage in STAGES}
    assert len(STAGES) == 2
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", bases.pop())


def test_the_last_stage_holds_nothing_to_build_with():
    commands = " ".join(instruction(LAST, "RUN"))
    assert not [tool for tool in BUILD_TOOLS if tool in commands]
    assert instruction(LAST, "COPY") == ["--from=builder /opt/star-coach /opt/star-coach"]


def test_the_image_runs_as_nobody_in_particular_and_tells_its_health():
    assert instruction(LAST, "USER") == ["65532:65532"]
    assert instruction(LAST, "VOLUME") == ["/data"]
    [check] = re.findall(r"^HEALTHCHECK .*CMD (\[.*\])$", LAST, flags=re.MULTILINE)
    command = yaml.safe_load(check)
    assert command[0] == "python"
    assert "/healthz" in command[2]
    compile(command[2], "HEALTHCHECK", "exec")
    assert yaml.safe_load(instruction(LAST, "CMD")[0])[:2] == ["star-coach", "serve"]
    assert "COACH_DATABASE_URL=sqlite:////data/coach.db" in DOCKERFILE


def test_the_image_is_built_from_the_lock():
    syncs = re.findall(r"uv sync [^\n&]*", STAGES[0])
    assert syncs
    assert all("--frozen" in sync and "--no-default-groups" in sync for sync in syncs)


def test_only_what_the_image_copies_is_sent_to_the_builder():
    allowed = {line[1:] for line in Path(".dockerignore").read_text(encoding="utf-8").split() if line.startswith("!")}
    copied = {name for line in instruction(STAGES[0], "COPY") for name in line.split()[:-1]}
    assert copied == allowed
    assert all(Path(name).exists() for name in copied)


def test_every_place_pins_the_same_uv():
    setup = re.search(r"UV_VERSION=(\S+)", Path(".ci/setup").read_text(encoding="utf-8"))
    docker = re.search(r"uv==(\S+)", DOCKERFILE)
    assert setup is not None
    assert docker is not None
    assert setup[1] == docker[1]


def test_hooks_run_what_make_lint_runs():
    hooks = yaml.safe_load(Path(".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    entries = " ".join(hook["entry"] for hook in hooks[0]["hooks"])
    for tool in ("ruff check", "ruff format", "pyright", "lint-imports"):
        assert tool in entries
        assert f"$(BIN)/{tool}" in Path("Makefile").read_text(encoding="utf-8")


def test_the_wheel_carries_rubrics_prompts_and_migrations():
    wheel = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    assert set(wheel["force-include"]) == {"rubrics", "prompts", "migrations"}


@pytest.mark.parametrize("script", [".ci/setup", ".ci/run"])
def test_scripts_can_be_run(script):
    assert os.access(script, os.X_OK)
    shell = "bash" if "bash" in Path(script).read_text(encoding="utf-8").split("\n")[0] else "sh"
    assert subprocess.run([shell, "-n", script], check=False).returncode == 0


def test_the_decisions_are_numbered_and_keep_their_form():
    paths = sorted(Path("docs/decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in paths] == list(range(1, len(paths) + 1))
    for path in paths:
        text = path.read_text(encoding="utf-8")
        headings = re.findall(r"^## (.*)$", text, flags=re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "Enforced by"], path


def test_what_decisions_say_enforces_them_exists():
    for path in Path("docs/decisions").glob("*.md"):
        for named in re.findall(r"`((?:app|tests|docs)/[^`]+\.\w+)`", path.read_text(encoding="utf-8")):
            assert Path(named).exists(), (path, named)


README = Path("README.md").read_text(encoding="utf-8")


def test_the_readme_tells_every_setting_and_its_default():
    settings = Settings()
    rows = [line for line in README.splitlines() if line.startswith("| `COACH_")]
    told = " ".join(rows)
    for name in Settings.model_fields:
        assert f"`COACH_{name.upper()}`" in told, name
    for name, value in settings.model_dump(exclude={"host", "attempt_timeout_s"}).items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            [row] = [line for line in rows if f"`COACH_{name.upper()}`" in line]
            assert f"{value:g}" in row or str(value) in row, name


def test_the_readmes_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or Path(target).exists(), target


def test_the_readme_shows_what_the_example_really_gets(capfd):
    """All but the wording of messages and advice, which is for the rubric to change."""
    assert run(["score", "examples/stories/onboarding.md", "--engine", "rules"]) == 0
    printed = capfd.readouterr().out.splitlines()
    [shown] = [block.splitlines() for block in README.split("```") if "●●○○○" in block]
    told = [line for line in shown if line.startswith(("●", " ■", " │ examples/", " │ “", "       "))]
    assert len(told) >= 6
    assert [line for line in told if line not in printed] == []
