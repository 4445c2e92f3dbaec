"""Read request bodies strictly: what can't be stored or meant is refused with its place, never with its value."""

import re
from collections.abc import Awaitable, Callable, Iterable
from email.message import Message
from typing import Any, TypeVar, cast

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.requests import Request

from app.documents import DocumentError, holds_half_a_pair, load_json
from app.domain import Value
from app.http.problems import FieldError, RequestProblem

JSON = "application/json"
MARKDOWN = "text/markdown"
PLAIN = "text/plain"
STORY_FILES = (MARKDOWN, PLAIN)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")

V = TypeVar("V", bound=Value)


def require_media_type(request: Request, allowed: Iterable[str]) -> str:
    """Return the body's media type.

    Raises:
        RequestProblem: It is missing, is not one of `allowed`, or names a character set other than UTF-8.
    """
    sent = request.headers.get("content-type", "")
    given = sent.partition(";")[0].strip().lower()
    header = Message()
    header["Content-Type"] = sent
    charset = str(header.get_param("charset", "utf-8")).lower()
    if given in allowed and charset in ("utf-8", "utf8", "us-ascii"):
        return given
    listed = ", ".join(allowed)
    raise RequestProblem("unsupported-media-type", f"Send the body as {listed}, in UTF-8.", headers={"Accept": listed})


async def read_text(request: Request) -> str:
    """Return the body as text, exactly as sent.

    Raises:
        RequestProblem: It is not UTF-8.
    """
    try:
        return (await request.body()).decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestProblem("malformed-body", f"The body is not UTF-8 (byte {error.start}).") from None


async def read_json(request: Request, model: type[V]) -> V:
    """Return the body as a value of `model`.

    Raises:
        RequestProblem: It is not strict JSON, or does not fit the model; names the places.
    """
    return parse_json(await read_text(request), model)


def parse_json(text: str, model: type[V]) -> V:
    """Return a text as a value of `model`; as `read_json`."""
    try:
        value = load_json(text)
    except DocumentError as error:
        place = f" (line {error.line})" if error.line else ""
        raise RequestProblem("malformed-body", f"The body can't be read: {hide_names(error.reason)}{place}.") from None
    unstorable = tuple(find_unstorable(value))
    if unstorable:
        raise RequestProblem("invalid-input", "The body holds characters that can't be stored.", errors=unstorable)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        places = tuple(describe_errors(error.errors(include_input=False, include_url=False, include_context=False)))
        raise RequestProblem("invalid-input", count_places(places), errors=places) from None


def hide_names(reason: str) -> str:
    """Return a reason in which a quoted name that is no plain word, so may be a story, is not shown."""
    return _QUOTED.sub(lambda match: f"'{show_name(match[0][1:-1])}'", reason)


def json_body(model: type[V]) -> Callable[[Request], Awaitable[V]]:
    """Return a dependency that reads the body as JSON of `model`."""

    async def read(request: Request) -> V:
        require_media_type(request, (JSON,))
        return await read_json(request, model)

    return read


def optional_json_body(model: type[V]) -> Callable[[Request], Awaitable[V]]:
    """Return a dependency that reads the body as JSON of `model`, and takes no body for an empty object."""
    read = json_body(model)

    async def read_if_any(request: Request) -> V:
        return await read(request) if await request.body() else model()

    return read_if_any


def find_unstorable(value: Any) -> Iterable[FieldError]:
    """Yield the place of each text in a JSON value that holds NUL or half a surrogate pair."""
    waiting: list[tuple[str, Any]] = [("#", value)]
    while waiting:
        pointer, item = waiting.pop()
        if isinstance(item, dict):
            for key, inner in cast("dict[str, Any]", item).items():
                if _is_unstorable(key):
                    yield FieldError(pointer=pointer, message="a name holds NUL or half a surrogate pair")
                waiting.append((f"{pointer}/{show_name(key)}", inner))
        elif isinstance(item, list):
            waiting.extend((f"{pointer}/{index}", inner) for index, inner in enumerate(cast("list[Any]", item)))
        elif isinstance(item, str) and _is_unstorable(item):
            yield FieldError(pointer=pointer, message="holds NUL or half a surrogate pair")


def _is_unstorable(text: str) -> bool:
    return "\0" in text or holds_half_a_pair(text)


def show_name(name: str) -> str:
    """Return a field's name for a message; a name that is no plain word may be a story, so it is not shown."""
    return name if _PLAIN_NAME.fullmatch(name) else "(name)"


def describe_errors(errors: Iterable[Any]) -> Iterable[FieldError]:
    """Yield what pydantic found wrong, in our own shape: place and expectation, without the value.

    A place that begins with `path`, `query` or `header` is a parameter; any other is in the body.
    """
    for error in errors:
        steps = [step if isinstance(step, int) else show_name(str(step)) for step in error["loc"]]
        message = str(error["msg"])
        if error["loc"] and error["loc"][0] in ("path", "query", "header"):
            yield FieldError(parameter=str(steps[-1]), message=message)
        else:
            yield FieldError(pointer="/".join(["#", *map(str, steps)]), message=message)


def count_places(places: tuple[FieldError, ...]) -> str:
    """Return the sentence above a list of places."""
    return "One place can't be used." if len(places) == 1 else f"{len(places)} places can't be used."


def refuse_repeated(request: Request) -> None:
    """Refuse a query that gives a parameter twice.

    Raises:
        RequestProblem: It does; names the parameter.
    """
    names = [name for name, _ in request.query_params.multi_items()]
    places = [
        FieldError(parameter=show_name(name), message="Given more than once")
        for name in set(names)
        if names.count(name) > 1
    ]
    if places:
        raise RequestProblem("invalid-input", count_places(tuple(places)), errors=places)


def refuse_parameters(error: RequestValidationError) -> RequestProblem:
    """Return the problem for parameters that do not fit, or for the If-Match that is missing."""
    if any(found["type"] == "missing" and found["loc"] == ("header", "If-Match") for found in error.errors()):
        return RequestProblem("precondition-required")
    places = tuple(describe_errors(error.errors()))
    return RequestProblem("invalid-input", count_places(places), errors=places)
