"""Describe the API as OpenAPI, down to each body, header and problem."""

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from app.domain import Value
from app.http.bodies import JSON, STORY_FILES
from app.http.problems import KINDS, MEDIA_TYPE, Kind, Problem
from app.http.schemas import AssessmentOptions, AssessmentRequest, StoryDraft, StoryPatch

_REF = "#/components/schemas/{model}"
_BODIES = (AssessmentRequest, AssessmentOptions, StoryDraft, StoryPatch)

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
| `erase` | deleting stories |
""".strip()

TAGS: list[dict[str, Any]] = [
    {"name": "assessments", "description": "What an interviewer would have written down about a story."},
    {"name": "stories", "description": "Stories that are kept, with every text they have had."},
    {"name": "rubric", "description": "What stories are measured against: principles, signals, questions."},
    {"name": "service", "description": "Whether the service is up; no key is needed."},
]

Group = Literal["key", "parameters", "not-found", "body", "story", "model", "match"]
_GROUPS: Mapping[Group, tuple[str, ...]] = {
    "key": ("unauthenticated", "forbidden", "internal", "store-unavailable"),
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
            "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model=Problem.__name__)}}},
        }
        for status, kinds in sorted(by_status.items())
    }


def created(what: str) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of the headers of a 201."""
    location = {"description": f"Where the {what} can be looked up.", "schema": {"type": "string"}}
    return {201: {"headers": {"Location": location}}}


def describe_body(
    model: type[Value],
    examples: Mapping[str, Any],
    *,
    story_file: Mapping[str, Any] | None = None,
    required: bool = True,
) -> dict[str, Any]:
    """Return the OpenAPI `requestBody` of an operation.

    Args:
        model: The shape of the JSON body; one of those that `build_openapi` adds to the components.
        examples: Worked examples of the JSON body.
        story_file: Examples of a raw story file, where the operation takes one.
        required: Whether there must be a body.
    """
    content: dict[str, Any] = {JSON: {"schema": {"$ref": _REF.format(model=model.__name__)}, "examples": examples}}
    if story_file is not None:
        content.update({name: {"schema": {"type": "string"}, "examples": story_file} for name in STORY_FILES})
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
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    _drop_framework_errors(described)
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
