"""Cut lists into pages that a cursor continues."""

from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.domain import Value
from app.http.bodies import refuse_repeated

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


class PageRequest(Value):
    """Which page of a list is asked for."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="The most items to return.")] = DEFAULT_LIMIT
    cursor: Annotated[
        str | None,
        Field(
            max_length=500,
            pattern=r"^[A-Za-z0-9_-]+$",
            description="`next_cursor` of the page before; leave out for the first page.",
        ),
    ] = None


class Pager(NamedTuple):
    """Which page is asked for, and the answer that leads on from it."""

    limit: int
    cursor: str | None
    path: str
    response: Response

    def link(self, next_cursor: str | None) -> None:
        """Add the Link header (RFC 8288) that leads to the next page, when there is one."""
        if next_cursor is not None:
            query = urlencode({"limit": self.limit, "cursor": next_cursor})
            self.response.headers["Link"] = f'<{self.path}?{query}>; rel="next"'


async def read_page(asked: Annotated[PageRequest, Query()], request: Request, response: Response) -> Pager:
    """Return the page that the query asks for.

    Raises:
        RequestProblem: The query gives a parameter twice.
    """
    refuse_repeated(request)
    return Pager(asked.limit, asked.cursor, request.url.path, response)


ThePage = Annotated[Pager, Depends(read_page)]

LINK_HEADER: dict[str, Any] = {
    "Link": {
        "description": 'The next page, `rel="next"`; absent on the last one.',
        "schema": {"type": "string"},
    }
}
