"""Routes of assessments: one shot, list, look-up."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Response

from app.coach.stories import fields_of
from app.domain import Assessment
from app.http import examples
from app.http.auth import Evaluator, Reader, ScopedRoute
from app.http.batch_examples import BATCH
from app.http.idempotency import TheOnce, reply_with_assessment, reply_with_batch
from app.http.openapi import accepted, answered, created, describe_body, document_problems
from app.http.paging import LINK_HEADER, ThePage
from app.http.schemas import AssessmentPage, AssessmentRequest
from app.http.services import TheCoach, TheDesk, TheStore
from app.http.submissions import Submission, read_submission
from app.store import BatchOptions

_ASYNC = re.compile(r"(^|,)\s*respond-async\s*(;|,|$)", re.IGNORECASE)

Prefer = Annotated[
    str | None,
    Header(
        max_length=500,
        description="`respond-async`: don't wait. The answer is 202 with the address of a batch of this one story.",
        examples=["respond-async"],
    ),
]

router = APIRouter(prefix="/v1/assessments", tags=["assessments"], route_class=ScopedRoute)


@router.post(
    "",
    operation_id="create_assessment",
    summary="Assess a story",
    status_code=201,
    response_model=Assessment,
    response_description="The assessment; it is stored with its story. Its `status` may be `not_assessed`.",
    responses={
        **created("assessment", examples.ASSESSMENT),
        **accepted("batch", BATCH, model="BatchView"),
        **document_problems("not-found", "once", "body", "story", "model"),
    },
    openapi_extra=describe_body(AssessmentRequest, examples.ASSESSMENT_BODIES, story_file=examples.MARKDOWN_BODIES),
)
async def create_assessment(  # noqa: PLR0913, PLR0917 - the framework passes them by name
    caller: Evaluator,
    submission: Annotated[Submission, Depends(read_submission)],
    once: TheOnce,
    coach: TheCoach,
    desk: TheDesk,
    prefer: Prefer = None,
) -> Response:
    """Find the parts, the gaps and the principles of one story, and keep story and assessment.

    The story comes as JSON, or as the story file itself (Markdown or plain text, with front matter if wanted). Every
    quote in the answer is the exact stretch `[start, end)` of the story's text, in Unicode code points. A story that
    can't be judged, for instance since it is too short, is answered with `status: not_assessed` and a reason, never
    with a score. With `Prefer: respond-async` the answer comes at once: 202 and a batch of this one story, which goes
    before all other batches.
    """
    if prefer is not None and _ASYNC.search(prefer):
        options = BatchOptions(
            engine=submission.engine, rubric=submission.rubric, **submission.effort.model_dump(), interactive=True
        )
        fields = fields_of(submission.story)
        return await once.create(
            lambda receipt: desk.submit(caller.user_id, [fields], options, receipt=receipt),
            lambda record: reply_with_batch(record, headers={"Preference-Applied": "respond-async"}),
        )
    return await once.create(
        lambda receipt: coach.assess_new(
            caller.user_id,
            submission.story,
            engine=submission.engine,
            rubric=submission.rubric,
            effort=submission.effort,
            receipt=receipt,
        ),
        reply_with_assessment,
    )


@router.get(
    "",
    operation_id="list_assessments",
    summary="List assessments",
    response_description="A page of assessments, newest first.",
    responses={**answered(examples.ASSESSMENT_PAGE, LINK_HEADER), **document_problems("parameters")},
)
async def list_assessments(caller: Reader, page: ThePage, store: TheStore) -> AssessmentPage:
    """Return the assessments of all stories of the key's user, newest first."""
    found = await store.assessments.page(caller.user_id, cursor=page.cursor, limit=page.limit)
    page.link(found.next_cursor)
    return AssessmentPage(items=found.items, next_cursor=found.next_cursor)


@router.get(
    "/{assessment_id}",
    operation_id="get_assessment",
    summary="Look up an assessment",
    response_description="The assessment as it was published.",
    responses={**answered(examples.ASSESSMENT), **document_problems("not-found")},
)
async def get_assessment(
    caller: Reader, assessment_id: Annotated[str, Path(description="Id of an assessment.")], store: TheStore
) -> Assessment:
    """Return one assessment, exactly as it was answered when it was made."""
    return await store.assessments.get(caller.user_id, assessment_id)
