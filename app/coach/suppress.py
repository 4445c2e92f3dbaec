"""Leave out of every threshold the gaps that a comment in the story asks to ignore."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.analysis.comments import Comment, find_comments
from app.domain import Assessment, Gap, Status, Story, Suppression

_BREAK = re.compile(r"\r\n|\r|\n")


class Complaint(NamedTuple):
    """What is wrong with a comment.

    Attributes:
        line: Of the file; of the record, in a file of records.
    """

    line: int
    reason: str


def suppress(gaps: tuple[Gap, ...], comments: tuple[Comment, ...]) -> tuple[Gap, ...]:
    """Return the gaps; those that a comment ignores carry its reason, the first one's where there are several."""
    reasons = {code: comment.reason for comment in reversed(comments) for code in comment.codes}
    return tuple(
        gap.model_copy(update={"suppressed": Suppression(kind="comment", reason=reasons[gap.code])})
        if gap.code in reasons
        else gap
        for gap in gaps
    )


def check_comments(story: Story, assessment: Assessment) -> Iterator[Complaint]:
    """Yield what is wrong with the comments of a story: no reason, an unknown code, or nothing to ignore."""
    found = {gap.code for gap in assessment.gaps}
    ignored: set[str] = set()
    for comment in find_comments(story.text):
        line = story.record_line or story.first_line + len(_BREAK.findall(story.text, 0, comment.span.start))
        if comment.problem is not None:
            yield Complaint(line, comment.problem)
        elif assessment.status is not Status.NOT_ASSESSED:
            for code in comment.codes:
                if code not in found:
                    yield Complaint(line, f"nothing to ignore: the story has no {code}")
                elif code in ignored:
                    yield Complaint(line, f"{code} is ignored twice")
        ignored.update(comment.codes)
