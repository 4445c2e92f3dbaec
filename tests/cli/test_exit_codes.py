"""The exit codes, case by case."""

import pytest

from app import errors
from app.cli.command import _tell
from app.cli.exits import FAMILIES, Exit, exit_code
from tests.cli.conftest import STRONG, WEAK


@pytest.fixture
def folder(tmp_path):
    """A story that passes, one that is too short and one that can't be read, each in a file."""
    (tmp_path / "good.md").write_bytes(STRONG.read_bytes())
    (tmp_path / "short.md").write_text("I did it.")
    (tmp_path / "broken.md").write_bytes(b"\xff\xff")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["{good}"], Exit.PASSED),
        (["{weak}"], Exit.PASSED),
        (["{weak}", "--fail-on", "never"], Exit.PASSED),
        (["{good}", "--fail-on", "error", "--min-strength", "4"], Exit.PASSED),
        (["{weak}", "--fail-on", "error"], Exit.BELOW_THRESHOLD),
        (["{weak}", "--fail-on", "note"], Exit.BELOW_THRESHOLD),
        (["{good}", "{weak}", "--min-strength", "4"], Exit.BELOW_THRESHOLD),
        (["{good}", "{weak}", "--min-mean-strength", "2"], Exit.PASSED),
        (["{good}", "{weak}", "--min-mean-strength", "5"], Exit.BELOW_THRESHOLD),
        (["{good}", "{weak}", "--require-principles", "dive-deep"], Exit.PASSED),
        (["{weak}", "--require-principles", "dive-deep"], Exit.BELOW_THRESHOLD),
        (["{weak}", "--fail-on", "note", "--select", "blames-others"], Exit.PASSED),
        (["{weak}", "--fail-on", "error", "--select", "weak-ownership"], Exit.BELOW_THRESHOLD),
        (["{weak}", "--fail-on", "error", "--baseline", "{new}", "--update-baseline"], Exit.PASSED),
        (["{weak}", "--fail-on", "error", "--baseline", "{none}"], Exit.BELOW_THRESHOLD),
        (["{weak}", "--min-strength", "5", "--baseline", "{new}", "--update-baseline"], Exit.BELOW_THRESHOLD),
        (["{short}", "--min-mean-strength", "5"], Exit.INCOMPLETE),
        (["{good}", "{short}", "--require-principles", "frugality"], Exit.INCOMPLETE),
        (["{good}", "{short}"], Exit.INCOMPLETE),
        (["{good}", "{broken}"], Exit.INCOMPLETE),
        (["{short}"], Exit.INCOMPLETE),
        (["{weak}", "{short}", "--fail-on", "error"], Exit.INCOMPLETE),
        (["{broken}"], Exit.USAGE),
        (["{good}.nowhere"], Exit.USAGE),
        (["{empty}"], Exit.USAGE),
        ([], Exit.USAGE),
        (["{good}", "--nonsense"], Exit.USAGE),
        (["{good}", "--engine", "magic"], Exit.USAGE),
        (["{good}", "--fail-on", "fatal"], Exit.USAGE),
        (["{good}", "--min-strength", "6"], Exit.USAGE),
        (["{good}", "--rubric", "none"], Exit.USAGE),
        (["{good}", "--rubric", "../../etc"], Exit.USAGE),
        (["{good}", "--role", "astronaut"], Exit.USAGE),
        (["{good}", "--level", "L99"], Exit.USAGE),
        (["{good}", "--principles", "kindness"], Exit.USAGE),
        (["{good}", "--engine", "llm"], Exit.USAGE),
        (["{good}", "--update-baseline"], Exit.USAGE),
        (["{good}", "--baseline", "{empty}/none.json"], Exit.USAGE),
        (["{good}", "--baseline", "{good}"], Exit.USAGE),
        (["{good}", "--select", "no-such-gap"], Exit.USAGE),
        (["{good}", "--ignore", "no-such-gap"], Exit.USAGE),
        (["{good}", "--require-principles", "kindness"], Exit.USAGE),
        (["{good}", "--min-mean-strength", "0"], Exit.USAGE),
        (["{good}", "--changed-since", "HEAD"], Exit.USAGE),
        (["{empty}", "--exclude", "!"], Exit.USAGE),
        (["{good}", "--config", "{empty}/coach.toml"], Exit.USAGE),
        (["{empty}/*.md"], Exit.USAGE),
        (["{good}", "--output", "{empty}/no/such/folder.json"], Exit.USAGE),
        (["{good}", "--format", "json", "--format", "text"], Exit.USAGE),
    ],
)
def test_score_ends_with(cli, folder, arguments, code):
    (folder / "empty").mkdir()
    names = {
        "good": folder / "good.md",
        "short": folder / "short.md",
        "broken": folder / "broken.md",
        "empty": folder / "empty",
        "weak": WEAK,
        "new": folder / "new.json",
        "none": folder / "none.json",
    }
    (folder / "none.json").write_text('{"version": 1, "gaps": []}')
    result = cli("score", *[argument.format(**names) for argument in arguments])
    assert result.code == code
    assert "Traceback" not in result.err
    if code in {Exit.USAGE, Exit.INCOMPLETE} and "{short}" not in arguments:
        assert result.err.strip()


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["score", "--help"], ["rubrics", "list"]])
def test_telling_about_itself_succeeds(cli, arguments):
    assert cli(*arguments).code == 0


def test_a_value_that_an_option_does_not_know_is_told_in_plain_words(cli):
    told = cli("eval", "evals", "--format", "yaml").err
    assert told.startswith("star-coach: error: Invalid value for '--format' / '-f': 'yaml' is not one of 'text'")


def test_the_help_of_score_names_where_options_come_from(cli):
    told = " ".join(cli("score", "--help").out.split())
    assert "coach.toml or the table tool.star-coach of pyproject.toml decide" in told
    assert "default_role" in told


@pytest.mark.parametrize("arguments", [[], ["keys"], ["db"]])
def test_a_verb_left_out_shows_the_help_and_fails(cli, arguments):
    result = cli(*arguments)
    assert (result.code, result.err) == (2, "")
    assert "Usage: star-coach" in result.out


def test_usage_errors_are_one_line_that_names_the_program(cli):
    result = cli("scoer")
    assert result.err == (
        "star-coach: error: No such command 'scoer'. Did you mean 'score', 'serve'? Try star-coach --help.\n"
    )


def every_family():
    waiting = [errors.CoachError]
    while waiting:
        family = waiting.pop()
        waiting.extend(family.__subclasses__())
        if family is not errors.CoachError and family.__module__ == "app.errors":
            yield family


def test_every_failure_family_has_an_exit_code():
    direct = {family for family in every_family() if errors.CoachError in family.__bases__}
    assert direct == set(FAMILIES)


def test_a_narrower_error_ends_as_its_family_does():
    assert exit_code(errors.UnreadableStory("a.md", "is empty")) == Exit.USAGE
    assert exit_code(errors.CoachError("something else")) == Exit.INCOMPLETE


def test_a_bad_setting_is_named_and_its_value_is_not(cli, monkeypatch):
    monkeypatch.setenv("COACH_MAX_STORY_CHARS", "plenty-and-secret")
    result = cli("score", STRONG)
    assert result.code == Exit.USAGE
    assert "COACH_MAX_STORY_CHARS" in result.err
    assert "secret" not in result.err


def test_a_defect_is_one_line_without_its_message(capfd):
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError("a canary in the message")
    assert _tell(caught.value) == Exit.INCOMPLETE
    err = capfd.readouterr().err
    assert err.startswith("star-coach: error: a defect of this program (RuntimeError at test_exit_codes.py:")
    assert "canary" not in err
    assert err.count("\n") == 1
