"""The pre-commit hook, the GitLab component and the examples: valid by their schemas, and run where they can be."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.conftest import ACTION, ROOT, commit, git
from tests.ci.schemas import find_complaints

EXAMPLES = ROOT / "examples" / "ci"
BIN = Path(sys.executable).parent
HEADER, COMPONENT = yaml.safe_load_all((ROOT / "templates" / "star-coach.yml").read_text(encoding="utf-8"))
INPUTS: dict[str, dict[str, Any]] = HEADER["spec"]["inputs"]
[JOB] = COMPONENT.values()
WORKFLOWS = sorted(EXAMPLES.glob("github*.yml"))


def run(command: list[str | Path], place: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=100, check=False)


def test_the_workflows_are_valid_by_githubs_schema():
    assert len(WORKFLOWS) == 2
    assert find_complaints("vendor.github-workflows", *WORKFLOWS) == ""


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_the_workflows_use_inputs_and_outputs_that_the_action_has(path):
    text = path.read_text(encoding="utf-8")
    [step] = [
        step for step in yaml.safe_load(text)["jobs"]["score"]["steps"] if "star-story-coach" in step.get("uses", "")
    ]
    assert step["with"].keys() <= ACTION["inputs"].keys()
    used = set(re.findall(r"steps\.stories\.outputs\.([a-z-]+)", text))
    assert used <= ACTION["outputs"].keys()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_the_workflows_interpolate_nothing_into_a_script_and_keep_no_token(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    steps = workflow["jobs"]["score"]["steps"]
    assert workflow["permissions"] == {"contents": "read"}
    assert not [step for step in steps if "${{" in step.get("run", "")]
    [checkout] = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["persist-credentials"] is False


def test_the_gitlab_files_are_valid_by_gitlabs_schema(tmp_path):
    files = {"header": HEADER, "component": COMPONENT}
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    paths = [tmp_path / f"{name}.json" for name in files]
    assert find_complaints("vendor.gitlab-ci", EXAMPLES / "gitlab-ci.yml", *paths) == ""


def test_the_gitlab_example_gives_inputs_that_the_component_has():
    [included] = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text(encoding="utf-8"))["include"]
    required = {name for name, told in INPUTS.items() if "default" not in told}
    assert required <= included["inputs"].keys() <= INPUTS.keys()
    for name, value in included["inputs"].items():
        assert value in INPUTS[name].get("options", [value])


def test_the_components_inputs_stay_out_of_its_scripts():
    scripts = [*JOB["before_script"], *JOB["script"]]
    assert not [line for line in scripts if "$[[" in line]
    used = set(re.findall(r"\$\[\[ inputs\.([a-z-]+) \]\]", json.dumps(COMPONENT)))
    assert used == INPUTS.keys()
    assert all(told == "0" or told["expand"] is False for told in JOB["variables"].values())


@pytest.fixture
def gitlab(repository: Path, clean: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the component's script, with the project's own environment where pip would have put one."""
    (repository / ".star-coach").symlink_to(sys.prefix)

    def call(base: str = "", **inputs: str) -> subprocess.CompletedProcess[str]:
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        variables = {"CI_PROJECT_DIR": str(repository), "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
        for name, told in JOB["variables"].items():
            if found := re.fullmatch(
                r"\$\[\[ inputs\.([a-z-]+) \]\]", told if isinstance(told, str) else told["value"]
            ):
                variables[name] = given.get(found[1], str(INPUTS[found[1]].get("default", "")))
        return run(["sh", "-e", "-c", "\n".join(JOB["script"])], repository, {**clean, **variables})

    return call


def test_the_component_leaves_the_reports_that_it_names_when_a_gate_fails(gitlab, repository):
    done = gitlab(fail_on="error", paths="stories/late-parcels.md\nstories/on*.md")
    assert done.returncode == 1, done.stderr
    assert "A shorter first month" in done.stdout
    artifacts = JOB["artifacts"]
    assert artifacts["when"] == "always"
    for name in (*artifacts["paths"], *artifacts["reports"].values()):
        assert (repository / name).stat().st_size > 0
    issues = json.loads((repository / artifacts["reports"]["codequality"]).read_text(encoding="utf-8"))
    assert {issue["location"]["path"] for issue in issues} == {"stories/onboarding.md"}


def test_the_component_scores_what_the_merge_request_changes(gitlab, repository):
    base = git(repository, "rev-parse", "HEAD")
    git(repository, "rm", "--quiet", "stories/draft.md")
    (repository / "stories" / "late-parcels.md").write_text("A new text.\n", encoding="utf-8")
    commit(repository, "Two changes")
    done = gitlab(base, changed_only="true")
    assert done.returncode == 3
    assert "onboarding" not in done.stdout


def test_no_input_of_the_component_becomes_a_command(gitlab, repository):
    hostile = '"; touch pwned; "\n$(touch pwned)\n`touch pwned`\n--output=pwned'
    assert gitlab(paths=hostile).returncode == 2
    assert gitlab(engine=hostile, baseline=hostile).returncode == 2
    assert not list(repository.glob("pwned*"))


@pytest.fixture
def hooks(repository: Path, tmp_path: Path, clean: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run pre-commit on all files of the repository, with the hook as this project publishes it.

    The hook's own environment is left out (`language: unsupported` takes the command from PATH): everything else is
    what a user's commit meets.
    """
    published = tmp_path / "published"
    published.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", published)
    git(published, "init", "--quiet")
    revision = commit(published, "Hooks")
    environment = {**clean, "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"), "GIT_CONFIG_GLOBAL": os.devnull}

    def call(**options: Any) -> subprocess.CompletedProcess[str]:
        hook = {"id": "star-coach", "language": "unsupported", **options}
        config = {"repos": [{"repo": str(published), "rev": revision, "hooks": [hook]}]}
        (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        git(repository, "add", "--all")
        return run([BIN / "pre-commit", "run", "--all-files"], repository, environment)

    return call


def test_the_hook_stops_a_commit_of_a_story_with_an_error(hooks, repository):
    (repository / "README.md").write_text("We kind of did things.\n", encoding="utf-8")
    (repository / "stories" / "README.md").write_text("What stands here.\n", encoding="utf-8")
    done = hooks()
    assert done.returncode == 1, done.stderr
    assert "stories/onboarding.md:" in done.stdout
    assert "README" not in done.stdout


def test_the_hook_takes_arguments_and_lets_good_stories_pass(hooks):
    done = hooks(args=["--min-strength=4"], files="late-parcels")
    assert done.returncode == 0, done.stdout
    assert "Passed" in done.stdout


def test_pre_commit_would_accept_the_hook_and_the_example(clean, tmp_path):
    check = BIN / "pre-commit"
    environment = {**clean, "PRE_COMMIT_HOME": str(tmp_path)}
    assert run([check, "validate-manifest", ".pre-commit-hooks.yaml"], ROOT, environment).returncode == 0
    assert run([check, "validate-config", EXAMPLES / "pre-commit-config.yaml"], ROOT, environment).returncode == 0


def test_the_makefile_fails_on_new_gaps_and_lets_known_ones_pass(repository, clean):
    make = ["make", "-f", EXAMPLES / "Makefile"]
    assert run([*make, "stories"], repository, clean).returncode == 2
    assert run([*make, "known"], repository, clean).returncode == 0
    done = run([*make, "stories"], repository, clean)
    assert done.returncode == 0, done.stderr
    assert (repository / "stories.html").is_file()


def test_the_jenkinsfiles_command_leaves_what_jenkins_collects(repository, clean):
    text = (EXAMPLES / "Jenkinsfile").read_text(encoding="utf-8")
    _, command = re.findall(r"sh '''\n(.*?)'''", text, flags=re.DOTALL)
    (repository / ".star-coach").symlink_to(sys.prefix)
    assert run(["sh", "-e", "-c", command.replace("\\\n", "")], repository, clean).returncode == 1
    collected = re.findall(r"(?:testResults|artifacts): '([^']+)'", text)
    assert len(collected) == 2
    assert all((repository / name).is_file() for name in collected)
