"""Every failure is a problem, and every problem has a page."""

import ast
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import app as package
from app import errors
from app.errors import CoachError, LimitExceeded, Misconfigured, ModelUnavailable, StoreUnavailable
from app.http.problems import KINDS, find_slug, render_problem
from app.judge.failures import MEANINGS, Fault
from tests.api.conftest import Headers

FAMILIES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, CoachError) and value is not CoachError
]


@pytest.fixture(params=["sqlite"])
def database_url(sqlite_url: str) -> str:
    """Problems look the same on every database."""
    return sqlite_url


def is_problem(answer) -> bool:
    body = answer.json()
    return (
        answer.headers["Content-Type"] == "application/problem+json"
        and body["status"] == answer.status_code
        and set(body) <= {"type", "title", "status", "detail", "code", "retryable", "errors"}
        and len(answer.headers["X-Request-Id"]) == 16
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_of_failures_has_a_problem_of_its_own(family: type[CoachError]):
    kind = KINDS[family.slug]
    assert kind.title == family.title
    assert kind.retryable == family.retryable
    assert 400 <= kind.status <= 599


def test_every_failure_of_the_model_has_a_problem_and_keeps_its_name():
    for kind in MEANINGS:
        body = json.loads(bytes(render_problem(Fault(kind).as_error()).body))
        assert body["type"].removeprefix("/problems/") in KINDS
        assert body["code"] == kind.value


def raised_slugs() -> Iterator[str]:
    for path in Path(package.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "slug" and isinstance(node.value, ast.Constant):
                yield str(node.value.value)


def test_a_narrow_failure_is_answered_as_its_family():
    assert len(set(raised_slugs())) > 10
    assert find_slug(errors.InvalidInput("x", slug="bad-cursor")) == "invalid-input"
    assert find_slug(errors.UnreadableStory("a.md", "x")) == "unreadable-story"
    assert find_slug(CoachError("x")) == "internal"


def test_every_problem_type_leads_to_a_page(client: TestClient):
    for slug, kind in KINDS.items():
        page = client.get(f"/problems/{slug}")
        assert page.status_code == 200
        assert page.json()["title"] == kind.title
    assert client.get("/problems/none").status_code == 404


def test_a_known_wait_is_passed_on_in_whole_seconds():
    response = render_problem(ModelUnavailable("later", retry_after_s=1.2))
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"
    assert render_problem(LimitExceeded("stop", retry_after_s=-3)).headers["Retry-After"] == "0"


@pytest.mark.parametrize("error", [Misconfigured("/etc/coach/rubric.yaml:3: broken"), StoreUnavailable("db.internal")])
def test_what_is_for_the_operator_is_not_shown_to_the_caller(error: CoachError):
    assert error.detail.encode() not in bytes(render_problem(error).body)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("GET", "/v1/stories/", 404),
        ("GET", "/v2/stories", 404),
        ("GET", "/docs/static/none.js", 404),
        ("GET", "/docs/static/../application.py", 404),
        ("GET", "/docs/static/%2e%2e/application.py", 404),
        ("PUT", "/v1/stories", 405),
        ("POST", "/healthz", 405),
        ("POST", "/docs/static/docs.js", 405),
        ("TRACE", "/v1/assessments", 405),
    ],
)
def test_what_the_framework_refuses_is_a_problem_too(client: TestClient, method: str, address: str, status: int):
    answer = client.request(method, address)
    assert answer.status_code == status
    assert is_problem(answer)


def test_a_405_lists_all_methods_of_the_address(client: TestClient):
    assert client.put("/v1/stories").headers["Allow"] == "GET, HEAD, POST"
    assert client.post("/v1/stories/x").headers["Allow"] == "DELETE, GET, HEAD, PATCH"


@pytest.mark.parametrize(
    "media_type", [None, "", "application/xml", "text/html", "application/json; charset=utf-16", ";"]
)
def test_an_unknown_content_type_is_refused_with_the_known_ones(
    client: TestClient, ann: Headers, media_type: str | None
):
    headers = ann if media_type is None else {**ann, "Content-Type": media_type}
    answer = client.post("/v1/assessments", content=b'{"text": "x"}', headers=headers)
    assert answer.status_code == 415
    assert answer.headers["Accept"] == "application/json, text/markdown, text/plain"
    assert is_problem(answer)


def test_a_body_over_the_limit_is_refused_before_the_key_is_looked_at(client: TestClient):
    announced = client.post("/v1/assessments", content=b"x" * (256 * 1024 + 1))
    chunked = client.post("/v1/assessments", content=(b"x" * 65536 for _ in range(5)))
    for answer in (announced, chunked):
        assert answer.status_code == 413
        assert is_problem(answer)
    exact = client.post("/v1/assessments", content=b"x" * (256 * 1024))
    assert exact.status_code == 401


def test_a_failure_that_nobody_foresaw_tells_nothing_and_is_logged_once(
    client: TestClient, app: FastAPI, ann: Headers, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    async def fail(*_: object, **__: object) -> None:
        raise ValueError("the story said: canary-text")

    monkeypatch.setattr(app.state.services.store.stories, "page", fail)
    with caplog.at_level(logging.DEBUG):
        answer = client.get("/v1/stories", headers=ann)
    assert answer.status_code == 500
    assert is_problem(answer)
    assert answer.json()["type"] == "/problems/internal"
    assert "canary" not in answer.text
    logged = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(logged) == 1
    assert logged[0].getMessage().startswith("uncaught ValueError at test_problems.py:")
    assert answer.headers["X-Request-Id"] in logged[0].getMessage()
    assert "canary" not in caplog.text


def test_an_operators_failure_is_logged_with_its_reason(
    client: TestClient, app: FastAPI, ann: Headers, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    async def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("the database is locked", retry_after_s=3)

    monkeypatch.setattr(app.state.services.store.stories, "page", fail)
    with caplog.at_level(logging.INFO):
        answer = client.get("/v1/stories", headers=ann)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert answer.json()["retryable"] is True
    assert "the database is locked" not in answer.text
    assert "the database is locked" in caplog.text


def test_a_service_whose_database_is_away_is_alive_and_not_ready(
    client: TestClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
):
    async def fail() -> None:
        raise StoreUnavailable("db.internal refuses")

    assert client.get("/readyz").json()["status"] == "ready"
    monkeypatch.setattr(app.state.services.store, "ping", fail)
    assert client.get("/healthz").json()["status"] == "alive"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert is_problem(answer)
    assert "internal refuses" not in answer.text


@pytest.mark.parametrize(
    "address", ["/v1/stories", "/healthz", "/openapi.json", "/docs", "/none", "/docs/static/docs.js"]
)
def test_every_answer_carries_the_security_headers(client: TestClient, address: str):
    headers = client.get(address, headers={"Origin": "https://elsewhere.example"}).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in headers
    assert not any(name.lower().startswith("access-control") for name in headers)
    if address.startswith("/v1"):
        assert headers["Cache-Control"] == "no-store"


def test_transport_security_is_asked_for_over_tls_only(client: TestClient):
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
    client.base_url = "https://testserver"
    assert "max-age" in client.get("/healthz").headers["Strict-Transport-Security"]
