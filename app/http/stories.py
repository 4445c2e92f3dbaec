"""Routes of stories: kept texts, their revisions and their assessments."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Response

from app.domain import Assessment
from app.http import examples
from app.http.auth import Eraser, Evaluator, Reader, ScopedRoute
from app.http.bodies import json_body, optional_json_body
from app.http.idempotency import TheOnce, reply_with_assessment, reply_with_story
from app.http.openapi import answered, created, describe_body, document_problems
from app.http.paging import LINK_HEADER, ThePage
from app.http.schemas import (
    AssessmentOptions,
    AssessmentPage,
    RevisionPage,
    RevisionView,
    StoryDraft,
    StoryPage,
    StoryPatch,
    StorySummary,
    StoryView,
)
from app.http.services import TheCoach, TheStore
from app.http.versions import ETAG_HEADER, Matching, RequiredMatching, is_unchanged, write_etag

router = APIRouter(prefix="/v1/stories", tags=["stories"], route_class=ScopedRoute)

StoryId = Annotated[str, Path(description="Id of a story.")]


@router.post(
    "",
    operation_id="create_story",
    summary="Keep a story",
    status_code=201,
    response_model=StoryView,
    response_description="The story with its first revision.",
    responses={**created("story", examples.KEPT_STORY), **document_problems("once", "body")},
    openapi_extra=describe_body(StoryDraft, examples.STORY_BODIES),
)
async def create_story(
    caller: Evaluator,
    draft: Annotated[StoryDraft, Depends(json_body(StoryDraft))],
    once: TheOnce,
    coach: TheCoach,
) -> Response:
    """Store a story without assessing it; its text becomes the first revision."""
    return await once.create(
        lambda receipt: coach.add(caller.user_id, draft.to_fields(), receipt=receipt), reply_with_story
    )


@router.get(
    "",
    operation_id="list_stories",
    summary="List stories",
    response_description="A page of stories without their texts, newest first.",
    responses={**answered(examples.STORY_PAGE, LINK_HEADER), **document_problems("parameters")},
)
async def list_stories(caller: Reader, page: ThePage, store: TheStore) -> StoryPage:
    """Return the stories of the key's user, newest first."""
    found = await store.stories.page(caller.user_id, cursor=page.cursor, limit=page.limit)
    page.link(found.next_cursor)
    return StoryPage(items=tuple(StorySummary.of(record) for record in found.items), next_cursor=found.next_cursor)


@router.get(
    "/{story_id}",
    operation_id="get_story",
    summary="Look up a story",
    response_description="The story with its newest revision.",
    response_model=StoryView,
    responses={
        **answered(examples.KEPT_STORY, ETAG_HEADER),
        304: {"description": "The story is still as If-None-Match says.", "headers": ETAG_HEADER},
        **document_problems("not-found"),
    },
)
async def get_story(
    caller: Reader,
    story_id: StoryId,
    store: TheStore,
    response: Response,
    if_none_match: Annotated[str | None, Header(description="An ETag that the caller has already.")] = None,
) -> StoryView | Response:
    """Return one story; its ETag is what a change must name in If-Match."""
    record = await store.stories.get(caller.user_id, story_id)
    etag = write_etag(record)
    if is_unchanged(if_none_match, etag):
        return Response(status_code=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    return StoryView.of(record)


@router.patch(
    "/{story_id}",
    operation_id="update_story",
    summary="Change a story",
    response_description="The story as it is now.",
    responses={**answered(examples.KEPT_STORY, ETAG_HEADER), **document_problems("not-found", "body", "match")},
    openapi_extra=describe_body(StoryPatch, examples.PATCH_BODIES),
)
async def update_story(  # noqa: PLR0913, PLR0917 - the framework passes them by name
    caller: Evaluator,
    story_id: StoryId,
    matching: RequiredMatching,
    patch: Annotated[StoryPatch, Depends(json_body(StoryPatch))],
    coach: TheCoach,
    response: Response,
) -> StoryView:
    """Change the fields that the body names; a text that differs becomes a new revision, and old ones stay.

    Needs If-Match with the ETag that the change is based on, so that no other change gets lost; `*` overwrites.
    """
    with matching.refusing_old_versions():
        record = await coach.change(caller.user_id, story_id, patch.to_changes(), expected_version=matching.version)
    response.headers["ETag"] = write_etag(record)
    return StoryView.of(record)


@router.delete(
    "/{story_id}",
    operation_id="delete_story",
    summary="Delete a story",
    status_code=204,
    response_description="The story is gone, with its revisions and assessments.",
    responses=document_problems("not-found", "parameters", slugs=("precondition-failed",)),
)
async def delete_story(caller: Eraser, story_id: StoryId, matching: Matching, coach: TheCoach) -> None:
    """Delete a story with all its revisions and assessments; nothing of it can be brought back."""
    with matching.refusing_old_versions():
        await coach.delete(caller.user_id, story_id, expected_version=matching.version)


@router.get(
    "/{story_id}/revisions",
    operation_id="list_revisions",
    summary="List a story's revisions",
    response_description="A page of revisions, newest first.",
    responses={**answered(examples.REVISION_PAGE, LINK_HEADER), **document_problems("not-found", "parameters")},
)
async def list_revisions(caller: Reader, story_id: StoryId, page: ThePage, store: TheStore) -> RevisionPage:
    """Return the texts that a story has had, newest first."""
    found = await store.stories.revisions(caller.user_id, story_id, cursor=page.cursor, limit=page.limit)
    page.link(found.next_cursor)
    return RevisionPage(items=tuple(RevisionView.of(item) for item in found.items), next_cursor=found.next_cursor)


@router.post(
    "/{story_id}/assessments",
    operation_id="assess_story",
    summary="Assess a kept story",
    status_code=201,
    response_model=Assessment,
    response_description="The assessment of the newest revision; its `status` may be `not_assessed`.",
    responses={**created("assessment", examples.ASSESSMENT), **document_problems("not-found", "once", "body", "model")},
    openapi_extra=describe_body(AssessmentOptions, examples.OPTION_BODIES, required=False),
)
async def assess_story(
    caller: Evaluator,
    story_id: StoryId,
    options: Annotated[AssessmentOptions, Depends(optional_json_body(AssessmentOptions))],
    once: TheOnce,
    coach: TheCoach,
) -> Response:
    """Assess the newest revision of a kept story, for the question, role and level that are kept with it."""
    return await once.create(
        lambda receipt: coach.assess_stored(
            caller.user_id,
            story_id,
            engine=options.engine,
            rubric=options.rubric,
            effort=options.effort,
            receipt=receipt,
        ),
        reply_with_assessment,
    )


@router.get(
    "/{story_id}/assessments",
    operation_id="list_story_assessments",
    summary="List a story's assessments",
    response_description="A page of assessments, newest first.",
    responses={**answered(examples.ASSESSMENT_PAGE, LINK_HEADER), **document_problems("not-found", "parameters")},
)
async def list_story_assessments(caller: Reader, story_id: StoryId, page: ThePage, store: TheStore) -> AssessmentPage:
    """Return the assessments of all revisions of one story, newest first."""
    found = await store.assessments.page(caller.user_id, story_id=story_id, cursor=page.cursor, limit=page.limit)
    page.link(found.next_cursor)
    return AssessmentPage(items=found.items, next_cursor=found.next_cursor)
