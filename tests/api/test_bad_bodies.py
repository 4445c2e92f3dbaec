"""Bodies that can't be used are refused with their place, and never with a 500."""

import json

import pytest
from starlette.testclient import TestClient

from app.store import Scope
from tests.api.conftest import Headers, MakeKey
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


@pytest.fixture(params=["sqlite"])
def database_url(sqlite_url: str) -> str:
    """What is refused here never reaches a database."""
    return sqlite_url


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


def test_only_a_key_that_may_hand_in_batches_may_send_a_body_of_their_size(client: TestClient, make_key: MakeKey):
    body = b'{"text": "' + b"x" * 300_000 + b'"}\n'
    headers = {"Content-Type": "application/x-ndjson"}
    assert client.post("/v1/batches", content=body, headers=headers).status_code == 401
    reader = make_key("ann", scopes=[Scope.READ])
    assert client.post("/v1/batches", content=body, headers=headers | reader).status_code == 403
    assert client.post("/v1/batches", content=body, headers=headers | make_key("ben")).status_code == 422
    assert client.post("/v1/assessments", content=body, headers=headers | make_key("cas")).status_code == 413
