"""Keep changes from getting lost: ETag, If-Match and If-None-Match of stories."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header

from app.errors import Conflict
from app.http.problems import RequestProblem
from app.store import StoryRecord

_OURS = re.compile(r'"v([1-9][0-9]{0,8})"')
_ONE_TAG = r'^(\*|(W/)?"[!#-~]*")$'
_NEVER = 0  # no story has this version

ETAG_HEADER: dict[str, Any] = {
    "ETag": {"description": "Stands for this state of the story.", "schema": {"type": "string"}, "example": '"v3"'}
}


def write_etag(record: StoryRecord) -> str:
    """Return the ETag of a story's state."""
    return f'"v{record.version}"'


def is_unchanged(if_none_match: str | None, etag: str) -> bool:
    """Tell whether the header names the state that is stored (weak comparison, RFC 9110)."""
    if if_none_match is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]


@dataclass(frozen=True)
class Match:
    """The state that a change is based on; a version of None stands for any."""

    version: int | None

    @contextmanager
    def refusing_old_versions(self) -> Generator[None]:
        """Turn a conflict of versions into the problem that If-Match asks for.

        Raises:
            RequestProblem: The story is not in the state that the caller named.
        """
        try:
            yield
        except Conflict:
            if self.version is None:
                raise
            raise RequestProblem("precondition-failed") from None


_IfMatch = Header(
    alias="If-Match",
    pattern=_ONE_TAG,
    description="The ETag of the story that the change is based on, or `*` for whatever is stored.",
    examples=['"v1"', "*"],
)


async def read_if_match(if_match: Annotated[str, _IfMatch] = "*") -> Match:
    """Return the state that the header names; any state without one."""
    if if_match == "*":
        return Match(None)
    ours = _OURS.fullmatch(if_match)
    return Match(int(ours[1]) if ours else _NEVER)


async def require_if_match(if_match: Annotated[str, _IfMatch]) -> Match:
    """Return the state that the header names."""
    return await read_if_match(if_match)


Matching = Annotated[Match, Depends(read_if_match)]
RequiredMatching = Annotated[Match, Depends(require_if_match)]
