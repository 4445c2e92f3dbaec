"""Which files are found: folders, patterns and what is passed over."""

import os
import re
from pathlib import Path

import pytest

from app.coach.finding import Finder
from app.coach.reading import read_found
from app.domain import Story
from app.errors import InvalidInput, UnreadableStory


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Work in a repository of its own."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("stories/a.md", "stories/b.txt", "stories/deep/c.md", "stories/deep/d.docx", "stories/.hidden.md"):
        write(name)
    return tmp_path


def write(name, text="A story."):
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def find(name="stories", **options):
    return [file.shown for file in Finder(**options).find(Path(name), str(name)).files]


def ignore(text, folder="."):
    write(f"{folder}/.coachignore", text)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("stories/*.md", ["stories/a.md"]),
        ("stories/**/*.md", ["stories/a.md", "stories/deep/c.md"]),
        ("**/c.*", ["stories/deep/c.md"]),
        ("stories/[ab].*", ["stories/a.md", "stories/b.txt"]),
        ("stories/?.md", ["stories/a.md"]),
        ("stories/**", ["stories/a.md", "stories/b.txt", "stories/deep/c.md"]),
        ("s*", ["stories/a.md", "stories/b.txt", "stories/deep/c.md"]),
        ("stories/d*/", ["stories/deep/c.md"]),
    ],
)
def test_a_pattern_gives_each_file_once_in_the_order_of_names(pattern, found):
    assert find(pattern) == found


def test_a_file_whose_name_looks_like_a_pattern_is_that_file():
    write("stories/[a].md")
    assert find("stories/[a].md") == ["stories/[a].md"]


def test_a_pattern_that_matches_nothing_is_told():
    [error] = read_found(Finder().find(Path("nowhere/*.md"), "nowhere/*.md"))
    assert isinstance(error, UnreadableStory)
    assert error.detail == "nowhere/*.md: there is no such file, and the pattern matches none"


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        ("deep/", ["stories/a.md", "stories/b.txt"]),
        ("*.md", ["stories/b.txt"]),
        ("*.md\n!a.md", ["stories/a.md", "stories/b.txt"]),
        ("/stories/a.md", ["stories/b.txt", "stories/deep/c.md"]),
        ("/a.md", ["stories/a.md", "stories/b.txt", "stories/deep/c.md"]),
        ("# a.md\n\n", ["stories/a.md", "stories/b.txt", "stories/deep/c.md"]),
        ("stories/**/c.md", ["stories/a.md", "stories/b.txt"]),
        ("*", []),
    ],
)
def test_patterns_of_a_folder_above_hold(patterns, found):
    ignore(patterns)
    assert find() == found
    assert find("stories/**") == found
    assert find(str(Path("stories").absolute())) == [str(Path(name).absolute()) for name in found]


def test_a_deeper_file_of_patterns_goes_before():
    ignore("*.md")
    ignore("!c.md", "stories/deep")
    assert find() == ["stories/b.txt", "stories/deep/c.md"]


def test_a_pattern_of_the_command_goes_before_every_file_of_patterns():
    ignore("!a.md", "stories")
    assert find(patterns=["a.md"]) == ["stories/b.txt", "stories/deep/c.md"]
    assert find(patterns=["/a.md"], base=Path("stories")) == ["stories/b.txt", "stories/deep/c.md"]
    assert find(patterns=["/a.md"]) == ["stories/a.md", "stories/b.txt", "stories/deep/c.md"]


def test_a_file_that_is_named_is_never_passed_over():
    ignore("*")
    assert find("stories/a.md", patterns=["*"]) == ["stories/a.md"]


def test_patterns_above_the_repository_do_not_count(place):
    write(place / "inner/.git/HEAD")
    write(place / "inner/a.md")
    ignore("*.md")
    assert find("inner") == ["inner/a.md"]


def test_what_is_passed_over_is_counted_and_not_entered():
    ignore("deep/")
    assert Finder().find(Path("stories"), "stories").excluded == [Path("stories/deep")]


@pytest.mark.parametrize("pattern", ["!", "\\"])
def test_a_pattern_that_is_none_is_refused_with_its_line(place, pattern):
    ignore(f"a.md\n{pattern}\n")
    with pytest.raises(InvalidInput, match=re.escape(f"{place}/.coachignore:2: this is no pattern")):
        find()
    with pytest.raises(InvalidInput, match="--exclude:1: "):
        find(patterns=[pattern])


def test_a_file_of_patterns_that_is_no_text_is_refused():
    Path(".coachignore").write_bytes(b"\xff")
    with pytest.raises(InvalidInput, match="is not UTF-8"):
        find()


def test_names_that_are_no_text_are_found():
    Path(os.fsdecode(b"stories/\xff.md")).write_text("x")
    ignore("a.md")
    assert find() == ["stories/b.txt", "stories/deep/c.md", "stories/\\xff.md"]


def test_each_file_is_opened_when_its_turn_comes():
    stories = read_found(Finder().find(Path("stories"), "stories"))
    next(stories)
    write("stories/b.txt", "Written later.")
    second = next(stories)
    assert isinstance(second, Story)
    assert second.text == "Written later."
