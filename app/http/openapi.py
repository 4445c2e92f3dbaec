"""Describe the API as OpenAPI, down to each body, header and problem."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic.json_schema import models_json_schema

from app.domain import Value
from app.http.batch_schemas import BatchRequest
from app.http.bodies import JSON, STORY_FILES
from app.http.problems import KINDS, MEDIA_TYPE, Kind, Problem, RequestProblem, render_problem
from app.http.schemas import AssessmentOptions, AssessmentRequest, StoryDraft, StoryPatch

_REF = "#/components/schemas/{model}"
_BODIES = (AssessmentRequest, AssessmentOptions, BatchRequest, StoryDraft, StoryPatch)

DESCRIPTION = """
A candidate's STAR story goes in; out comes what an interviewer would have written down: where the Situation, Task,
Action and Result are, which leadership principles the story gives evidence for, and every gap, each with the exact
place in the text and what to do about it.

**To try it here:** make a key with `star-coach keys create --user NAME`, press *Authorize*, paste the key, then open
`POST /v1/assessments`, press *Try it out* and *Execute*: the example is ready to send.

Every failure is an RFC 9457 problem (`application/problem+json`); its `type` leads to a page that says what to do.
Lists come in pages: follow the `Link` header or pass `next_cursor` as `cursor`. Every answer has an `X-Request-Id`.

| scope of the key | what it opens |
|---|---|
| `read` | every GET |
| `evaluate` | assessing, and adding or changing stories |
| `batch` | handing in, stopping and repeating batches |
| `erase` | deleting stories and batches |
""".strip()

TAGS: list[dict[str, Any]] = [
    {"name": "assessments", "description": "What an interviewer would have written down about a story."},
    {"name": "stories", "description": "Stories that are kept, with every text they have had."},
    {"name": "batches", "description": "Many stories at once, in work that survives."},
    {"name": "rubric", "description": "What stories are measured against: principles, signals, questions."},
    {"name": "service", "description": "Whether the service is up; no key is needed."},
]

Group = Literal["key", "once", "parameters", "not-found", "body", "story", "model", "match"]
_GROUPS: Mapping[Group, tuple[str, ...]] = {
    "key": ("unauthenticated", "forbidden", "internal", "store-unavailable"),
    "once": ("in-progress", "key-reused"),
    "parameters": ("invalid-input",),
    "not-found": ("not-found",),
    "body": ("malformed-body", "slow-request", "body-too-large", "unsupported-media-type", "invalid-input"),
    "story": ("unreadable-story",),
    "model": (
        "too-long",
        "limit-exceeded",
        "misconfigured",
        "model-misbehaved",
        "model-unavailable",
        "provider-quota",
        "overloaded",
    ),
    "match": ("precondition-failed", "precondition-required"),
}


def document_problems(*groups: Group, slugs: tuple[str, ...] = ()) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI `responses` of an operation behind a key for the problems it can answer with."""
    named = dict.fromkeys([slug for group in ("key", *groups) for slug in _GROUPS[group]] + list(slugs))
    return describe_problems(tuple(named))


def describe_problems(slugs: tuple[str, ...]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI `responses` for problems, one entry a status."""
    by_status: dict[int, list[Kind]] = {}
    for slug in slugs:
        by_status.setdefault(KINDS[slug].status, []).append(KINDS[slug])
    return {
        status: {
            "description": "; ".join(kind.title for kind in kinds),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": _REF.format(model=Problem.__name__)},
                    "examples": {slug: _example_of(slug) for slug in slugs if KINDS[slug].status == status},
                }
            },
        }
        for status, kinds in sorted(by_status.items())
    }


def _example_of(slug: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(bytes(render_problem(RequestProblem(slug)).body))
    return {"summary": KINDS[slug].title, "value": body}


def answered(example: Mapping[str, Any], headers: Mapping[str, Any] | None = None) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of a 200: a worked example, and headers where there are some of note."""
    return {200: {"content": {JSON: {"example": example}}, **({"headers": headers} if headers else {})}}


def created(what: str, example: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of a 201: a worked example, where the new thing is and whether it is new."""
    headers = {
        "Location": {"description": f"Where the {what} can be looked up.", "schema": {"type": "string"}},
        "Idempotency-Replayed": {
            "description": "`true` when this was answered before, to a request with the same Idempotency-Key.",
            "schema": {"type": "string"},
        },
    }
    return {201: {"content": {JSON: {"example": example}}, "headers": headers}}


def accepted(what: str, example: Mapping[str, Any], *, model: str | None = None) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of a 202, as `created` does of a 201.

    Args:
        what: What waits for its turn.
        example: A worked one.
        model: Its schema's name, where it is not the operation's own answer.
    """
    described = created(what, example)[201]
    if model is not None:
        described["content"][JSON]["schema"] = {"$ref": _REF.format(model=model)}
        described["description"] = f"The {what} waits for its turn; asked for with `Prefer: respond-async`."
    return {202: described}


def describe_body(
    model: type[Value],
    examples: Mapping[str, Any],
    *,
    story_file: Mapping[str, Any] | None = None,
    others: Mapping[str, Mapping[str, Any]] | None = None,
    required: bool = True,
) -> dict[str, Any]:
    """Return the OpenAPI `requestBody` of an operation.

    Args:
        model: The shape of the JSON body; one of those that `build_openapi` adds to the components.
        examples: Worked examples of the JSON body.
        story_file: Examples of a raw story file, where the operation takes one.
        others: Examples of further media types that are text.
        required: Whether there must be a body.
    """
    content: dict[str, Any] = {JSON: {"schema": {"$ref": _REF.format(model=model.__name__)}, "examples": examples}}
    if story_file is not None:
        content.update({name: {"schema": {"type": "string"}, "examples": story_file} for name in STORY_FILES})
    for name, worked in (others or {}).items():
        content[name] = {"schema": {"type": "string"}, "examples": worked}
    return {"requestBody": {"required": required, "content": content}}


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """Return the description of all routes, with the shapes that the routes read by themselves."""
    described = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
        tags=TAGS,
        license_info={"name": "Apache-2.0"},
    )
    _drop_framework_errors(described)
    _drop_null_parameters(described)
    _restore_examples(app, described)
    components: dict[str, Any] = described.setdefault("components", {}).setdefault("schemas", {})
    for schema in components.values():
        schema.pop("additionalProperties", None)  # an answer may get new fields; a reader must not choke on them
    _, definitions = models_json_schema([(model, "validation") for model in _BODIES], ref_template=_REF)
    _, answers = models_json_schema([(Problem, "serialization")], ref_template=_REF)
    components.update({**definitions["$defs"], **answers["$defs"]})
    described["components"]["schemas"] = dict(sorted(components.items()))
    return described


def _drop_framework_errors(described: dict[str, Any]) -> None:
    """Remove the 422 that the framework adds to each route with a parameter; ours name the problems that can occur."""
    for operations in described["paths"].values():
        for operation in operations.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)


def _drop_null_parameters(described: dict[str, Any]) -> None:
    """Say of a parameter that may be left out what it is otherwise: a query has no null."""
    for operations in described["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                schema: dict[str, Any] = parameter["schema"]
                others = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
                if len(others) == 1:
                    del schema["anyOf"]
                    schema.update(others[0])


def _restore_examples(app: FastAPI, described: dict[str, Any]) -> None:
    """Put the worked examples in as they are: the framework drops each null from them."""
    for route in iter_route_contexts(app.routes):
        for method in route.methods or ():
            operation = described["paths"].get(route.path, {}).get(method.lower())
            if operation is None or not isinstance(route.original_route, APIRoute):
                continue
            operation.update(route.original_route.openapi_extra or {})
            for status, response in route.original_route.responses.items():
                for media_type, media in response.get("content", {}).items():
                    operation["responses"][str(status)]["content"][media_type].update(media)
