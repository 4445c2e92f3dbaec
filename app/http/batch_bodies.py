"""Read a batch from a body: JSON, or NDJSON with a story a line."""

import asyncio
from collections.abc import Iterator
from typing import Annotated, NamedTuple

from fastapi import Query, Request
from pydantic import ValidationError

from app.documents import DocumentError, load_json
from app.http.batch_schemas import BatchQuery, BatchRequest
from app.http.bodies import (
    JSON,
    count_places,
    describe_errors,
    find_unstorable,
    hide_names,
    parse_json,
    read_text,
    refuse_repeated,
    require_media_type,
)
from app.http.problems import FieldError, RequestProblem
from app.http.schemas import StoryDraft
from app.http.services import TheServices
from app.store import BatchOptions, StoryFields

NDJSON = "application/x-ndjson"
_MOST_PLACES = 20


class Order(NamedTuple):
    """What to assess, and how; `stories` is None for all that are kept."""

    stories: tuple[StoryFields | str, ...] | None
    options: BatchOptions


async def read_order(request: Request, services: TheServices, options: Annotated[BatchQuery, Query()]) -> Order:
    """Return the batch of a body; what a JSON body says of how to assess wins over the query.

    Raises:
        RequestProblem: The body can't be read as a batch; names the places.
    """
    refuse_repeated(request)
    is_json = require_media_type(request, (JSON, NDJSON)) == JSON
    text = await read_text(request)
    order = await asyncio.to_thread(_read_json if is_json else _read_lines, text, options)
    most = services.settings.max_batch_stories
    if order.stories is not None and len(order.stories) > most:
        raise RequestProblem("invalid-input", f"A batch may hold {most} stories; these are {len(order.stories)}.")
    return order


def _read_json(text: str, options: BatchQuery) -> Order:
    asked = parse_json(text, BatchRequest)
    given = asked.to_options().model_dump(exclude_none=True)
    return Order(asked.to_stories(), options.to_options().model_copy(update=given))


def _read_lines(text: str, options: BatchQuery) -> Order:
    places: list[FieldError] = []
    stories: list[StoryFields | str] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = load_json(line)
            bad = [place.message for place in find_unstorable(value)]
            if bad:
                places.append(FieldError(pointer=f"#/{number}", message=bad[0]))
            else:
                stories.append(StoryDraft.model_validate(value).to_fields())
        except DocumentError as error:
            raise RequestProblem(
                "malformed-body", f"Line {number} can't be read: {hide_names(error.reason)}."
            ) from None
        except ValidationError as error:
            places += _places(error, number)
        if len(places) >= _MOST_PLACES:
            break
    if places:
        raise RequestProblem("invalid-input", count_places(tuple(places)), errors=tuple(places))
    if not stories:
        raise RequestProblem("invalid-input", "The body holds no story: send one JSON object a line.")
    return Order(tuple(stories), options.to_options())


def _places(error: ValidationError, number: int) -> Iterator[FieldError]:
    for place in describe_errors(error.errors(include_input=False, include_url=False, include_context=False)):
        pointer = (place.pointer or "#").replace("#", f"#/{number}", 1)
        yield place.model_copy(update={"pointer": pointer})
