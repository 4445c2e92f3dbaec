"""What git says has changed."""

import os
import subprocess
from pathlib import Path

import pytest

from app.coach.changes import Changes
from app.coach.finding import Finder
from app.errors import InvalidInput


def git(*arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, env=environment)


def commit(**files):
    for name, text in files.items():
        Path(f"{name}.md").write_text(text, encoding="utf-8")
    git("add", "-A")
    git("commit", "-q", "-m", "change")


LONG = "".join(f"Line {number} of a story.\n" for number in range(40))


@pytest.fixture(autouse=True)
def repository(tmp_path, monkeypatch):
    """Work in a repository with one commit of three stories."""
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    commit(a=LONG, b=LONG + "b", c=LONG + "c")
    return tmp_path


def changed(revision="HEAD", name="."):
    return [file.shown for file in Finder(changes=Changes(revision)).find(Path(name), name).files]


def test_nothing_has_changed_after_a_commit():
    assert changed() == []


def test_what_was_edited_staged_committed_or_is_new_has_changed():
    commit(a="Edited and committed.")
    Path("b.md").write_text("Edited and staged.")
    git("add", "b.md")
    Path("c.md").write_text("Edited.")
    Path("d.md").write_text("New.")
    assert changed("HEAD~1") == ["a.md", "b.md", "c.md", "d.md"]
    assert changed() == ["b.md", "c.md", "d.md"]


def test_a_file_that_git_ignores_is_never_new():
    Path(".gitignore").write_text("private.md\n")
    Path("private.md").write_text("x")
    assert changed() == []


def test_renaming_alone_is_no_change_and_renaming_with_an_edit_is():
    git("mv", "a.md", "z.md")
    assert changed() == []
    Path("z.md").write_text(LONG + "One line more.\n")
    assert changed() == ["z.md"]


def test_what_was_deleted_is_not_looked_for():
    Path("a.md").unlink()
    assert changed() == []


def test_what_others_changed_since_the_branch_left_does_not_count():
    git("checkout", "-q", "-b", "mine")
    commit(a="Mine.")
    git("checkout", "-q", "main")
    commit(b="Theirs.")
    git("checkout", "-q", "mine")
    assert changed("main") == ["a.md"]


def test_a_name_that_git_would_quote_is_found():
    commit(**{"späte Züge\t“1”": LONG})
    Path("späte Züge\t“1”.md").write_text("Edited.")
    assert changed() == ["späte Züge\t“1”.md"]


def test_a_named_file_without_changes_is_passed_over_and_one_that_is_missing_is_told():
    assert changed(name="a.md") == []
    assert changed(name="nowhere.md") == ["nowhere.md"]


def test_a_link_to_a_changed_file_has_changed(tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("links") / "here"
    elsewhere.symlink_to(Path.cwd())
    Path("a.md").write_text("Edited.")
    assert changed(name=str(elsewhere)) == [f"{elsewhere}/a.md"]


def test_a_hook_of_another_repository_does_not_mislead(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("GIT_DIR", str(tmp_path_factory.mktemp("other")))
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")
    Path("a.md").write_text("Edited.")
    assert changed() == ["a.md"]


@pytest.mark.parametrize("revision", ["nowhere", "--all", "-p", "", "HEAD~99", "a.md"])
def test_an_unknown_revision_is_refused(revision):
    with pytest.raises(InvalidInput, match="has no revision") as failure:
        changed(revision)
    assert "shallow clone" in failure.value.detail


def test_outside_a_repository_nobody_can_tell(tmp_path_factory, monkeypatch):
    place = tmp_path_factory.mktemp("plain")
    (place / "a.md").write_text("x")
    monkeypatch.chdir(place)
    with pytest.raises(InvalidInput, match="is in no git repository"):
        changed()


def test_an_empty_folder_outside_a_repository_is_refused_as_well(tmp_path_factory):
    with pytest.raises(InvalidInput, match="is in no git repository"):
        changed(name=str(tmp_path_factory.mktemp("plain")))


def test_without_git_nobody_can_tell(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InvalidInput, match="git is not installed"):
        changed()


def test_what_git_says_against_it_is_told():
    Path(".git/HEAD").write_text("broken")
    with pytest.raises(InvalidInput, match="git failed in "):
        changed()
