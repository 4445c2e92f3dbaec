"""Queries, ids and texts of any form, on every database: refused, not found or kept as they are, and never a 500."""

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import Headers
from tests.api.test_bad_bodies import post
from tests.api.test_problems import is_problem


def test_a_story_longer_than_allowed_is_refused_and_not_stored(client: TestClient, ann: Headers):
    answer = client.post("/v1/assessments", json={"text": "I did it. " * 20_000}, headers=ann)
    assert answer.status_code == 422
    assert answer.json()["code"] == "story-too-long"
    assert client.get("/v1/stories", headers=ann).json()["items"] == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=1e3", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("cursor=" + "c" * 501, "cursor"),
        ("page=2", "page"),
    ],
)
def test_a_query_that_does_not_fit_names_the_parameter(client: TestClient, ann: Headers, query: str, parameter: str):
    for path in ("/v1/stories", "/v1/assessments"):
        answer = client.get(f"{path}?{query}", headers=ann)
        assert answer.status_code == 422
        assert is_problem(answer)
        assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize("path", ["/v1/stories", "/v1/assessments"])
def test_a_parameter_given_twice_is_refused(client: TestClient, ann: Headers, path: str):
    answer = client.get(f"{path}?limit=1&limit=2", headers=ann)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"parameter": "limit", "message": "Given more than once"}]


@pytest.mark.parametrize("cursor", ["", "%00", "%ED%A0%80", "..%2F", "1" * 501])
def test_a_cursor_of_another_form_is_refused(client: TestClient, ann: Headers, cursor: str):
    answer = client.get(f"/v1/stories?cursor={cursor}", headers=ann)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize("cursor", ["x", "MTowOng", "1" * 400])
def test_a_cursor_that_the_service_did_not_give_out_is_refused(client: TestClient, ann: Headers, cursor: str):
    for path in ("/v1/stories", "/v1/assessments"):
        answer = client.get(f"{path}?cursor={cursor}", headers=ann)
        assert answer.status_code == 422
        assert answer.json()["code"] == "bad-cursor"


@pytest.mark.parametrize("rubric", ["%00", "..", "a/b/c", "A", "x" * 101, ""])
def test_a_rubric_in_the_query_never_becomes_a_path(client: TestClient, ann: Headers, rubric: str):
    answer = post(client, ann, b"Text.", "text/plain", path=f"/v1/assessments?rubric={rubric}")
    assert answer.status_code == 422
    assert is_problem(answer)


@pytest.mark.parametrize(
    "id_", ["%00", "%ED%A0%80", "..", "%2e%2e", "x" * 5000, "%F0%9F%98%80", "'; DROP TABLE story;--"]
)
def test_an_id_of_any_form_is_just_not_found(client: TestClient, ann: Headers, id_: str):
    for path in ("/v1/stories", "/v1/assessments", "/v1/principles", "/v1/rubrics"):
        assert client.get(f"{path}/{id_}", headers=ann).status_code == 404


def test_text_of_any_script_comes_back_as_it_was(client: TestClient, ann: Headers):
    text = "Ich habe – ängstlich – ‘ja’ gesagt. 我负责。 أنا المسؤول. 👩🏽‍💻 \u202e e\u0301 \ufeff \u2028 \x7f"
    for title in (text, None):
        kept = client.post("/v1/stories", json={"text": text, "title": title}, headers=ann)
        assert kept.status_code == 201
        assert kept.json()["revision"]["text"] == text
        assert kept.json()["title"] == title
