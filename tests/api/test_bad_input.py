"""What can't be used is refused with its place, on every database, and never with a 500."""

import json

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import Headers
from tests.api.test_problems import is_problem

CANARY = "canary-7f3a the vault code is 1138"
TEXT = json.dumps(CANARY).encode()

MALFORMED = {
    "empty": b"",
    "no-json": b"hello",
    "cut": b'{"text": "x"',
    "trailing-comma": b'{"text": "x",}',
    "two-objects": b'{"text": "x"} {"text": "x"}',
    "duplicate-key": b'{"text": ' + TEXT + b', "text": "x"}',
    "duplicate-odd-key": b"{" + TEXT + b": 1, " + TEXT + b": 2}",
    "nan": b'{"text": NaN}',
    "infinity": b'{"text": -Infinity}',
    "beyond-range": b'{"text": 1e999}',
    "huge-integer": b'{"text": ' + b"9" * 5000 + b"}",
    "deep-list": b"[" * 100_000,
    "deep-list-closed": b"[" * 100_000 + b"]" * 100_000,
    "deep-object": b'{"text":' * 20_000 + b"1" + b"}" * 20_000,
    "invalid-utf-8": b'{"text": "\xff\xfe"}',
    "utf-16": '{"text": "x"}'.encode("utf-16"),
    "utf-16-without-mark": '{"text": "x"}'.encode("utf-16-le"),
    "utf-8-mark": b'\xef\xbb\xbf{"text": "x"}',
    "raw-newline": b'{"text": "a\nb"}',
    "binary": bytes(range(256)),
}

UNUSABLE = {
    "null": (b"null", "#"),
    "list": (b"[]", "#"),
    "text-alone": (TEXT, "#"),
    "number": (b"5", "#"),
    "no-text": (b"{}", "#/text"),
    "text-null": (b'{"text": null}', "#/text"),
    "text-number": (b'{"text": 5}', "#/text"),
    "text-minus-zero": (b'{"text": -0}', "#/text"),
    "text-true": (b'{"text": true}', "#/text"),
    "text-list": (b'{"text": [' + TEXT + b"]}", "#/text"),
    "text-object": (b'{"text": {"a": ' + TEXT + b"}}", "#/text"),
    "unknown-field": (b'{"text": "x", "colour": ' + TEXT + b"}", "#/colour"),
    "unknown-odd-field": (b'{"text": "x", ' + TEXT + b": 1}", "#/(name)"),
    "engine": (b'{"text": "x", "engine": ' + TEXT + b"}", "#/engine"),
    "rubric": (b'{"text": "x", "rubric": "../../etc/passwd"}', "#/rubric"),
    "title-list": (b'{"text": "x", "title": []}', "#/title"),
    "title-long": (b'{"text": "x", "title": "' + b"t" * 201 + b'"}', "#/title"),
    "question-long": (b'{"text": "x", "question": "' + b"q" * 1001 + b'"}', "#/question"),
    "principles-text": (b'{"text": "x", "principles": ' + TEXT + b"}", "#/principles"),
    "principles-null": (b'{"text": "x", "principles": null}', "#/principles"),
    "principles-number": (b'{"text": "x", "principles": ["ownership", 5]}', "#/principles/1"),
    "principles-many": (b'{"text": "x", "principles": ["a"' + b', "a"' * 32 + b"]}", "#/principles"),
    "role-number": (b'{"text": "x", "role": 1.5}', "#/role"),
    "nul-in-text": (b'{"text": "a\\u0000b"}', "#/text"),
    "nul-in-title": (b'{"text": "x", "title": "\\u0000"}', "#/title"),
    "nul-in-name": (b'{"text": "x", "a\\u0000": 1}', "#"),
    "half-pair-in-text": (b'{"text": "a\\ud800b"}', "#/text"),
    "half-pair-in-question": (b'{"text": "x", "question": "\\udfff"}', "#/question"),
    "half-pair-in-principles": (b'{"text": "x", "principles": ["\\ud83d"]}', "#/principles/0"),
}

STORY_FILES = {
    "broken-front-matter": b"---\ntitle: [\n---\nText.",
    "open-front-matter": b"---\ntitle: x\nText.",
    "unknown-key": b"---\ncolour: red\n---\nText.",
    "unknown-odd-key": b"---\n" + CANARY.encode() + b": red\n---\nText.",
    "duplicate-key": b"---\ntitle: a\ntitle: b\n---\nText.",
    "duplicate-odd-key": b"---\n" + CANARY.encode() + b": a\n" + CANARY.encode() + b": b\n---\nText.",
    "wrong-type": b"---\ntitle: [a]\n---\nText.",
    "title-number": b"---\ntitle: 5\n---\nText.",
    "nan": b"---\ntitle: .nan\n---\nText.",
    "anchor-bomb": b"---\na: &a [x]\nb: &b [*a, *a]\ntitle: [*b, *b]\n---\nText.",
    "python-object": b"---\ntitle: !!python/object/apply:os.system [x]\n---\nText.",
    "long-title": b"---\ntitle: " + b"t" * 201 + b"\n---\nText.",
    "nul": b"Text \0 text.",
    "invalid-utf-8": b"Text \xff text.",
    "utf-16": "---\ntitle: x\n---\nText.".encode("utf-16"),
}


def post(client: TestClient, key: Headers, body: bytes, media_type: str = "application/json", path="/v1/assessments"):
    return client.post(path, content=body, headers={**key, "Content-Type": media_type})


@pytest.mark.parametrize("name", MALFORMED)
def test_a_body_that_is_no_strict_json_is_refused(client: TestClient, ann: Headers, name: str):
    for path in ("/v1/assessments", "/v1/stories"):
        answer = post(client, ann, MALFORMED[name], path=path)
        assert answer.status_code == 400
        assert is_problem(answer)
        assert answer.json()["type"] == "/problems/malformed-body"
        assert "canary" not in answer.text


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_field_that_does_not_fit_is_named_without_its_value(client: TestClient, ann: Headers, name: str):
    body, pointer = UNUSABLE[name]
    answer = post(client, ann, body)
    assert answer.status_code == 422
    assert is_problem(answer)
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert "canary" not in answer.text
    assert "passwd" not in answer.text


@pytest.mark.parametrize("name", STORY_FILES)
def test_a_story_file_that_cannot_be_read_is_refused_without_its_words(client: TestClient, ann: Headers, name: str):
    answer = post(client, ann, STORY_FILES[name], "text/markdown")
    assert answer.status_code in (400, 422)
    assert is_problem(answer)
    assert "canary" not in answer.text


def test_a_problem_in_a_story_file_names_the_line(client: TestClient, ann: Headers):
    answer = post(client, ann, b"---\ntitle: x\ncolour: red\n---\nText.", "text/markdown")
    assert answer.json()["type"] == "/problems/unreadable-story"
    assert answer.json()["detail"].startswith("Line 3: unknown key 'colour'")


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
