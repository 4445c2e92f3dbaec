"""Routes of the docs page and of the pages behind problem types; all of it ships with the package."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request
from fastapi import Path as PathParameter
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from app.domain import Value
from app.errors import NotFound
from app.http.openapi import describe_problems
from app.http.problems import KINDS

STATIC = Path(__file__).parent / "static"
# Swagger UI draws its arrows from data: addresses and sets some styles from script, which needs no allowance.
_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter()


class ProblemPage(Value):
    """What a problem type stands for."""

    type: str
    title: str
    status: int
    meaning: str
    retryable: bool


@router.get("/openapi.json", include_in_schema=False)
async def get_openapi_json(request: Request) -> Response:
    """Return the API description."""
    described: dict[str, Any] = request.app.openapi()
    return JSONResponse(described, headers={"Cache-Control": "no-cache"})


@router.get("/docs", include_in_schema=False)
async def get_docs_page() -> Response:
    """Return the page on which the API can be read and tried."""
    headers = {"Content-Security-Policy": _CONTENT_POLICY, "Cache-Control": "no-cache"}
    return FileResponse(STATIC / "docs.html", headers=headers)


@router.get(
    "/problems/{slug}",
    tags=["service"],
    operation_id="get_problem_type",
    summary="What does a problem type mean?",
    response_description="What happened and what to do.",
    responses=describe_problems(("not-found",)),
)
async def get_problem_page(
    slug: Annotated[str, PathParameter(description="Last step of a problem's `type`.", examples=["invalid-input"])],
) -> ProblemPage:
    """Say what a problem type stands for, the same for every occurrence."""
    kind = KINDS.get(slug)
    if kind is None:
        raise NotFound("there is no such problem type")
    return ProblemPage(
        type=f"/problems/{slug}",
        title=kind.title,
        status=kind.status,
        meaning=kind.meaning,
        retryable=kind.retryable,
    )


class DocsFiles(StaticFiles):
    """The files of the docs page; a browser asks each time whether they have changed."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        """Return a file, or 304 where the browser has it."""
        response = super().file_response(*args, **options)
        response.headers["Cache-Control"] = "no-cache"
        return response


def add_docs(app: FastAPI) -> None:
    """Add the docs page and its files to an application."""
    app.include_router(router)
    app.mount("/docs/static", DocsFiles(directory=STATIC), name="docs-files")
