"""What a story is kept with must be something that it can be assessed with."""

from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import Headers

LIMIT = 200
BAD = [
    ({"role": "astronaut"}, "unknown-role"),
    ({"level": "L99"}, "unknown-level"),
    ({"principles": ["ownership", "be-nice"]}, "unknown-principle"),
    ({"text": "x" * (LIMIT + 1)}, "story-too-long"),
]


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=SecretStr(database_url), port=0, api_key=None, base_url=None, max_story_chars=LIMIT)


@pytest.fixture
def story(client: TestClient, ann: Headers) -> dict[str, Any]:
    return client.post("/v1/stories", json={"text": "x" * LIMIT, "role": "sdm"}, headers=ann).json()


@pytest.mark.parametrize(("change", "code"), BAD)
def test_a_story_that_could_not_be_assessed_is_not_kept(
    client: TestClient, ann: Headers, change: dict[str, Any], code: str
):
    answer = client.post("/v1/stories", json={"text": "A story.", **change}, headers=ann)
    assert (answer.status_code, answer.json()["type"], answer.json()["code"]) == (422, "/problems/invalid-input", code)
    assert not any(str(value) in answer.text for value in ("astronaut", "L99", "be-nice", "xxx"))
    assert client.get("/v1/stories", headers=ann).json()["items"] == []


@pytest.mark.parametrize(("change", "code"), BAD)
def test_a_story_is_not_changed_into_one_that_could_not_be_assessed(
    client: TestClient, ann: Headers, story: dict[str, Any], change: dict[str, Any], code: str
):
    where = f"/v1/stories/{story['id']}"
    answer = client.patch(where, json=change, headers={**ann, "If-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert client.get(where, headers=ann).json() == story


def test_a_target_can_be_cleared_and_set_again(client: TestClient, ann: Headers, story: dict[str, Any]):
    where = f"/v1/stories/{story['id']}"
    for change in ({"role": None, "level": None}, {"role": "sdm", "level": "L6", "principles": ["dive-deep"]}):
        answer = client.patch(where, json=change, headers={**ann, "If-Match": "*"})
        assert (answer.status_code, {name: answer.json()[name] for name in change}) == (200, change)


def test_a_story_kept_under_a_longer_limit_can_still_be_read_and_renamed(database_url: str, ann: Headers):
    def client_of(limit: int) -> TestClient:
        chosen = Settings(database_url=SecretStr(database_url), port=0, api_key=None, base_url=None)
        return TestClient(create_app(chosen.model_copy(update={"max_story_chars": limit})))

    with client_of(LIMIT * 2) as client:
        where = client.post("/v1/stories", json={"text": "x" * LIMIT * 2}, headers=ann).headers["Location"]
    with client_of(LIMIT) as client:
        assert client.patch(where, json={"title": "Kept"}, headers={**ann, "If-Match": "*"}).status_code == 200
