"""POST and GET of assessments, as a caller sees them."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.http import examples
from tests.api.conftest import Headers

DRAFT = examples.ASSESSMENT_BODIES["draft"]["value"]


def quotes(value) -> list[dict[str, Any]]:
    """Return every piece of evidence in an assessment, wherever it stands."""
    if isinstance(value, dict):
        found = [value] if "quote" in value else []
        return found + [quote for inner in value.values() for quote in quotes(inner)]
    return [quote for inner in value for quote in quotes(inner)] if isinstance(value, list) else []


def test_a_story_is_assessed_and_stored_with_its_assessment(client: TestClient, ann: Headers):
    answer = client.post("/v1/assessments", json=DRAFT, headers=ann)
    assert answer.status_code == 201
    body = answer.json()
    assert body["status"] == "assessed"
    assert 1 <= body["strength"] <= 5
    assert "missing-metric" in {gap["code"] for gap in body["gaps"]}
    assert answer.headers["Location"] == f"/v1/assessments/{body['id']}"
    assert client.get(answer.headers["Location"], headers=ann).json() == body
    story = client.get(f"/v1/stories/{body['story']['id']}", headers=ann).json()
    assert story["revision"]["text"] == DRAFT["text"]
    assert story["revision"]["id"] == body["story"]["revision"]
    assert (story["title"], story["role"], story["level"]) == (DRAFT["title"], "sdm", "L6")


def test_every_quote_is_the_exact_stretch_of_the_stored_text(client: TestClient, ann: Headers):
    body = client.post("/v1/assessments", json=DRAFT, headers=ann).json()
    text = client.get(f"/v1/stories/{body['story']['id']}", headers=ann).json()["revision"]["text"]
    assert quotes(body)
    for quote in quotes(body):
        assert quote["quote"] == text[quote["start"] : quote["end"]]


@pytest.mark.parametrize("media_type", ["text/markdown", "text/plain; charset=utf-8"])
def test_a_story_file_is_assessed_as_it_stands(client: TestClient, ann: Headers, media_type: str):
    answer = client.post(
        "/v1/assessments?engine=rules",
        content=examples.MARKDOWN_FILE.encode(),
        headers={**ann, "Content-Type": media_type},
    )
    assert answer.status_code == 201
    body = answer.json()
    assert body["story"]["title"] == examples.STORY["title"]
    assert body["target"]["principles"] == ["dive-deep", "ownership"]
    lines = examples.MARKDOWN_FILE.splitlines()
    for quote in quotes(body):
        assert lines[quote["line"] - 1][quote["column"] - 1 :].startswith(quote["quote"])


def test_the_same_story_can_be_assessed_twice_and_both_are_kept(client: TestClient, ann: Headers):
    first = client.post("/v1/assessments", json=DRAFT, headers=ann).json()
    second = client.post("/v1/assessments", json=DRAFT, headers=ann).json()
    assert first["id"] != second["id"]
    assert first["strength"] == second["strength"]
    assert [item["id"] for item in client.get("/v1/assessments", headers=ann).json()["items"]] == [
        second["id"],
        first["id"],
    ]


@pytest.mark.parametrize(
    "text",
    ["", "   \n\t ", "We shipped it.", "私は配送チームの責任者でした。遅延が多く、手順を書き直しました。" * 20],
    ids=["empty", "blank", "three-words", "japanese"],
)
def test_a_story_that_cannot_be_judged_is_stored_as_not_assessed(client: TestClient, ann: Headers, text: str):
    answer = client.post("/v1/assessments", json={"text": text}, headers=ann)
    assert answer.status_code == 201
    body = answer.json()
    assert body["status"] == "not_assessed"
    assert body["strength"] is None
    assert body["reason"]
    assert client.get(answer.headers["Location"], headers=ann).json() == body


def test_pages_lead_from_the_newest_to_the_oldest(client: TestClient, ann: Headers):
    made = [client.post("/v1/assessments", json={"text": f"Draft {n}."}, headers=ann).json()["id"] for n in range(5)]
    seen: list[str] = []
    address = "/v1/assessments?limit=2"
    while address:
        answer = client.get(address, headers=ann)
        seen += [item["id"] for item in answer.json()["items"]]
        following = answer.links.get("next", {}).get("url")
        assert bool(following) == (answer.json()["next_cursor"] is not None)
        address = following
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"engine": "llm"}, "no-model"),
        ({"rubric": "no-such-rubric"}, "unknown-rubric"),
        ({"rubric": "leadership-principles/v999"}, "unknown-rubric"),
        ({"role": "astronaut"}, "unknown-role"),
        ({"level": "L99"}, "unknown-level"),
        ({"principles": ["be-nice"]}, "unknown-principle"),
    ],
)
def test_what_the_service_does_not_know_is_refused_by_name(
    client: TestClient, ann: Headers, change: dict[str, Any], code: str
):
    answer = client.post("/v1/assessments", json={**DRAFT, **change}, headers=ann)
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert client.get("/v1/assessments", headers=ann).json()["items"] == []


def test_the_engine_of_the_body_wins_over_the_one_of_the_query(client: TestClient, ann: Headers):
    assert client.post("/v1/assessments?engine=llm", json=DRAFT, headers=ann).status_code == 201
    without = {name: value for name, value in DRAFT.items() if name != "engine"}
    assert client.post("/v1/assessments?engine=llm", json=without, headers=ann).status_code == 422


def test_every_worked_example_succeeds(client: TestClient, ann: Headers):
    for example in examples.ASSESSMENT_BODIES.values():
        assert client.post("/v1/assessments", json=example["value"], headers=ann).status_code == 201
    for example in examples.STORY_BODIES.values():
        story = client.post("/v1/stories", json=example["value"], headers=ann)
        assert story.status_code == 201
        where = story.headers["Location"]
        for patch in examples.PATCH_BODIES.values():
            changed = client.patch(where, json=patch["value"], headers={**ann, "If-Match": "*"})
            assert changed.status_code == 200
        for options in examples.OPTION_BODIES.values():
            assert client.post(f"{where}/assessments", json=options["value"], headers=ann).status_code == 201
