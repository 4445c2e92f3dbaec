"""Routes of what stories are measured against: principles, rubrics, questions."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from app.domain import Value
from app.errors import NotFound
from app.http.auth import Reader, ScopedRoute
from app.http.openapi import document_problems
from app.http.schemas import Name
from app.http.services import TheCatalog, TheServices
from app.rubric import Principle, Question, Rubric

router = APIRouter(prefix="/v1", tags=["rubric"], route_class=ScopedRoute)

RubricName = Annotated[str, Path(description="Name of a rubric.", examples=["leadership-principles"])]


class RubricSummary(Value):
    """A released version of a rubric."""

    name: str
    version: str
    title: str
    sha256: str


class RubricList(Value):
    """All rubrics, each with all its versions, oldest first."""

    items: tuple[RubricSummary, ...]


class PrincipleList(Value):
    """The principles of the service's rubric."""

    items: tuple[Principle, ...]


class QuestionFilter(Value):
    """Which questions are asked for."""

    principle: Annotated[
        tuple[Name, ...], Field(max_length=32, description="Only questions that look for one of these.")
    ] = ()

    def covers(self, question: Question) -> bool:
        """Tell whether a question is among those asked for."""
        return not self.principle or not set(self.principle).isdisjoint(question.principles)


class QuestionList(Value):
    """Questions of the service's rubric."""

    items: tuple[Question, ...]


@router.get(
    "/principles",
    operation_id="list_principles",
    summary="List principles",
    response_description="All principles with their signals, probes and level anchors.",
    responses=document_problems(),
)
async def list_principles(_: Reader, services: TheServices) -> PrincipleList:
    """Return the principles of the rubric that this service uses."""
    return PrincipleList(items=services.catalog.rubric(services.settings.rubric).principles)


@router.get(
    "/principles/{principle_id}",
    operation_id="get_principle",
    summary="Look up a principle",
    response_description="The principle.",
    responses=document_problems("not-found"),
)
async def get_principle(
    _: Reader,
    principle_id: Annotated[str, Path(description="Id of a principle.", examples=["dive-deep"])],
    services: TheServices,
) -> Principle:
    """Return one principle of the rubric that this service uses."""
    return services.catalog.rubric(services.settings.rubric).principle(principle_id)


@router.get(
    "/questions",
    operation_id="list_questions",
    summary="List interview questions",
    response_description="Questions with the principles they usually look for.",
    responses=document_problems("parameters"),
)
async def list_questions(
    _: Reader,
    services: TheServices,
    wanted: Annotated[QuestionFilter, Query()],
) -> QuestionList:
    """Return the question bank of the rubric that this service uses."""
    questions = services.catalog.rubric(services.settings.rubric).questions
    return QuestionList(items=tuple(q for q in questions if wanted.covers(q)))


@router.get(
    "/rubrics",
    operation_id="list_rubrics",
    summary="List rubrics",
    response_description="All rubrics and versions.",
    responses=document_problems(),
)
async def list_rubrics(_: Reader, catalog: TheCatalog) -> RubricList:
    """Return every rubric with all its versions; a released version never changes."""
    return RubricList(items=tuple(_summary_of(catalog.rubric(name)) for name in catalog.rubric_names()))


@router.get(
    "/rubrics/{name}",
    operation_id="get_rubric",
    summary="Look up a rubric",
    response_description="The newest version of the rubric.",
    responses=document_problems("not-found"),
)
async def get_rubric(_: Reader, name: RubricName, catalog: TheCatalog) -> Rubric:
    """Return the newest version of a rubric."""
    return _find(catalog, name, None)


@router.get(
    "/rubrics/{name}/{version}",
    operation_id="get_rubric_version",
    summary="Look up one version of a rubric",
    response_description="That version of the rubric.",
    responses=document_problems("not-found"),
)
async def get_rubric_version(
    _: Reader, name: RubricName, version: Annotated[str, Path(examples=["v1"])], catalog: TheCatalog
) -> Rubric:
    """Return one version of a rubric, as every assessment's provenance names it."""
    return _find(catalog, name, version)


def _find(catalog: TheCatalog, name: str, version: str | None) -> Rubric:
    """Return a rubric that the catalog lists; a name from outside never becomes a path."""
    listed = [known for known in catalog.rubric_names() if known.partition("/")[0] == name]
    if version is not None:
        listed = [known for known in listed if known.partition("/")[2] == version]
    if not listed:
        raise NotFound("there is no such rubric")
    return catalog.rubric(listed[-1])


def _summary_of(rubric: Rubric) -> RubricSummary:
    return RubricSummary(name=rubric.name, version=rubric.version, title=rubric.title, sha256=rubric.sha256)
