import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.judge.failures import Fault, Kind
from app.judge.reply import Tokens, read_completion
from tests.faults.behaviours import completion

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
choices = st.fixed_dictionaries({}, optional={"message": json_values, "finish_reason": json_values})
shaped = st.fixed_dictionaries(
    {},
    optional={
        "choices": json_values | st.lists(choices),
        "error": json_values,
        "usage": json_values,
        "model": json_values,
    },
)


@given(st.binary(max_size=200) | (json_values | shaped).map(lambda value: json.dumps(value).encode()))
def test_any_body_is_a_completion_or_a_fault(body: bytes):
    with suppress(Fault):
        assert read_completion(body, {}).take_content().strip()


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 7, "completion_tokens": 0}, Tokens(7, 0)),
        ({"prompt_tokens": 10**9, "completion_tokens": 1}, Tokens(10**9, 1)),
        ({"prompt_tokens": 10**9 + 1, "completion_tokens": 1}, None),
        ({"prompt_tokens": -1, "completion_tokens": 1}, None),
        ({"prompt_tokens": True, "completion_tokens": 1}, None),
        ({"prompt_tokens": 1.0, "completion_tokens": 1}, None),
        ({"prompt_tokens": 1}, None),
        ([], None),
        (None, None),
    ],
)
def test_only_plausible_usage_is_believed(usage: Any, tokens: Tokens | None):
    assert read_completion(json.dumps(completion("x", usage=usage)).encode(), {}).tokens == tokens


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 502}, Kind.PROVIDER_UNAVAILABLE),
        ({"code": "429"}, Kind.RATE_LIMITED),
        ({"code": 401}, Kind.KEY_REFUSED),
        ({"code": "insufficient_quota"}, Kind.PROVIDER_QUOTA),
        ({"code": "context_length_exceeded"}, Kind.TOO_LONG),
        ({"code": "content_filter"}, Kind.CONTENT_FILTERED),
        ({"code": "²"}, Kind.BAD_RESPONSE),
        ({"code": 9**40}, Kind.BAD_RESPONSE),
        ("busy", Kind.BAD_RESPONSE),
        ([1], Kind.BAD_RESPONSE),
    ],
)
def test_an_error_inside_a_good_status_is_classified_by_its_own_code(error: Any, kind: Kind):
    with pytest.raises(Fault) as caught:
        read_completion(json.dumps({"error": error}).encode(), {})

    assert caught.value.kind is kind
