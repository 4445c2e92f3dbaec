import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain import Depth
from app.errors import ModelUnavailable
from app.judge.cache import AnswerCache
from app.judge.findings import Brief, Findings
from tests.faults import behaviours as do
from tests.faults.harness import BRISK, STORY, make_brief, open_test_judge
from tests.faults.server import ModelServer

ONCE = replace(BRISK, attempts=1)

pytestmark = pytest.mark.anyio


async def judge(server: ModelServer, cache: AnswerCache | None, *briefs: Brief, **settings: Any) -> list[Findings]:
    opened = open_test_judge(server.url, cache=cache, **settings)
    try:
        return list(await asyncio.gather(*(opened.judge(brief) for brief in briefs or (make_brief(),))))
    finally:
        await opened.aclose()


def found(findings: Findings) -> tuple[Any, ...]:
    return (findings.signals, findings.gaps, findings.parts, findings.dropped_quotes, findings.model)


async def test_the_same_request_is_paid_for_once_and_says_so(model_server: ModelServer, tmp_path: Path):
    (first,) = await judge(model_server, AnswerCache(tmp_path))
    (second,) = await judge(model_server, AnswerCache(tmp_path))

    assert len(model_server.requests) == 1
    assert found(first) == found(second)
    assert second.signals
    assert (second.attempts, second.cost_usd) == (0, 0.0)
    assert second.usage is not None
    assert (second.usage.calls, second.usage.input_tokens, second.usage.output_tokens) == (0, 0, 0)
    (call,) = second.calls
    assert (call.recalled, call.attempts, call.cost_usd, call.latency_ms) == (True, 0, 0.0, 0)
    assert call.boundary == first.boundary  # that of the prompt which was answered
    assert not first.calls[0].recalled


async def test_without_a_cache_each_request_is_asked(model_server: ModelServer):
    await judge(model_server, None, make_brief(), make_brief())

    assert len(model_server.requests) == 2


async def test_equal_requests_at_the_same_time_are_asked_once(model_server: ModelServer, tmp_path: Path):
    model_server.script(then=do.slow(0.05))

    answers = await judge(model_server, AnswerCache(tmp_path), *[make_brief()] * 50)

    assert len(model_server.requests) == 1
    assert len({found(answer) for answer in answers}) == 1
    assert sum(answer.attempts for answer in answers) == 1
    assert sum(call.recalled for answer in answers for call in answer.calls) == 49


STORY_FIELDS = {"text": f"{STORY} It held.", "title": "Another", "question": "Another?"}


@pytest.mark.parametrize(
    "change",
    [
        *({"story": make_brief().story.model_copy(update={name: value})} for name, value in STORY_FIELDS.items()),
        {"role": "sde"},
        {"level": "L7"},
        {"principles": ("ownership",)},
        {"sample": 2},
        {"payer": "u1"},
        {"depth": Depth.PANEL},
        {"rubric": make_brief().rubric.model_copy(update={"sha256": "1" * 64})},
    ],
)
async def test_whatever_decides_an_answer_makes_another_request(
    change: dict[str, Any], model_server: ModelServer, tmp_path: Path
):
    cache = AnswerCache(tmp_path)
    await judge(model_server, cache)
    before = len(model_server.requests)

    await judge(model_server, cache, make_brief().model_copy(update=change))

    assert len(model_server.requests) > before


@pytest.mark.parametrize(
    "settings",
    [{"model": "other"}, {"temperature": 0.5}, {"seed": 7}, {"max_output_tokens": 2000}, {"answer_form": "object"}],
)
async def test_model_and_parameters_decide_too(settings: dict[str, Any], model_server: ModelServer, tmp_path: Path):
    cache = AnswerCache(tmp_path)
    await judge(model_server, cache)
    await judge(model_server, cache, **settings)
    await judge(model_server, cache, **settings)

    assert len(model_server.requests) == 2


async def test_another_endpoint_is_another_answer(model_server: ModelServer, tmp_path: Path):
    cache = AnswerCache(tmp_path)
    await judge(model_server, cache)
    with ModelServer() as other:
        await judge(other, cache)

        assert len(other.requests) == 1


async def test_a_failure_is_not_kept(model_server: ModelServer, tmp_path: Path):
    cache = AnswerCache(tmp_path)
    model_server.script(do.status(400))
    with pytest.raises(Exception, match="request"):
        await judge(model_server, cache)

    assert (await judge(model_server, cache))[0].signals


async def test_a_failure_meets_all_who_waited_for_it(model_server: ModelServer, tmp_path: Path):
    model_server.script(then=do.slow(0.05, do.status(503)))
    opened = open_test_judge(model_server.url, cache=AnswerCache(tmp_path), patience=ONCE)

    outcomes = await asyncio.gather(*(opened.judge(make_brief()) for _ in range(5)), return_exceptions=True)
    await opened.aclose()

    assert all(isinstance(outcome, ModelUnavailable) for outcome in outcomes)
    assert len(model_server.requests) == 1


async def test_when_the_first_to_ask_gives_up_another_asks(model_server: ModelServer, tmp_path: Path):
    model_server.script(do.hang)
    opened = open_test_judge(model_server.url, cache=AnswerCache(tmp_path))
    first = asyncio.ensure_future(opened.judge(make_brief()))
    await asyncio.to_thread(model_server.wait_for_requests, 1)
    second = asyncio.ensure_future(opened.judge(make_brief()))
    await asyncio.sleep(0.02)
    first.cancel()

    assert (await second).signals
    await opened.aclose()
    assert len(model_server.requests) == 2


async def test_an_answer_of_a_fallback_model_is_not_kept(model_server: ModelServer, tmp_path: Path):
    cache = AnswerCache(tmp_path)
    model_server.script(do.status(503))
    (degraded,) = await judge(model_server, cache, fallback_models=("other",), patience=ONCE)
    (again,) = await judge(model_server, cache, fallback_models=("other",), patience=ONCE)

    assert (degraded.degraded, again.degraded) == (True, False)
    assert len(model_server.requests) == 3


async def test_a_kept_answer_is_read_and_grounded_like_a_new_one(model_server: ModelServer, tmp_path: Path):
    cache = AnswerCache(tmp_path)
    invented = {"quote": "I doubled the revenue alone", "reason": "r", "code": "hedging"}
    model_server.script(do.answer(do.findings(gaps=[invented])))
    await judge(model_server, cache)
    (again,) = await judge(model_server, cache)

    assert (again.gaps, again.dropped_quotes) == ((), 1)


async def test_a_kept_answer_that_no_longer_reads_is_asked_anew(model_server: ModelServer, tmp_path: Path):
    cache = AnswerCache(tmp_path)
    await judge(model_server, cache)
    forged = AnswerCache(tmp_path)
    (path,) = _answers(tmp_path)
    entry = json.loads(json.loads(path.read_text())["entry"])
    place = type(cache.place(None, ""))(path.parent.name, path.stem)
    kept = await forged.read(place)
    assert kept is not None
    await forged.write(place, kept.model_copy(update={"text": '{"strength": 5}'}))

    (again,) = await judge(model_server, cache)

    assert entry["text"] != '{"strength": 5}'
    assert len(model_server.requests) == 2
    assert again.signals


def _answers(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.json"))


_ASKER = """
import asyncio, sys
from pathlib import Path
from app.judge.cache import AnswerCache
from tests.faults.harness import make_brief, open_test_judge
async def main():
    judge = open_test_judge(sys.argv[1], cache=AnswerCache(Path(sys.argv[2])))
    findings = await judge.judge(make_brief())
    await judge.aclose()
    print(findings.attempts, len(findings.signals))
asyncio.run(main())
"""


def test_equal_requests_of_several_processes_are_asked_once(model_server: ModelServer, tmp_path: Path):
    model_server.script(then=do.slow(0.3))
    command = [sys.executable, "-c", _ASKER, model_server.url, str(tmp_path)]

    askers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = sorted(asker.communicate(timeout=60)[0].strip() for asker in askers)

    assert said == ["0 1", "0 1", "1 1"]
    assert len(model_server.requests) == 1
