"""Read a story to assess from a body: JSON, or the story file itself."""

from typing import Annotated, NamedTuple

from fastapi import Query, Request
from pydantic import ValidationError

from app.coach.reading import parse_story
from app.domain import Effort, EngineChoice, Story
from app.errors import UnreadableStory
from app.http.bodies import (
    JSON,
    STORY_FILES,
    count_places,
    describe_errors,
    find_unstorable,
    hide_names,
    read_json,
    read_text,
    refuse_repeated,
    require_media_type,
)
from app.http.problems import RequestProblem
from app.http.schemas import AssessmentOptions, AssessmentRequest, StoryDraft

_BYTE_ORDER_MARK = "\ufeff"


class Submission(NamedTuple):
    """A story to assess, and how; what is None is the service's choice."""

    story: Story
    engine: EngineChoice | None
    rubric: str | None
    effort: Effort


async def read_submission(request: Request, options: Annotated[AssessmentOptions, Query()]) -> Submission:
    """Return the story of a body and how to assess it; what a JSON body says of that wins over the query.

    Raises:
        RequestProblem: The body can't be read as a story; names the places.
    """
    refuse_repeated(request)
    if require_media_type(request, (JSON, *STORY_FILES)) == JSON:
        asked = await read_json(request, AssessmentRequest)
        effort = Effort(depth=asked.depth or options.depth, samples=asked.samples or options.samples)
        return Submission(asked.to_story(), asked.engine or options.engine, asked.rubric or options.rubric, effort)
    text = await read_text(request)
    return Submission(_read_story_file(text), options.engine, options.rubric, options.effort)


def _read_story_file(text: str) -> Story:
    if next(iter(find_unstorable(text)), None) is not None:
        raise RequestProblem("invalid-input", "The story holds a NUL character, which can't be stored.")
    try:
        story = parse_story(text.removeprefix(_BYTE_ORDER_MARK), "")
        StoryDraft.model_validate(story.model_dump(include=set(StoryDraft.model_fields)))
    except UnreadableStory as error:
        place = f"Line {error.line}: " if error.line else ""
        raise RequestProblem("unreadable-story", f"{place}{hide_names(error.reason)}.") from None
    except ValidationError as error:
        places = tuple(describe_errors(error.errors(include_input=False, include_url=False, include_context=False)))
        raise RequestProblem("invalid-input", count_places(places), errors=places) from None
    return story.model_copy(update={"id": None, "path": None})
