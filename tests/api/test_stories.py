"""Stories over HTTP: kept, changed under If-Match, revised, assessed, deleted."""

import hashlib
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.http import examples
from tests.api.conftest import Headers

STORY = examples.STORY


@pytest.fixture
def story(client: TestClient, ann: Headers) -> dict[str, Any]:
    return client.post("/v1/stories", json=STORY, headers=ann).json()


def test_a_story_is_kept_exactly_as_sent(client: TestClient, ann: Headers):
    text = "  Zoë said “no”.\r\n\r\n\tI asked why 👩🏽‍💻 \n"
    answer = client.post("/v1/stories", json={"text": text, "title": "Asking"}, headers=ann)
    assert answer.status_code == 201
    kept = client.get(answer.headers["Location"], headers=ann)
    assert kept.json() == answer.json()
    assert kept.headers["ETag"] == answer.headers["ETag"] == '"v1"'
    assert kept.json()["revision"]["text"] == text
    assert kept.json()["revision"]["sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_a_list_shows_stories_without_their_texts(client: TestClient, ann: Headers, story: dict[str, Any]):
    listed = client.get("/v1/stories", headers=ann).json()
    assert listed["next_cursor"] is None
    assert [item["id"] for item in listed["items"]] == [story["id"]]
    assert listed["items"][0]["revision"] == story["revision"]["id"]
    assert "text" not in str(listed["items"][0])


def test_stories_come_in_pages_linked_by_a_header(client: TestClient, ann: Headers):
    made = [client.post("/v1/stories", json={"text": f"Draft {n}."}, headers=ann).json()["id"] for n in range(3)]
    first = client.get("/v1/stories?limit=2", headers=ann)
    rest = client.get(first.links["next"]["url"], headers=ann)
    assert [item["id"] for item in first.json()["items"] + rest.json()["items"]] == made[::-1]
    assert "Link" not in rest.headers


def test_a_changed_text_becomes_a_new_revision_and_the_old_one_stays(
    client: TestClient, ann: Headers, story: dict[str, Any]
):
    where = f"/v1/stories/{story['id']}"
    changed = client.patch(where, json={"text": "A better text."}, headers={**ann, "If-Match": '"v1"'})
    assert changed.status_code == 200
    assert changed.headers["ETag"] == '"v2"'
    assert changed.json()["revision"]["number"] == 2
    assert changed.json()["title"] == story["title"]
    revisions = client.get(f"{where}/revisions", headers=ann).json()["items"]
    assert [revision["text"] for revision in revisions] == ["A better text.", STORY["text"]]


def test_revisions_come_in_pages_from_the_newest_to_the_first(client: TestClient, ann: Headers, story: dict[str, Any]):
    where = f"/v1/stories/{story['id']}"
    for number in range(2, 6):
        client.patch(where, json={"text": f"Text {number}."}, headers={**ann, "If-Match": "*"})
    seen: list[int] = []
    address: str | None = f"{where}/revisions?limit=2"
    while address:
        answer = client.get(address, headers=ann)
        seen += [item["number"] for item in answer.json()["items"]]
        address = answer.links.get("next", {}).get("url")
        assert bool(address) == (answer.json()["next_cursor"] is not None)
    assert seen == [5, 4, 3, 2, 1]


def test_a_cursor_of_another_storys_revisions_is_refused(client: TestClient, ann: Headers, story: dict[str, Any]):
    where = f"/v1/stories/{story['id']}"
    client.patch(where, json={"text": "Another text."}, headers={**ann, "If-Match": "*"})
    cursor = client.get(f"{where}/revisions?limit=1", headers=ann).json()["next_cursor"]
    other = client.post("/v1/stories", json=STORY, headers=ann).headers["Location"]
    answer = client.get(f"{other}/revisions", params={"cursor": cursor}, headers=ann)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-cursor")


def test_null_clears_a_field_and_an_absent_field_stays(client: TestClient, ann: Headers, story: dict[str, Any]):
    changed = client.patch(
        f"/v1/stories/{story['id']}", json={"title": None, "level": "L7"}, headers={**ann, "If-Match": '"v1"'}
    ).json()
    assert (changed["title"], changed["level"], changed["role"]) == (None, "L7", "sdm")
    assert changed["revision"] == story["revision"]


def test_a_text_cannot_be_cleared(client: TestClient, ann: Headers, story: dict[str, Any]):
    answer = client.patch(f"/v1/stories/{story['id']}", json={"text": None}, headers={**ann, "If-Match": "*"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/text"


@pytest.mark.parametrize("tag", ['"v2"', '"v0"', '"other"', 'W/"v1"'])
def test_a_change_of_an_old_state_is_refused_and_changes_nothing(
    client: TestClient, ann: Headers, story: dict[str, Any], tag: str
):
    where = f"/v1/stories/{story['id']}"
    for answer in (
        client.patch(where, json={"title": "Mine"}, headers={**ann, "If-Match": tag}),
        client.delete(where, headers={**ann, "If-Match": tag}),
    ):
        assert answer.status_code == 412
        assert answer.json()["type"] == "/problems/precondition-failed"
    assert client.get(where, headers=ann).json() == story


def test_a_change_needs_if_match(client: TestClient, ann: Headers, story: dict[str, Any]):
    answer = client.patch(f"/v1/stories/{story['id']}", json={"title": "Mine"}, headers=ann)
    assert answer.status_code == 428
    assert answer.json()["type"] == "/problems/precondition-required"


@pytest.mark.parametrize("tag", ["v1", '"v1", "v2"', '"', ""])
def test_an_if_match_that_is_no_single_etag_is_refused(
    client: TestClient, ann: Headers, story: dict[str, Any], tag: str
):
    answer = client.patch(f"/v1/stories/{story['id']}", json={}, headers={**ann, "If-Match": tag})
    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json()["errors"]] == ["If-Match"]


@pytest.mark.parametrize(("tags", "status"), [('"v1"', 304), ('W/"v1", "x"', 304), ("*", 304), ('"v2"', 200)])
def test_a_story_that_the_caller_has_already_is_not_sent_again(
    client: TestClient, ann: Headers, story: dict[str, Any], tags: str, status: int
):
    answer = client.get(f"/v1/stories/{story['id']}", headers={**ann, "If-None-Match": tags})
    assert answer.status_code == status
    assert answer.headers["ETag"] == '"v1"'
    assert bool(answer.content) == (status == 200)


def test_the_newest_revision_is_assessed_for_the_kept_target(client: TestClient, ann: Headers, story: dict[str, Any]):
    where = f"/v1/stories/{story['id']}"
    first = client.post(f"{where}/assessments", headers=ann)
    assert first.status_code == 201
    assert first.json()["target"]["question"] == STORY["question"]
    client.patch(where, json={"text": "Too short."}, headers={**ann, "If-Match": "*"})
    second = client.post(f"{where}/assessments", json={"engine": "rules"}, headers=ann)
    assert second.json()["status"] == "not_assessed"
    assert second.json()["story"]["id"] == story["id"]
    assert second.json()["story"]["revision"] != first.json()["story"]["revision"]
    listed = client.get(f"{where}/assessments", headers=ann).json()["items"]
    assert [item["id"] for item in listed] == [second.json()["id"], first.json()["id"]]
    assert client.get(second.headers["Location"], headers=ann).json() == second.json()


def test_a_deleted_story_is_gone_with_revisions_and_assessments(
    client: TestClient, ann: Headers, story: dict[str, Any]
):
    where = f"/v1/stories/{story['id']}"
    assessed = client.post(f"{where}/assessments", headers=ann).headers["Location"]
    deleted = client.delete(where, headers={**ann, "If-Match": '"v1"'})
    assert (deleted.status_code, deleted.content) == (204, b"")
    for address in (where, f"{where}/revisions", f"{where}/assessments", assessed):
        assert client.get(address, headers=ann).status_code == 404
    assert client.delete(where, headers=ann).status_code == 404


def test_principles_rubrics_and_questions_can_be_read(client: TestClient, ann: Headers):
    principles = client.get("/v1/principles", headers=ann).json()["items"]
    assert len(principles) == 16
    assert client.get("/v1/principles/ownership", headers=ann).json() in principles
    rubrics = client.get("/v1/rubrics", headers=ann).json()["items"]
    newest = client.get(f"/v1/rubrics/{rubrics[-1]['name']}", headers=ann).json()
    exact = client.get(f"/v1/rubrics/{rubrics[-1]['name']}/{rubrics[-1]['version']}", headers=ann).json()
    assert newest == exact
    assert newest["sha256"] == rubrics[-1]["sha256"]
    questions = client.get("/v1/questions", params={"principle": "ownership"}, headers=ann).json()["items"]
    assert all("ownership" in question["principles"] for question in questions)


@pytest.mark.parametrize(
    "address",
    [
        "/v1/principles/be-nice",
        "/v1/rubrics/none",
        "/v1/rubrics/leadership-principles/v999",
        "/v1/rubrics/..%2F..%2Fapp/v1",
        "/v1/rubrics/%00",
    ],
)
def test_what_no_rubric_has_is_not_found(client: TestClient, ann: Headers, address: str):
    assert client.get(address, headers=ann).status_code == 404
