import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from app.judge.schema import build_schema, names_of
from tests.faults.harness import small_rubric

NAMES = names_of(small_rubric())


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from objects(value)


@pytest.mark.parametrize("form", ["bounded", "lean"])
def test_every_object_is_closed_and_every_list_has_an_end(form: str):
    schema = getattr(build_schema(NAMES), form)

    jsonschema.Draft202012Validator.check_schema(schema)
    for part in objects(schema):
        if part.get("type") == "object":
            assert part["required"] == list(part["properties"])
            assert part["additionalProperties"] is False
        if part.get("type") == "array":
            assert part["maxItems"] > 0


def test_only_the_bounded_form_limits_texts():
    schema = build_schema(NAMES)

    assert "maxLength" in json.dumps(schema.bounded)
    assert "maxLength" not in json.dumps(schema.lean)
    assert all(
        "maxLength" in part or "enum" in part for part in objects(schema.bounded) if part.get("type") == "string"
    )


def test_the_quote_comes_before_the_reason_before_the_name():
    fields = build_schema(NAMES).bounded["properties"]

    assert list(fields["signals"]["items"]["properties"]) == ["quote", "reason", "principle", "signal"]
    assert list(fields["gaps"]["items"]["properties"]) == ["quote", "reason", "code"]


def test_nothing_in_the_form_asks_for_a_number():
    kinds = {part["type"] for part in objects(build_schema(NAMES).bounded) if isinstance(part.get("type"), str)}

    assert kinds == {"object", "array", "string"}


def test_a_schema_is_built_once_for_a_rubric():
    assert build_schema(NAMES) is build_schema(names_of(small_rubric()))
