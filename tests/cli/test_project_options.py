"""Options that a project keeps: found upwards, refused with their line, shown with their source."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import STRONG, WEAK


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """Work in a folder of a project."""
    texts = STRONG.read_bytes(), WEAK.read_bytes()
    folder = tmp_path / "project/stories"
    folder.mkdir(parents=True)
    (tmp_path / "project/.git").mkdir()
    for name, text in zip(("strong.md", "weak.md"), texts, strict=True):
        (folder / name).write_bytes(text)
    monkeypatch.chdir(folder)
    return tmp_path / "project"


def write(project, text, name="coach.toml"):
    (project / name).write_text(text, encoding="utf-8")


def test_the_nearest_file_upwards_decides_what_the_command_line_leaves_open(cli, project):
    write(project, 'fail-on = "error"\n')
    assert cli("score", "weak.md").code == 1
    assert cli("score", "weak.md", "--fail-on", "never").code == 0
    assert cli("score", "weak.md", "--no-config").code == 0
    write(project, 'fail-on = "never"\n', "stories/coach.toml")
    assert cli("score", "weak.md").code == 0
    assert cli("score", "weak.md", "--config", project / "coach.toml").code == 1


def test_a_table_in_pyproject_decides_as_well_and_coach_toml_goes_before_it(cli, project):
    write(project, '[project]\nname = "x"\n\n[tool.star-coach]\nfail-on = "error"\n', "pyproject.toml")
    assert cli("score", "weak.md").code == 1
    write(project, "", "coach.toml")
    assert cli("score", "weak.md").code == 0


@pytest.mark.parametrize(
    "text", ['[project]\nname = "x"\n', "[broken\n", "[tool]\n", '[tool.other]\nfail-on = "error"\n']
)
def test_a_pyproject_without_the_table_is_passed_over(cli, project, text):
    write(project, text, "stories/pyproject.toml")
    write(project, 'fail-on = "error"\n')
    assert cli("score", "weak.md").code == 1


def test_what_stands_above_the_repository_decides_nothing(cli, project):
    write(project.parent, 'fail-on = "error"\n')
    assert cli("score", "weak.md").code == 0


def test_the_environment_goes_before_the_project_and_the_command_line_before_both(cli, project, monkeypatch):
    write(project, 'engine = "rules"\nrubric = "nowhere"\n')
    assert cli("score", "weak.md").code == 2
    monkeypatch.setenv("COACH_RUBRIC", "leadership-principles")
    assert cli("score", "weak.md").code == 0
    assert cli("score", "weak.md", "--rubric", "none").code == 2


def test_every_option_has_its_effect(cli, project):
    write(
        project,
        """
fail-on = "error"
min-mean-strength = 1
ignore = ["weak-ownership"]
select = "weak-ownership,missing-metric, vague-result"
exclude = ["/stories/strong.md"]
format = "json"
role = "sde"
level = "L7"
principles = ["dive-deep", "ownership"]
question = "Why?"
jobs = 1
""",
    )
    (project / "stories/weak.md").write_text(WEAK_BODY)
    result = cli("score", ".")
    [assessment] = result.json["assessments"]
    assert {gap["code"] for gap in assessment["gaps"]} <= {"missing-metric", "vague-result"}
    assert assessment["target"] == {
        "question": "Why?",
        "principles": ["dive-deep", "ownership"],
        "role": "sde",
        "level": "L7",
    }


WEAK_BODY = WEAK.read_text(encoding="utf-8").split("---")[2]


def test_paths_in_the_file_are_told_from_its_folder(cli, project):
    assert cli("score", "weak.md", "--baseline", project / "known.json", "--update-baseline").code == 0
    write(project, 'baseline = "known.json"\nfail-on = "note"\n')
    assert cli("score", "weak.md").code == 0
    assert cli("score", "weak.md", "--baseline", "known.json").code == 2


def test_a_format_on_the_command_line_goes_before_that_of_the_project(cli, project):
    write(project, 'format = "json"\n')
    assert cli("score", "weak.md").json["summary"]["stories"] == 1
    assert cli("score", "weak.md", "--format", "text").out.startswith("●")
    assert cli("score", "weak.md", "--output", "-").out.startswith("●")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('\nfail_on = "error"', "2: unknown key 'fail_on'; did you mean fail-on?"),
        ('\n\napi-key = "canary"', "3: unknown key 'api-key'; known are engine, rubric, "),
        ('# x\nfail-on = "fatal"', "2: fail-on: input should be 'error', 'warning', 'note' or 'never'"),
        ("min-strength = 6", "1: min-strength: input should be less than or equal to 5"),
        ('jobs = 2\nmin-strength = "3"', "2: min-strength: input should be a valid integer"),
        ("min-strength = true", "1: min-strength: "),
        ("jobs = 1.5", "1: jobs: "),
        ("max-cost-usd = 0", "1: max-cost-usd: input should be greater than 0"),
        ('ignore = [\n  "hedging",\n  "hedgin",\n]', "1: ignore: input should be 'missing-situation', "),
        ('exclude = [\n  "a",\n]\njobs = 1\nselect = 3', "5: select: "),
        ("role = 3", "1: role: input should be a valid string"),
        ('role = "x"\nrole = "y"', "2: cannot overwrite a value"),
        ("jobs =", "1: invalid value"),
        ('question = "canary', "1: "),
        ("[tool.star-coach]\njobs = 2", "1: unknown key 'tool'; "),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(cli, project, text, complaint):
    write(project, text)
    result = cli("score", "weak.md")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"star-coach: error: ../coach.toml:{complaint}")
    assert "canary" not in result.err


def test_lines_count_in_the_whole_pyproject(cli, project):
    write(project, '[project]\nname = """\nx\n"""\n\n[tool.star-coach]\n# no\njobs = 0\n', "pyproject.toml")
    assert cli("score", "weak.md").err.startswith("star-coach: error: ../pyproject.toml:8: jobs: ")
    for text in (
        "[[tool.other]]\na = 1\n[tool.star-coach] # x\njob = 0\n",
        "tool.other = [\n1,\n]\ntool.star-coach.job = 0\n",
        "[tool.star-coach.jobs]\n[other]\njobs = 1\n[tool.star-coach.job]\n",
        "\n[tool]\n\nstar-coach = { job = 0 }\n",
    ):
        write(project, text, "pyproject.toml")
        assert cli("score", "weak.md").err.startswith("star-coach: error: ../pyproject.toml:4: unknown key 'job'")
    write(project, "[tool]\nstar-coach = 5\n", "pyproject.toml")
    assert cli("score", "weak.md").err == ("star-coach: error: ../pyproject.toml:2: tool.star-coach must be a table\n")
    write(project, "[tool.star-coach]\njobs = [\n", "pyproject.toml")
    assert cli("score", "weak.md").err.startswith("star-coach: error: ../pyproject.toml:3: ")


@pytest.mark.parametrize("raw", [b"jobs = 1 # \xff", b"\xff\xfej\x00", b"a" * 2_000_000])
def test_a_file_that_is_no_text_is_refused(cli, project, raw):
    (project / "coach.toml").write_bytes(raw)
    result = cli("score", "weak.md")
    assert result.code == 2
    assert "coach.toml" in result.err


def test_a_named_file_must_be_there_and_have_the_table(cli, project):
    assert cli("score", "weak.md", "--config", "nowhere.toml").code == 2
    write(project, "[project]\n", "pyproject.toml")
    result = cli("score", "weak.md", "--config", project / "pyproject.toml")
    assert result.err == "star-coach: error: ../pyproject.toml: there is no table [tool.star-coach]\n"


def test_a_target_that_the_rubric_lacks_is_told_with_the_line(cli, project):
    write(project, 'jobs = 2\nlevel = "L99"\n')
    assert cli("score", "weak.md").err.startswith("star-coach: error: ../coach.toml:2: level: the level is not in")
    write(project, 'require-principles = ["kindness"]\n')
    assert cli("score", "weak.md").err.startswith("star-coach: error: ../coach.toml:1: require-principles: a principle")


def test_config_shows_each_value_and_its_source(cli, project, monkeypatch):
    write(project, 'fail-on = "error"\nexclude = ["a", "b"]\nbaseline = "known.json"\n')
    monkeypatch.setenv("COACH_ENGINE", "rules")
    result = cli("config")
    assert result.code == 0
    lines = [line.split() for line in result.out.splitlines()]
    assert ["project:", "../coach.toml"] in lines
    assert ["fail-on", "error", "../coach.toml:1"] in lines
    assert ["exclude", "a,", "b", "../coach.toml:2"] in lines
    assert ["engine", "rules", "COACH_ENGINE"] in lines
    assert ["min-strength", "-", "default"] in lines
    assert ["COACH_ENGINE", "rules", "COACH_ENGINE"] in lines
    data = json.loads(cli("config", "--format", "json").out)
    assert data["file"] == "../coach.toml"
    assert data["options"]["fail-on"] == {"value": "error", "source": "../coach.toml:1"}
    assert data["settings"]["COACH_PORT"] == {"value": 8000, "source": "default"}
    assert Path(data["options"]["baseline"]["value"]).resolve() == project / "known.json"


def test_config_shows_no_secret(cli, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    monkeypatch.setenv("COACH_DATABASE_URL", "postgresql+psycopg://ann:canary@db/coach")
    for address in ("https://ann:canary@models.example/v1", "https://models.example/v1?key=canary", "//canary@["):
        monkeypatch.setenv("COACH_BASE_URL", address)
        for format_ in ("text", "json"):
            result = cli("config", "--format", format_)
            assert result.code == 0
            assert "canary" not in result.out
            assert result.out.count("set, not shown") == 3
    monkeypatch.setenv("COACH_BASE_URL", "https://models.example/v1")
    assert "https://models.example/v1" in cli("config").out


def test_config_keeps_names_and_values_apart(cli):
    rows = [line for line in cli("config").out.splitlines() if line.startswith("  ")]
    assert all(re.match(r"  \S+  +\S", row) for row in rows)


def test_config_without_a_project_says_so(cli):
    assert cli("config").out.startswith("project: no coach.toml, no [tool.star-coach]\n")


def test_config_refuses_a_wrong_file(cli, project):
    write(project, "job = 1\n")
    result = cli("config")
    assert (result.code, result.out) == (2, "")
    assert "did you mean jobs?" in result.err
