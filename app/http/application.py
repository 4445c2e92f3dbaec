"""Put the service together: open what it needs, wrap it, close it again."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from app.coach.admission import Admission
from app.coach.opening import opened
from app.coach.stories import StoryCoach
from app.errors import CoachError
from app.http import assessments, batches, docs, health, rubric, stories
from app.http.auth import admit_large_body
from app.http.bodies import refuse_parameters
from app.http.envelope import Envelope
from app.http.head import Head
from app.http.idempotency import pruning
from app.http.inbox import Inbox
from app.http.openapi import DESCRIPTION, TAGS, build_openapi
from app.http.problems import KINDS, RequestProblem, find_slug, is_private, name_status, render_problem
from app.http.services import Services
from app.jobs.desk import Desk
from app.settings import Settings, load_settings

_SERVER_SIDE = 500

logger = logging.getLogger("app.http")


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the service; nothing is opened before it starts.

    Args:
        settings: None for those of the environment.

    Raises:
        Misconfigured: A setting of the environment does not fit.
    """
    chosen = settings or load_settings()
    app = FastAPI(
        title="STAR Story Coach",
        summary="A STAR story in, a verified gap analysis out.",
        description=DESCRIPTION,
        version=version("star-story-coach"),
        openapi_tags=TAGS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan_of(chosen),
    )
    app.add_middleware(Head)
    larger = {batches.router.prefix: chosen.max_batch_bytes}
    app.add_middleware(Inbox, max_bytes=chosen.max_body_bytes, larger=larger, admit=admit_large_body)
    app.add_middleware(Envelope)
    app.add_exception_handler(CoachError, _answer_failure)
    app.add_exception_handler(RequestValidationError, _answer_bad_parameters)
    app.add_exception_handler(HTTPException, _answer_refusal)
    for module in (assessments, stories, batches, rubric, health):
        app.include_router(module.router)
    docs.add_docs(app)
    _describe_once(app)
    return app


def _lifespan_of(settings: Settings) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_services(settings, app.version) as services:
            app.state.services = services
            yield

    return lifespan


@asynccontextmanager
async def open_services(settings: Settings, release: str) -> AsyncGenerator[Services]:
    """Open the database, the catalog and the model, and close them at the end.

    Raises:
        Misconfigured: The schema is not this release's, a rubric or prompt is broken, or the model's settings are.
        StoreUnavailable: The database does not answer.
    """
    async with AsyncExitStack() as stack:
        store, catalog, assessor, answers = await stack.enter_async_context(opened(settings))
        await stack.enter_async_context(pruning(store.replies, answers))
        admission = Admission(
            settings.max_assessments, wait_s=settings.max_wait_s, longest_s=settings.longest_assessment_s
        )
        coach = StoryCoach(store, assessor, engine=settings.engine, admission=admission, answers=answers)
        desk = Desk(settings, store, catalog, coach)
        services = Services(settings=settings, store=store, catalog=catalog, coach=coach, desk=desk, version=release)
        if settings.runs_jobs:
            await stack.enter_async_context(_working(services))
        yield services


def _working(parts: Services) -> AbstractAsyncContextManager[object]:
    from app.jobs.aside import working_aside  # noqa: PLC0415 - a service that leaves jobs to workers need not load DBOS

    return working_aside(parts.settings, parts.store, parts.catalog, parts.desk, parts.stopping)


def _describe_once(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build_openapi(app)
        return app.openapi_schema

    app.openapi = openapi


async def _answer_failure(request: Request, error: Exception) -> Response:
    failure = cast("CoachError", error)
    if is_private(failure) and KINDS[find_slug(failure)].status >= _SERVER_SIDE:
        request_id = request.scope.get("request_id")
        logger.error("%s: %s request=%s", find_slug(failure), failure.detail, request_id)
    return render_problem(failure)


async def _answer_bad_parameters(_: Request, error: Exception) -> Response:
    return render_problem(refuse_parameters(cast("RequestValidationError", error)))


async def _answer_refusal(request: Request, error: Exception) -> Response:
    refusal = cast("HTTPException", error)
    headers = dict(refusal.headers or {})
    slug = name_status(refusal.status_code)
    if slug == "method-not-allowed":
        headers["Allow"] = ", ".join(sorted(_allowed_methods(request)))
    detail = "There is nothing at this address" if slug == "not-found" else None
    return render_problem(RequestProblem(slug, detail, headers=headers))


def _allowed_methods(request: Request) -> set[str]:
    """Return the methods of all routes of the request's path; the framework knows of the first route only."""
    allowed: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        if route.original_route.matches({**request.scope, "path_params": {}})[0] is not Match.NONE:
            allowed |= route.methods or {"GET"}
    return allowed | {"HEAD"} if "GET" in allowed else allowed
