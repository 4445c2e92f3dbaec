"""`star-coach score` on many stories with a model that fails, costs or waits."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import WEAK
from tests.faults import behaviours
from tests.faults.server import ModelServer

MODEL = "gpt-5-mini"
PRICE = (1200 * 0.25 + 80 * 2.0) / 10**6


@pytest.fixture
def configured(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    """A model server that the environment names, with a model whose price is known."""
    monkeypatch.setenv("COACH_BASE_URL", model_server.url)
    monkeypatch.setenv("COACH_API_KEY", "sk-test-canary-key")
    monkeypatch.setenv("COACH_MODEL", MODEL)
    return model_server


@pytest.fixture
def write_batch(tmp_path):
    """Writes a file of so many stories."""

    def write(count: int) -> Path:
        text = WEAK.read_text(encoding="utf-8").split("---")[2].strip()
        path = tmp_path / "stories.jsonl"
        path.write_text("".join(json.dumps({"id": f"s{number}", "text": text}) + "\n" for number in range(count)))
        return path

    return write


@pytest.mark.slow
def test_a_provider_that_goes_down_costs_few_requests_and_no_score(cli, configured, write_batch):
    configured.script(*[behaviours.answer_sensibly] * 60, then=behaviours.status(500))

    result = cli("score", write_batch(500), "--format", "jsonl")

    assert result.code == 3
    assessments = [json.loads(line) for line in result.out.splitlines()]
    assert len(assessments) == 500
    done = [item for item in assessments if item["status"] == "assessed"]
    assert len(done) == 60
    assert all(item["strength"] is None for item in assessments if item["status"] != "assessed")
    assert len(configured.requests) <= 60 + 30


def test_a_run_stops_asking_before_it_costs_more_than_allowed(cli, configured, write_batch):
    result = cli("score", write_batch(80), "--format", "jsonl", "--max-cost-usd", str(40 * PRICE))

    assert result.code == 3
    assessments = [json.loads(line) for line in result.out.splitlines()]
    done = [item for item in assessments if item["status"] == "assessed"]
    assert 0 < len(done) == len(configured.requests) <= 40
    assert sum(item["provenance"]["cost_usd"] for item in done) <= 40 * PRICE
    assert {item["reason"].partition(":")[0] for item in assessments if item not in done} == {"over-budget"}
    assert {item["provenance"]["calls"][0]["model"] for item in done} == {"test-model"}


def test_a_budget_that_can_not_be_kept_is_refused_before_anything_is_asked(cli, configured, monkeypatch):
    monkeypatch.setenv("COACH_MODEL", "some-local-model")

    result = cli("score", WEAK, "--max-cost-usd", "1")

    assert result.code == 2
    assert "COACH_PRICES_FILE" in result.err
    assert configured.requests == []


@pytest.mark.slow
def test_a_slow_rate_makes_a_batch_wait_and_not_fail(cli, configured, monkeypatch):
    monkeypatch.setenv("COACH_REQUESTS_PER_MINUTE", "200")
    monkeypatch.setenv("COACH_DEADLINE_S", "4")

    result = cli("score", *[WEAK] * 40, "--jobs", "40", "--no-cache", "--format", "json")

    assert result.code == 0
    assert len(configured.requests) == 40
