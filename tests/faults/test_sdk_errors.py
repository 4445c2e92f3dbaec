import inspect
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletion

from app.judge.failures import MEANINGS, Fault, Kind
from app.judge.translate import translated

REQUEST = httpx2.Request(
    "POST", "https://model.invalid/v1", headers={"authorization": "Bearer sk-secret"}, content=b"story"
)


def descend(family: type[openai.OpenAIError]) -> Iterator[type[openai.OpenAIError]]:
    yield family
    for child in family.__subclasses__():
        yield from descend(child)


def make(family: type[openai.OpenAIError]) -> openai.OpenAIError:
    """Build an error of a class from whatever its constructor asks for."""
    status = getattr(family, "status_code", 500)
    values: dict[str, Any] = {
        "message": "the story and sk-secret",
        "request": REQUEST,
        "response": httpx2.Response(status if isinstance(status, int) else 500, request=REQUEST),
        "body": {"message": "the story"},
        "completion": ChatCompletion.model_construct(usage=None),
        "unsent_messages": ["the story"],
        "provider": "p",
    }
    _, *wanted = inspect.signature(family.__init__).parameters.values()
    if any(p.kind is p.VAR_POSITIONAL for p in wanted):
        return family("the story and sk-secret")
    needed = [p for p in wanted if p.default is p.empty or p.name in values]
    named = {p.name: values.get(p.name, "x") for p in needed if p.kind is p.KEYWORD_ONLY}
    placed = [values[p.name] for p in needed if p.kind is p.POSITIONAL_OR_KEYWORD]
    return family(*placed, **named)


FAMILIES = sorted(set(descend(openai.OpenAIError)), key=lambda family: family.__name__)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_error_of_the_sdk_is_translated(family: type[openai.OpenAIError]):
    with pytest.raises(Fault) as caught, translated():
        raise make(family)

    assert caught.value.kind in MEANINGS
    assert "story" not in str(caught.value)
    assert "sk-secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_the_walk_meets_the_errors_that_matter():
    names = {family.__name__ for family in FAMILIES}

    assert {"APITimeoutError", "RateLimitError", "LengthFinishReasonError", "APIResponseValidationError"} <= names


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_meaning_and_becomes_an_error_with_its_slug(kind: Kind):
    error = Fault(kind, retry_after_s=3).as_error()

    assert error.slug == kind.value
    assert error.retry_after_s == 3
    assert error.detail
