"""Write the body of a request for an assessment."""

import json

from app.domain import Effort, EngineChoice, Story

_TOLD = ("text", "title", "question", "role", "level")


def describe_story(story: Story) -> dict[str, object]:
    """Return what a service is told of a story: not its id and not where it lies."""
    told: dict[str, object] = {name: value for name in _TOLD if (value := getattr(story, name)) is not None}
    if story.principles:
        told["principles"] = list(story.principles)
    return told


def describe_options(*, engine: EngineChoice | None, rubric: str | None, effort: Effort) -> dict[str, object]:
    """Return how to assess; what is left to the service is left out."""
    options = {"engine": engine, "rubric": rubric, "depth": effort.depth, "samples": effort.samples}
    return {name: value for name, value in options.items() if value is not None}


def write_request(story: Story, *, engine: EngineChoice | None, rubric: str | None, effort: Effort) -> bytes:
    """Return the body for one story: the same bytes for the same content."""
    body = {**describe_story(story), **describe_options(engine=engine, rubric=rubric, effort=effort)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
