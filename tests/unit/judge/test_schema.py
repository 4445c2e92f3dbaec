import json
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema
import pytest

from app.domain import GapCode
from app.judge.schema import build_schema, names_asked, names_of, render_schema
from app.judge.sheets import Sheet, SheetName
from tests.faults.harness import small_rubric

NAMES = names_of(small_rubric())
OWN = names_of(small_rubric(), Sheet("principle", "ownership"))
SHEETS: tuple[SheetName, ...] = get_args(SheetName)


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from objects(value)


def build(sheet: SheetName):
    return build_schema(OWN if sheet == "principle" else NAMES, sheet)


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("form", ["bounded", "lean"])
def test_every_object_is_closed_and_every_list_has_an_end(form: str, sheet: SheetName):
    schema = getattr(build(sheet), form)

    jsonschema.Draft202012Validator.check_schema(schema)
    for part in objects(schema):
        if part.get("type") == "object":
            assert part["required"] == list(part["properties"])
            assert part["additionalProperties"] is False
        if part.get("type") == "array":
            assert part["maxItems"] > 0


@pytest.mark.parametrize("sheet", SHEETS)
def test_only_the_bounded_form_limits_texts(sheet: SheetName):
    schema = build(sheet)

    assert "maxLength" in json.dumps(schema.bounded)
    assert "maxLength" not in json.dumps(schema.lean)
    assert all(
        "maxLength" in part or "enum" in part for part in objects(schema.bounded) if part.get("type") == "string"
    )


def test_the_quote_comes_before_the_reason_before_the_name():
    fields = build_schema(NAMES).bounded["properties"]

    assert list(fields["signals"]["items"]["properties"]) == ["quote", "reason", "principle", "signal", "present"]
    assert list(fields["gaps"]["items"]["properties"]) == ["quote", "reason", "code", "present"]


@pytest.mark.parametrize("sheet", ["principle", "gaps"])
def test_a_checklist_has_each_entry_once_with_the_quote_first_and_the_answer_last(sheet: SheetName):
    form = build(sheet).bounded
    field, names = ("signals", OWN.signals) if sheet == "principle" else ("gaps", tuple(GapCode))

    assert form["properties"][field]["required"] == list(names)
    assert list(form["$defs"]["check"]["properties"]) == ["quote", "reason", "present"]


def test_a_probe_begins_with_its_quote_and_ends_with_its_question():
    fields = build("bar-raiser").bounded["properties"]

    assert list(fields["probes"]["items"]["properties"]) == ["quote", "reason", "question"]
    assert list(fields["unproven"]["items"]["properties"]) == ["quote", "reason"]


@pytest.mark.parametrize("sheet", SHEETS)
def test_nothing_in_the_form_asks_for_a_number(sheet: SheetName):
    kinds = {part["type"] for part in objects(build(sheet).bounded) if isinstance(part.get("type"), str)}

    assert kinds <= {"object", "array", "string", "boolean"}


def test_a_sheet_about_one_principle_or_none_has_a_small_schema():
    everything = len(render_schema(build("assess").bounded))

    assert all(len(render_schema(build(sheet).bounded)) < everything for sheet in SHEETS[1:])


def test_the_bounded_form_names_what_is_asked_for_and_the_lean_one_is_the_same_for_all():
    asked = names_asked(small_rubric(), ("ownership",))
    schema = build_schema(NAMES, asked=asked)
    signal = schema.bounded["properties"]["signals"]["items"]["properties"]

    assert signal["principle"]["enum"] == ["ownership"]
    assert signal["signal"]["enum"] == list(asked.signals)
    assert schema.lean == build_schema(NAMES).lean


def test_fewer_notes_may_be_asked_for():
    for form in build_schema(NAMES, most_notes=4)[1:3]:
        assert [form["properties"][name]["maxItems"] for name in ("parts", "signals", "gaps")] == [6, 4, 4]


@pytest.mark.parametrize("sheet", SHEETS)
def test_the_longer_form_is_what_a_request_counts_with(sheet: SheetName):
    schema = build(sheet)

    assert schema.longest == max(len(render_schema(schema.bounded)), len(render_schema(schema.lean)))


def test_a_schema_is_built_once_for_a_rubric():
    assert build_schema(NAMES) is build_schema(names_of(small_rubric()))
