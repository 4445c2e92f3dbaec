import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import GapCode
from app.judge.claims import Claims, read_claims
from app.judge.failures import Fault, Kind
from app.judge.schema import MAX_QUOTE, names_of
from app.judge.sheets import Sheet, SheetName
from tests.faults.behaviours import findings
from tests.faults.harness import small_rubric

RUBRIC = small_rubric()
NAMES = names_of(RUBRIC)
OWN = names_of(RUBRIC, Sheet("principle", "ownership"))
GAP = {"quote": "q", "reason": "r", "code": "hedging"}
NO = {"quote": "", "reason": "r", "present": False}
YES = {"quote": "q", "reason": "r", "present": True}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def checklist(field: str, names: Any, **changes: Any) -> str:
    """Return a checklist that answers no to everything but what is changed; None leaves an entry out."""
    entries = {**dict.fromkeys(map(str, names), NO), **changes}
    extra = {"parts": []} if field == "gaps" else {}
    return json.dumps({**extra, field: {name: entry for name, entry in entries.items() if entry is not None}})


def kind_of(text: str, sheet: SheetName = "assess") -> Kind:
    with pytest.raises(Fault) as caught:
        read_claims(text, OWN if sheet == "principle" else NAMES, sheet)
    return caught.value.kind


@given(
    st.text(max_size=200) | json_values.map(json.dumps), st.sampled_from(["assess", "principle", "gaps", "bar-raiser"])
)
def test_any_text_is_claims_or_a_fault(text: str, sheet: SheetName):
    with suppress(Fault):
        assert isinstance(read_claims(text, OWN, sheet), Claims)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 10_000, "\x00", "\ufeff", "```json\n```"])
def test_hostile_texts_are_invalid_output(text: str):
    assert kind_of(text) is Kind.INVALID_OUTPUT


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that request.",
        "I cannot rate people.",
        "As an AI, I do not judge candidates.",
        "Unfortunately this is not possible.",
    ],
)
def test_a_refusal_in_prose_is_a_refusal(text: str):
    assert kind_of(text) is Kind.REFUSED


def test_a_quote_longer_than_asked_for_is_still_looked_at():
    long = findings(gaps=[{**GAP, "quote": "x" * (MAX_QUOTE + 1)}])

    assert len(read_claims(long, NAMES).gaps) == 1


@pytest.mark.parametrize("fence", ["```json\n{}\n```", "```\n{}\n```", "\n```JSON\n{}```\n", "\ufeff{}"])
def test_a_fence_or_mark_around_an_answer_is_taken_off(fence: str):
    assert read_claims(fence.replace("{}", findings(gaps=[GAP])), NAMES).gaps[0].quote == "q"


def test_a_principle_s_checklist_names_each_of_its_signals():
    claims = read_claims(checklist("signals", OWN.signals, **{"ownership-waits": YES}), OWN, "principle")

    assert [(claim.principle, claim.signal, claim.present) for claim in claims.signals] == [
        ("ownership", name, name == "ownership-waits") for name in OWN.signals
    ]


def test_a_checklist_of_gaps_names_each_code():
    claims = read_claims(checklist("gaps", GapCode, hedging=YES), NAMES, "gaps")

    assert {claim.code for claim in claims.gaps} == set(GapCode)
    assert [claim.code for claim in claims.gaps if claim.present] == [GapCode.HEDGING]


@pytest.mark.parametrize(
    ("sheet", "text"),
    [
        ("principle", checklist("signals", OWN.signals, **{"ownership-waits": None})),
        ("principle", checklist("signals", OWN.signals, other=YES)),
        ("principle", checklist("signals", OWN.signals, **{"ownership-waits": {**YES, "level": 5}})),
        ("principle", checklist("signals", OWN.signals, **{"ownership-waits": {**YES, "present": "yes"}})),
        ("principle", checklist("signals", OWN.signals, **{"ownership-waits": {**YES, "present": 1}})),
        ("gaps", checklist("gaps", GapCode, hedging=None)),
        ("gaps", checklist("gaps", GapCode, other=YES)),
        ("gaps", findings(gaps=[GAP])),
        ("assess", checklist("gaps", GapCode)),
        ("assess", findings(gaps=[{**GAP, "present": None}])),
        ("assess", findings(parts=[{"quote": "q", "part": "learning"}])),
        ("bar-raiser", json.dumps({"probes": [], "unproven": [], "strength": 5})),
        ("bar-raiser", json.dumps({"probes": [{"quote": "q", "question": "Why?"}], "unproven": []})),
    ],
)
def test_a_form_with_too_little_or_too_much_is_invalid_output(sheet: SheetName, text: str):
    assert kind_of(text, sheet) is Kind.INVALID_OUTPUT
