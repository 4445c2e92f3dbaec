"""Know the gaps that were there before: a list of fingerprints that a project keeps beside its stories."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from app.coach.fingerprints import fingerprint, story_key
from app.coach.select import Selection
from app.documents import DocumentError, find_line, load_json
from app.domain import Assessment, Gap, GapCode, Status, Story, Suppression, Value
from app.errors import InvalidInput

VERSION = 1
_STDIN = "-"
_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]+$", max_length=64)]


class Known(Value):
    """A gap that was there before; nothing in it is text of a story.

    Attributes:
        path: The story's file, from the folder of the baseline; `-` for stdin.
        story: Which story it is, as a digest.
        gap: Its fingerprint.
    """

    path: str
    code: GapCode
    story: _Digest
    gap: _Digest


class _Document(Value):
    version: Literal[1]
    gaps: tuple[Known, ...]


class Baseline:
    """The gaps that were known before a run, and what the run makes of them.

    Args:
        name: The file, as the caller named it.
        folder: The folder it stands in, from which paths of stories are told.
        known: The gaps.
    """

    def __init__(self, name: str, folder: Path, known: Iterable[Known] = ()) -> None:
        self._name = name
        self._folder = folder.absolute()
        self._known = sorted(known, key=_order)
        self._left = Counter(entry.gap for entry in self._known)
        self._seen: set[str] = set()
        self._found: list[Known] = []

    def apply(self, assessment: Assessment, story: Story) -> Assessment:
        """Return the assessment; the gaps that were known are suppressed with the baseline's name as the reason.

        What a comment in the story suppresses already needs no entry.
        """
        if assessment.status is Status.NOT_ASSESSED:
            return assessment
        entries = self._enter(assessment, story)
        known: set[int] = set()
        for place, entry in enumerate(entries):
            if entry is not None and self._left[entry.gap] > 0:
                self._left[entry.gap] -= 1
                self._found.append(entry)
                known.add(place)
        return self._suppress(assessment, known)

    def record(self, assessment: Assessment, story: Story, selection: Selection) -> Assessment:
        """Do as `apply` does, and know from now on all gaps that are selected."""
        told = self.apply(assessment, story)
        if assessment.status is Status.NOT_ASSESSED:
            return told
        new: set[int] = set()
        for place, (gap, entry) in enumerate(zip(told.gaps, self._enter(told, story), strict=True)):
            if entry is not None and selection.covers(gap):
                self._found.append(entry)
                new.add(place)
        return self._suppress(told, new)

    def stale(self) -> Iterator[Known]:
        """Yield the entries whose gap is gone from its story, or whose file is gone; others were not looked at."""
        left = self._left.copy()
        for entry in self._known:
            is_gone = entry.story in self._seen or not self._exists(entry.path)
            if left[entry.gap] > 0 and is_gone:
                left[entry.gap] -= 1
                yield entry

    def count(self) -> tuple[int, int]:
        """Return how many gaps are found that are known now, and how many entries are gone."""
        return len(self._found), sum(1 for _ in self.stale())

    def render(self) -> str:
        """Return the file as it should be after the run: what was found, and what was not looked at.

        The order depends on what is in it alone, and each gap has a line of its own, so that a change shows as such.
        """
        kept = (entry for entry in self._known if entry.story not in self._seen and self._exists(entry.path))
        entries = sorted([*self._found, *kept], key=_order)
        lines = [json.dumps(entry.model_dump(), ensure_ascii=False) for entry in entries]
        gaps = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
        return f'{{\n  "version": {VERSION},\n  "gaps": {gaps}\n}}\n'

    def _enter(self, assessment: Assessment, story: Story) -> list[Known | None]:
        """Return what each gap would be known as; None for one that is suppressed already."""
        path = self._from_folder(assessment.story.path)
        ref = assessment.story.model_copy(update={"path": path})
        key = story_key(assessment.model_copy(update={"story": ref}), story)
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self._seen.add(digest)
        return [
            None if gap.suppressed else Known(path=path, code=gap.code, story=digest, gap=fingerprint(key, gap))
            for gap in assessment.gaps
        ]

    def _suppress(self, assessment: Assessment, places: set[int]) -> Assessment:
        if not places:
            return assessment
        reason = Suppression(kind="baseline", reason=f"known before, in {self._name}")

        def tell(place: int, gap: Gap) -> Gap:
            return gap.model_copy(update={"suppressed": reason}) if place in places else gap

        gaps = tuple(tell(place, gap) for place, gap in enumerate(assessment.gaps))
        return assessment.model_copy(update={"gaps": gaps})

    def _from_folder(self, path: str | None) -> str:
        if path is None or path == _STDIN:
            return _STDIN
        return Path(os.path.relpath(path, self._folder)).as_posix()

    def _exists(self, path: str) -> bool:
        return path == _STDIN or (self._folder / path).exists()


def load_baseline(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        InvalidInput: It can't be read, or is no baseline of this version; names the line where one is to blame.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise _broken(path, f"can't be read ({reason}); --update-baseline makes one") from None
    except UnicodeDecodeError:
        raise _broken(path, "is not UTF-8") from None
    try:
        document = _Document.model_validate(load_json(text))
    except DocumentError as error:
        raise _broken(path, error.reason, error.line) from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise _broken(path, f"{place}: {first['msg'].lower()}", find_line(text, list(first["loc"]))) from None
    return Baseline(path.name, path.parent, document.gaps)


def _broken(path: Path, reason: str, line: int | None = None) -> InvalidInput:
    place = path if line is None else f"{path}:{line}"
    return InvalidInput(f"{place}: the baseline {reason}", slug="bad-baseline")


def _order(entry: Known) -> tuple[str, str, str, str]:
    return entry.path, entry.story, entry.code, entry.gap
