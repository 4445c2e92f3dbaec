"""The GitHub action: valid by its schema, and its steps do what the inputs say and nothing that they smuggle in."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.ci.conftest import ACTION, STEPS, commit, git
from tests.ci.schemas import find_complaints

HOSTILE = [
    '"; touch pwned; "',
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned #",
    "stories && touch pwned",
    "--output=pwned",
    "x\n::error::pwned",
    "${{ github.token }}",
]


def test_github_would_accept_the_action():
    assert find_complaints("vendor.github-actions", Path("action.yml")) == ""


def test_every_input_is_told_read_and_kept_out_of_the_scripts_text():
    read = {text for step in STEPS.values() for text in step["env"].values() if "${{" in text}
    read |= {step["working-directory"] for step in STEPS.values() if "working-directory" in step}
    assert read == {f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}
    assert all("description" in told and "default" in told for told in ACTION["inputs"].values())
    assert not [step for step in STEPS.values() if "${{" in step["run"]]


def test_the_action_runs_no_action_of_others():
    assert not [step for step in ACTION["runs"]["steps"] if "uses" in step]


def test_every_input_and_output_is_in_the_docs():
    told = Path("docs/ci.md").read_text(encoding="utf-8")
    assert [name for name in (*ACTION["inputs"], *ACTION["outputs"]) if f"`{name}`" not in told] == []


def test_installing_gives_a_command_of_the_locked_packages_alone(act, tmp_path):
    assert act("install").code == 0
    place = tmp_path / "runner" / "star-coach"
    told = subprocess.run([place / "bin" / "star-coach", "--version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"star-coach \d+\.\d+\.\d+\n", told.stdout)
    assert not list(place.glob("lib/*/site-packages/pytest"))
    assert list(place.glob("lib/*/site-packages/app/data/rubrics"))


def test_without_a_threshold_the_step_passes_and_tells_figures_reports_and_summary(act):
    step = act()
    assert step.code == 0
    figures = {name: step.outputs[name] for name in ("exit-code", "stories", "not-assessed", "below", "mean-strength")}
    assert figures == {
        "exit-code": "0",
        "stories": "3",
        "not-assessed": "0",
        "below": "0",
        "mean-strength": "3.33",
    }
    assert int(step.outputs["errors"]) > 0
    assert step.outputs.keys() == ACTION["outputs"].keys()
    assert json.loads(Path(step.outputs["sarif"]).read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert Path(step.outputs["comment"]).read_text(encoding="utf-8").startswith("## Story check")
    assert step.summary.startswith("what another step wrote\n## Story check: 3 stories")
    assert "::error file=stories/onboarding.md,line=" in step.log


def test_a_failing_gate_keeps_its_exit_code_and_writes_everything_all_the_same(act):
    step = act(fail_on="error", min_strength="4", annotations="false")
    assert (step.code, step.outputs["exit-code"], step.outputs["below"]) == (1, "1", "2")
    assert "**2 below the threshold**" in step.summary
    assert Path(step.outputs["sarif"]).is_file()
    assert "::error" not in step.log


def test_a_story_that_cannot_be_assessed_ends_the_step_with_3(act, repository):
    (repository / "stories" / "empty.md").write_text("", encoding="utf-8")
    step = act(summary="false")
    assert (step.code, step.outputs["not-assessed"]) == (3, "1")
    assert step.summary == "what another step wrote\n"


def test_no_path_becomes_a_command(act, repository):
    step = act(paths="\n".join(HOSTILE), args="\n".join(HOSTILE[:4]))
    assert step.code == 2
    assert not list(repository.glob("**/pwned*"))
    commands = [line for line in step.log.splitlines() if line.startswith("::")]
    assert commands
    assert all(re.match(r"::error file=[^:,]*,title=Not assessed::", line) for line in commands)


@pytest.mark.parametrize("name", ["engine", "baseline"])
def test_no_option_becomes_a_command(act, repository, name):
    step = act(**{name: "\n".join(HOSTILE[:4])})
    assert step.code == 2
    assert not list(repository.glob("**/pwned*"))
    assert not [line for line in step.log.splitlines() if line.startswith("::")]


def test_options_and_reports_of_the_callers_own_come_one_a_line(act, repository):
    step = act(
        paths="stories/late-parcels.md\nstories/on*.md\n",
        sarif="out.sarif",
        reports="html=told with spaces.html\njunit=stories.xml\n",
        args="--level=L6\n--select=vague-result\n",
    )
    assert (step.code, step.outputs["stories"]) == (0, "2")
    assert step.outputs["sarif"] == str(repository / "out.sarif")
    assert (repository / "told with spaces.html").is_file()
    assert (repository / "stories.xml").is_file()


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"changed_only": "yes"}, "changed-only: has to be true or false"),
        ({"reports": "html"}, "reports: each line has to be FORMAT=FILE"),
        ({"paths": " \n"}, "paths: names no file"),
        ({"fail_on": "often"}, "--fail-on"),
    ],
)
def test_an_input_that_cannot_be_used_ends_with_2_and_its_name(act, inputs, told):
    step = act(**inputs)
    assert (step.code, step.outputs["exit-code"]) == (2, "2")
    assert told in step.log
    assert (step.outputs["sarif"], step.outputs["comment"]) == ("", "")
    assert "No report: `star-coach` ended with 2." in step.summary


def test_only_what_a_pull_request_or_a_push_changed_is_scored(act, repository):
    before = git(repository, "rev-parse", "HEAD")
    new = repository / "stories" / "new.md"
    new.write_bytes((repository / "stories" / "onboarding.md").read_bytes())
    commit(repository, "A story")
    pull = {"pull_request": {"base": {"sha": before}}}
    assert act(event=pull, changed_only="true").outputs["stories"] == "1"
    assert act(event={"before": "0" * 40}, changed_only="true").outputs["stories"] == "4"
    untouched = act(event={"before": git(repository, "rev-parse", "HEAD")}, changed_only="true", fail_on="error")
    assert (untouched.code, untouched.outputs["stories"]) == (0, "0")


def test_no_key_appears_in_the_log_or_the_summary(act, clean):
    clean |= {
        "COACH_API_KEY": "sk-not-to-be-seen",
        "COACH_BASE_URL": "http://127.0.0.1:9/v1",
        "COACH_MAX_ATTEMPTS": "1",
    }
    step = act(paths="stories/onboarding.md", engine="llm", args="--no-cache")
    assert step.code == 3
    assert "not-to-be-seen" not in step.log + step.summary + str(step.outputs)
