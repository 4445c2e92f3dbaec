"""Budgets of a day: whose they are, and what is told when they are used up."""

import asyncio
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.http.examples import STORY
from app.main import create_app
from app.settings import Settings
from app.store import Store
from tests.api.conftest import Headers
from tests.faults.server import ModelServer


@pytest.fixture
def client(settings: Settings, model_server: ModelServer) -> Iterator[TestClient]:
    """The service with a model whose every user may spend very little a day."""
    changes = {"base_url": model_server.url, "model": "gpt-5-mini", "user_daily_cost_usd": 0.03}
    with TestClient(create_app(settings.model_copy(update=changes))) as client:
        yield client


@pytest.mark.slow
def test_a_user_whose_day_is_spent_is_refused_until_midnight_and_others_are_not(
    client: TestClient, model_server: ModelServer, ann: Headers, ben: Headers
):
    answers = [client.post("/v1/assessments", json=STORY, headers=ann) for _ in range(60)]
    refused = [answer for answer in answers if answer.status_code != 201]

    assert answers[0].status_code == 201
    assert refused
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(429, "over-budget")}
    assert all(0 < int(answer.headers["Retry-After"]) <= 86_401 for answer in refused)
    assert len(model_server.requests) == len(answers) - len(refused)
    assert client.post("/v1/assessments", json=STORY, headers=ben).status_code == 201
    rules = client.post("/v1/assessments", json={**STORY, "engine": "rules"}, headers=ann)
    assert rules.status_code == 201


def test_what_an_assessment_cost_stands_in_it_and_in_its_users_day(client: TestClient, ann: Headers, store: Store):
    made = client.post("/v1/assessments", json=STORY, headers=ann).json()
    kept = client.get(f"/v1/assessments/{made['id']}", headers=ann).json()["provenance"]

    [call] = kept["calls"]
    assert kept["cost_usd"] == call["cost_usd"] == pytest.approx((1200 * 0.25 + 80 * 2.0) / 10**6)
    assert (kept["degraded"], call["model"], call["finish_reason"], call["attempts"]) == (
        False,
        "test-model",
        "stop",
        1,
    )
    assert kept["boundary"]
    [day] = asyncio.run(store.spending.days())
    assert (day.requests, day.input_tokens, day.output_tokens) == (1, 1200, 80)
    assert day.charged_usd == kept["cost_usd"]
