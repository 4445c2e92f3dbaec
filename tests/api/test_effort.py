"""Depth and samples over HTTP, and answers that are kept for each user."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import Headers
from tests.faults.server import ModelServer
from tests.unit.analysis.tales import TALES

TEXT = TALES["ward"].text


@pytest.fixture
def client(settings: Settings, model_server: ModelServer, tmp_path: Path) -> Iterator[TestClient]:
    """A client of a service with a model and a cache."""
    changes = {"base_url": model_server.url, "cache_dir": tmp_path, "max_attempts": 1}
    with TestClient(create_app(settings.model_copy(update=changes)), raise_server_exceptions=False) as client:
        yield client


def assess(client: TestClient, who: Headers, query: str = "", **options: Any) -> dict[str, Any]:
    reply = client.post(f"/v1/assessments{query}", headers=who, json={"text": TEXT, **options})
    assert reply.status_code == 201, reply.text
    return reply.json()


def test_a_caller_chooses_depth_and_samples(client: TestClient, ann: Headers):
    usual = assess(client, ann)["provenance"]
    panel = assess(client, ann, depth="panel", samples=2)["provenance"]

    assert (usual["depth"], usual["samples_wanted"]) == ("quick", 1)
    assert (panel["depth"], panel["samples_wanted"]) == ("panel", 2)
    assert {"gaps", "bar-raiser"} <= {call["asked"] for call in panel["calls"]}


def test_the_body_wins_over_the_query(client: TestClient, ann: Headers):
    assert assess(client, ann, "?depth=panel")["provenance"]["depth"] == "panel"
    assert assess(client, ann, "?depth=panel", depth="quick")["provenance"]["depth"] == "quick"


def test_a_stored_story_is_assessed_as_thoroughly(client: TestClient, ann: Headers):
    story = client.post("/v1/stories", headers=ann, json={"text": TEXT}).json()["id"]

    reply = client.post(f"/v1/stories/{story}/assessments", headers=ann, json={"depth": "panel"})

    assert reply.json()["provenance"]["depth"] == "panel"


@pytest.mark.parametrize("options", [{"depth": "deep"}, {"samples": 0}, {"samples": 10}])
def test_other_depths_and_numbers_are_refused(options: dict[str, Any], client: TestClient, ann: Headers):
    reply = client.post("/v1/assessments", headers=ann, json={"text": TEXT, **options})

    assert reply.status_code == 422


def test_a_user_pays_once_and_profits_from_no_other(
    client: TestClient, model_server: ModelServer, ann: Headers, ben: Headers
):
    first, again, other = assess(client, ann), assess(client, ann), assess(client, ben)

    assert len(model_server.requests) == 2
    assert [item["provenance"]["calls"][0]["recalled"] for item in (first, again, other)] == [False, True, False]
    assert again["principles"] == first["principles"]


def test_what_was_kept_of_a_user_s_answers_goes_with_a_story(
    client: TestClient, model_server: ModelServer, ann: Headers, ben: Headers, tmp_path: Path
):
    assess(client, ben)
    story = assess(client, ann)["story"]["id"]
    assert len(list(tmp_path.rglob("*.json"))) == 2

    reply = client.delete(f"/v1/stories/{story}", headers={**ann, "If-Match": "*"})

    assert reply.status_code == 204
    assert len(list(tmp_path.rglob("*.json"))) == 1
    assert assess(client, ben)["provenance"]["calls"][0]["recalled"]
    assert len(model_server.requests) == 2
