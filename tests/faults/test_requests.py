import asyncio
import json
from typing import Any

import pytest

from app.judge.findings import Findings
from tests.faults import behaviours as do
from tests.faults.harness import (
    KEY,
    judge_all,
    judge_once,
    make_brief,
    open_test_judge,
)
from tests.faults.server import ModelServer, Request


def parameters(request: Request) -> dict[str, Any]:
    return {name: value for name, value in request.json.items() if name not in {"messages", "model"}}


def test_a_refused_parameter_is_never_sent_again(model_server: ModelServer):
    model_server.script(do.refuse_parameter("temperature"))

    async def judge_twice() -> None:
        judge = open_test_judge(model_server.url, temperature=0.3, seed=5)
        await judge.judge(make_brief())
        await judge.judge(make_brief())
        await judge.aclose()

    asyncio.run(judge_twice())

    first, *rest = [parameters(request) for request in model_server.requests]
    assert (first["temperature"], first["seed"]) == (0.3, 5)
    assert len(rest) == 2
    assert all("temperature" not in sent and sent["seed"] == 5 for sent in rest)


def test_calls_at_once_learn_the_same_thing_once(model_server: ModelServer):
    async def refuse_schemas(exchange) -> None:
        form = exchange.request.json.get("response_format", {}).get("type")
        refuses = form == "json_schema"
        await (do.refuse_parameter("response_format") if refuses else do.answer_sensibly)(exchange)

    model_server.script(then=refuse_schemas)

    results = asyncio.run(judge_all(model_server.url, 8))

    assert all(isinstance(result, Findings) for result in results)
    assert parameters(model_server.requests[-1])["response_format"] == {"type": "json_object"}


def test_the_form_is_asked_for_more_and_more_weakly(model_server: ModelServer):
    refuse = do.refuse_parameter("response_format")
    model_server.script(refuse, refuse, refuse)

    assert judge_once(model_server.url).kind == "findings"

    forms = [parameters(request).get("response_format") for request in model_server.requests]
    assert [form and form["type"] for form in forms] == ["json_schema", "json_schema", "json_object", None]
    assert "maxLength" in json.dumps(forms[0])
    assert "maxLength" not in json.dumps(forms[1])
    shown = ["additionalProperties" in request.prompt for request in model_server.requests]
    assert shown == [False, False, True, True]


@pytest.mark.parametrize(
    ("form", "sent"),
    [("bounded-schema", "json_schema"), ("schema", "json_schema"), ("object", "json_object"), ("text", None)],
)
def test_the_form_can_be_set_and_is_recorded(model_server: ModelServer, form: str, sent: str | None):
    outcome = judge_once(model_server.url, answer_form=form)

    (request,) = model_server.requests
    asked = parameters(request).get("response_format")
    assert (asked and asked["type"]) == sent
    assert ("maxLength" in json.dumps(asked)) == (form == "bounded-schema")
    assert ("additionalProperties" in request.prompt) == (form in {"object", "text"})
    assert outcome.findings is not None
    assert outcome.findings.calls[0].parameters.get("response_format") == (None if form == "text" else form)


def test_an_answer_lists_no_more_notes_than_were_asked_for(model_server: ModelServer):
    judge_once(model_server.url, max_notes=3)

    form = parameters(model_server.requests[0])["response_format"]["json_schema"]["schema"]["properties"]
    assert [form[name]["maxItems"] for name in ("signals", "gaps")] == [3, 3]


def test_the_limit_on_tokens_is_renamed_then_left_out(model_server: ModelServer):
    model_server.script(do.refuse_parameter("max_completion_tokens"), do.refuse_parameter("max_tokens"))

    assert judge_once(model_server.url, max_output_tokens=512).kind == "findings"

    sent = [parameters(request) for request in model_server.requests]
    assert [(s.get("max_completion_tokens"), s.get("max_tokens")) for s in sent] == [
        (512, None),
        (None, 512),
        (None, None),
    ]


def test_a_cut_answer_gets_more_room_and_the_same_question(model_server: ModelServer):
    model_server.script(do.answer('{"signals": [', finish_reason="length"))

    assert judge_once(model_server.url, max_output_tokens=1000).kind == "findings"

    first, second = model_server.requests
    assert parameters(second)["max_completion_tokens"] == 2000
    assert second.json["messages"] == first.json["messages"]


def test_a_repair_has_one_size_and_never_shows_the_bad_answer(model_server: ModelServer):
    sizes: list[int] = []
    for bad in ("{}", json.dumps({"signals": "X" * 50_000})):
        before = len(model_server.requests)
        model_server.script(do.answer(bad))
        assert judge_once(model_server.url).kind == "findings"
        first, second = model_server.requests[before:]
        assert second.json["messages"][:2] == first.json["messages"]
        assert "XXX" not in second.prompt
        sizes.append(len(second.prompt))

    assert sizes[0] == sizes[1]


def test_a_request_asks_for_no_tool_no_stream_and_nothing_that_was_not_set(model_server: ModelServer):
    judge_once(model_server.url)

    assert set(parameters(model_server.requests[0])) == {"response_format", "max_completion_tokens"}


def test_no_other_key_of_the_environment_goes_along(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch):
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "sk-another-0123456789")

    judge_once(model_server.url)

    assert "sk-another" not in json.dumps(model_server.requests[0].headers)


def test_a_key_goes_to_the_endpoint_and_no_key_means_no_header(model_server: ModelServer):
    judge_once(model_server.url)
    judge_once(model_server.url, api_key=None)

    with_key, without = model_server.requests
    assert with_key.headers["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in without.headers
