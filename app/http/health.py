"""Routes that tell whether the service is up: process alive, and ready to serve."""

from typing import Literal

from fastapi import APIRouter

from app.domain import Value
from app.errors import CoachError
from app.http.openapi import describe_problems
from app.http.problems import RequestProblem
from app.http.services import TheServices

router = APIRouter(tags=["service"])


class Health(Value):
    """The process answers."""

    status: Literal["alive"] = "alive"
    version: str


class Readiness(Value):
    """Everything that an assessment needs is there; without a model the rules engine works alone."""

    status: Literal["ready"] = "ready"
    database: Literal["answers"] = "answers"
    db_schema: Literal["current"] = "current"
    rubric: str
    model: Literal["configured", "not configured"]


@router.get("/healthz", operation_id="get_health", summary="Is the process alive?", response_description="It is.")
async def get_health(services: TheServices) -> Health:
    """Answer without looking at anything else; restart the process when this fails."""
    return Health(version=services.version)


@router.get(
    "/readyz",
    operation_id="get_readiness",
    summary="Is the service ready?",
    response_description="It is; send it requests.",
    responses=describe_problems(("not-ready",)),
)
async def get_readiness(services: TheServices) -> Readiness:
    """Check database, schema and rubric; send no requests while this fails."""
    try:
        await services.store.ping()
        await services.store.check_schema()
        rubric = services.catalog.rubric(services.settings.rubric).ref
    except CoachError as error:
        raise RequestProblem("not-ready", f"{error.title}.") from None
    return Readiness(
        rubric=f"{rubric.name}/{rubric.version}",
        model="configured" if services.settings.has_model else "not configured",
    )
