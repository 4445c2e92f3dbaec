"""Keep reports from being written over what a run reads."""

import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from app.coach.finding import TEXT_SUFFIXES, Finder, is_quietly
from app.coach.reading import read_stories
from app.domain import Story
from app.errors import InvalidInput

_RECORDS_LOOKED_AT = 20  # the first few may be broken; a report of the run before holds no story at all


def keep_from(outputs: Sequence[str], paths: Sequence[str], baseline: Path | None, finder: Finder) -> None:
    """Return when no report takes the place of a story or of the baseline.

    Args:
        outputs: Where reports go; `-` is stdout.
        paths: Files, folders and patterns of stories; `-` is stdin.
        baseline: The file of known gaps, which may yet have to be made.
        finder: Tells what goes by a pattern.

    Raises:
        InvalidInput: A report would.
    """
    for output in (Path(name) for name in outputs if name != "-"):
        if baseline is not None and os.path.realpath(output) == os.path.realpath(baseline):
            raise InvalidInput(f"the report would be written over the baseline {output}", slug="would-overwrite")
        if not is_quietly(Path.is_file, output):
            continue
        for name in paths:
            if name != "-" and _would_cost(Path(name), output, finder):
                raise InvalidInput(f"the report would be written over the story {output}", slug="would-overwrite")


def _would_cost(source: Path, output: Path, finder: Finder) -> bool:
    """Tell whether a file that is there is the story, or one of those in the folder or the pattern."""
    if is_quietly(Path.is_file, source):
        return output.samefile(source)
    if is_quietly(Path.is_dir, source):
        return source.resolve() in output.resolve().parents and _holds_story(output)
    found = finder.find(source, os.fspath(source))
    others = (*(file.path for file in found.files), *found.excluded, *found.unchanged)
    return any(is_quietly(Path.is_file, other) and output.samefile(other) for other in others) and _holds_story(output)


def _holds_story(file: Path) -> bool:
    if file.suffix.lower() in TEXT_SUFFIXES:
        return True
    return any(isinstance(item, Story) for item in islice(read_stories(file, file.name), _RECORDS_LOOKED_AT))
