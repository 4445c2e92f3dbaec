"""What a report of `star-coach score` is never written over."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TEXT = "I moved the nightly export because two jobs shared a lock. It has not failed since."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a story in each kind of file, and in it the command."""
    (tmp_path / "mine.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "ours.json").write_text(json.dumps([{"text": TEXT}]), encoding="utf-8")
    (tmp_path / "theirs.jsonl").write_text(json.dumps({"text": TEXT}) + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("source", [".", "*", "**/*", "../*/*", "*.[jm]*"])
@pytest.mark.parametrize("story", ["mine.md", "./mine.md", "ours.json", "theirs.jsonl"])
def test_no_report_is_written_over_a_story_of_a_folder_or_a_pattern(
    cli: Callable[..., Any], folder: Path, source: str, story: str
):
    before = (folder / story).read_bytes()
    result = cli("score", source, "--format", "json", "-o", story)
    assert result.code == 2
    assert "would be written over the story" in result.err
    assert (folder / story).read_bytes() == before


def test_a_report_of_data_takes_the_place_of_the_one_before(cli: Callable[..., Any], folder: Path):
    for name in ("report.json", "report.jsonl", "report.sarif", "report.html"):
        for source in (".", "*"):
            assert cli("score", source, "-o", name).code == 0
    assert json.loads((folder / "report.json").read_text(encoding="utf-8"))["summary"]["stories"] == 3


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("more", [(), ("--update-baseline",)])
def test_no_report_is_written_over_the_baseline(cli: Callable[..., Any], more: tuple[str, ...]):
    if not more:
        assert cli("score", "mine.md", "--baseline", "known.json", "--update-baseline").code == 0
    result = cli("score", "mine.md", "--baseline", "known.json", *more, "-f", "json", "-o", "./known.json")
    assert result.code == 2
    assert "would be written over the baseline" in result.err


@pytest.mark.parametrize("other", ["sub/../same", "link", "sub/link"])
def test_two_spellings_of_one_place_are_one_place(cli: Callable[..., Any], folder: Path, other: str):
    (folder / "sub").mkdir()
    (folder / "link").symlink_to("same")
    (folder / "sub" / "link").symlink_to("../same")
    result = cli("score", "mine.md", "-f", "json", "-o", "same", "-f", "csv", "-o", other)
    assert result.code == 2
    assert "two reports would go to" in result.err
    assert not (folder / "same").exists()


@pytest.mark.usefixtures("folder")
def test_a_name_that_is_too_long_is_wrong_usage(cli: Callable[..., Any]):
    result = cli("score", "mine.md", "-f", "json", "-o", "x" * 300)
    assert result.code == 2
    assert "can't be written (file name too long)" in result.err
