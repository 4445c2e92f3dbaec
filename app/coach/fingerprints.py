"""Name a gap so that it is known again after edits elsewhere in its story."""

import hashlib
import json
import posixpath
import unicodedata
from collections.abc import Iterator

from app.domain import Assessment, Gap, GapCode, Story

_QUOTED = frozenset({GapCode.NO_BASELINE, GapCode.VAGUE_RESULT, GapCode.HEDGING, GapCode.BLAMES_OTHERS})
"""Gaps that are words which stand in the text; all others are something that the whole story lacks or does."""

_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})


def story_key(assessment: Assessment, story: Story | None = None) -> str:
    """Return what a story is known by between runs: its id, else its file, else its title.

    A record without an id that shares its file with others is known by file and title.

    Args:
        assessment: What was made of the story.
        story: The story itself, where it is at hand.
    """
    ref = assessment.story
    if ref.id is not None:
        return f"id:{ref.id}"
    if ref.path is None or ref.path == "-":
        return f"title:{ref.title or ''}"
    path = posixpath.normpath(ref.path.replace("\\", "/"))
    return f"record:{path}:{ref.title}" if story is not None and story.first_char is None else f"path:{path}"


def fingerprint(key: str, gap: Gap) -> str:
    """Return 32 hex digits that stay while the gap does.

    They rest on the story's key and the gap's code; for a gap that is words in the text, on its first quote as well.

    Args:
        key: The story's key.
        gap: A gap of that story.
    """
    return named_fingerprint(key, gap.code, gap.evidence[0].quote if gap.evidence and gap.code in _QUOTED else "")


def named_fingerprint(key: str, code: str, quote: str = "") -> str:
    """Return the fingerprint of anything with a code and perhaps a quote, of which case and spacing don't count."""
    same = " ".join(unicodedata.normalize("NFKC", quote).translate(_SAME).casefold().split())
    material = json.dumps(["v1", key, code, same])
    return hashlib.sha256(material.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def fingerprint_gaps(assessment: Assessment, story: Story | None = None) -> Iterator[tuple[Gap, str]]:
    """Yield each gap of an assessment with its fingerprint."""
    key = story_key(assessment, story)
    for gap in assessment.gaps:
        yield gap, fingerprint(key, gap)
