"""The API description: complete, stable, and true."""

import hashlib
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from app.http import examples
from app.http.docs import STATIC
from app.http.problems import KINDS
from tests.api.conftest import Headers
from tests.api.routes import operations
from tests.api.test_assessments import quotes

UNDESCRIBED = {("GET", "/docs"), ("GET", "/openapi.json")}


@pytest.fixture(params=["sqlite"])
def database_url(sqlite_url: str) -> str:
    """The description is the same on every database."""
    return sqlite_url


@pytest.fixture
def described(client: TestClient) -> dict[str, Any]:
    return client.get("/openapi.json").json()


def described_operations(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def test_the_description_changes_only_on_purpose(described: dict[str, Any], snapshot: SnapshotAssertion):
    described["info"]["version"] = "any"
    assert described == snapshot.use_extension(JSONSnapshotExtension)


def test_the_routes_are_the_described_operations(app: FastAPI, described: dict[str, Any]):
    routes = {(operation.method, operation.path) for operation in operations(app)}
    assert routes - UNDESCRIBED == set(described_operations(described))


def test_every_operation_is_described_in_full(described: dict[str, Any]):
    names: set[str] = set()
    for (method, path), operation in described_operations(described).items():
        assert operation["summary"], (method, path)
        assert operation["description"], (method, path)
        assert len(operation["tags"]) == 1
        assert operation["operationId"] not in names
        names.add(operation["operationId"])
        if path.startswith("/v1/"):
            assert operation["security"][0]["ApiKey"], (method, path)
            assert {"401", "403", "500", "503"} <= set(operation["responses"])
        for status, response in operation["responses"].items():
            assert response["description"]
            if int(status) >= 400:
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}
                assert int(status) in {kind.status for kind in KINDS.values()}


def test_every_reference_leads_somewhere(described: dict[str, Any]):
    references = set(re.findall(r"#/components/schemas/(\w+)", str(described)))
    assert references <= set(described["components"]["schemas"])
    assert references >= set(described["components"]["schemas"]) - {"FieldError"}


def test_the_worked_examples_fit_their_schemas(described: dict[str, Any]):
    checked = 0
    for operation in described_operations(described).values():
        content = operation.get("requestBody", {}).get("content", {})
        for media in content.values():
            schema = {**media["schema"], "components": described["components"]}
            for example in media["examples"].values():
                jsonschema.Draft202012Validator(schema).validate(example["value"])
                checked += 1
    assert checked >= 8


def test_the_worked_answers_fit_their_schemas_and_quote_exactly(described: dict[str, Any]):
    checked = 0
    for operation in described_operations(described).values():
        for response in operation["responses"].values():
            for media in response.get("content", {}).values():
                schema = {**media["schema"], "components": described["components"]}
                worked = [media["example"]] if "example" in media else []
                for example in worked + [each["value"] for each in media.get("examples", {}).values()]:
                    jsonschema.Draft202012Validator(schema).validate(example)
                    checked += 1
    assert checked > 50
    for quote in quotes(examples.ASSESSMENT):
        assert quote["quote"] == examples.DRAFT_TEXT[quote["start"] : quote["end"]]
        assert examples.DRAFT_TEXT.splitlines()[quote["line"] - 1][quote["column"] - 1 :].startswith(quote["quote"])


def test_an_answer_fits_its_schema(client: TestClient, ann: Headers, described: dict[str, Any]):
    body = {"text": "I owned the move. We cut failures from 9 to 0 in May. " * 10}
    for answer, name in (
        (client.post("/v1/assessments", json=body, headers=ann), "Assessment"),
        (client.post("/v1/stories", json=body, headers=ann), "StoryView"),
        (client.get("/v1/stories", headers=ann), "StoryPage"),
        (client.get("/v1/stories", headers={}), "Problem"),
    ):
        schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())


def test_the_docs_page_names_nothing_outside_the_service(client: TestClient):
    page = client.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "//" not in page.text.replace("<!DOCTYPE html>", "")
    assert "<script>" not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert client.get(f"/{address}").status_code == 200


def test_the_bundled_files_are_the_published_ones():
    table = re.findall(r"\| `([\w.-]+)` \| [\d.]+ \| `([0-9a-f]{64})` \|", (STATIC / "README.md").read_text())
    assert {name for name, _ in table} == {"swagger-ui-bundle.js", "swagger-ui.css"}
    for name, digest in table:
        assert hashlib.sha256((STATIC / "swagger-ui" / name).read_bytes()).hexdigest() == digest
    assert "Apache License" in (STATIC / "swagger-ui" / "LICENSE").read_text()


def test_a_file_of_the_docs_page_is_not_sent_twice(client: TestClient):
    address = "/docs/static/swagger-ui/swagger-ui-bundle.js"
    first = client.get(address)
    assert len(first.content) == (Path(STATIC) / "swagger-ui" / "swagger-ui-bundle.js").stat().st_size
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.headers["Cache-Control"] == "no-cache"


def test_the_guide_names_every_route_scope_and_problem(app: FastAPI):
    guide = (Path(__file__).parents[2] / "docs" / "http.md").read_text()
    rows = [line for line in guide.splitlines() if line.startswith("| `/")]
    for operation in operations(app):
        named = [row for row in rows if f"`{operation.path}`" in row and operation.method in row]
        assert len(named) == 1, operation
        assert all(f"`{scope}`" in named[0] for scope in operation.scopes)
    for slug, kind in KINDS.items():
        (row,) = [line for line in guide.splitlines() if line.startswith("| `") and f"`{slug}`" in line]
        assert f"| {kind.status} | {'yes ' if kind.retryable else ''}|" in row
