"""HEAD answers as GET does, without a body."""

import http.client

from fastapi import FastAPI
from starlette.testclient import TestClient

from app.settings import Settings
from tests.api.conftest import Headers
from tests.api.live import serving
from tests.api.routes import operations
from tests.api.test_stories import STORY


def same_for_both(client: TestClient, address: str, headers: Headers) -> int:
    got = client.get(address, headers=headers)
    head = client.head(address, headers=headers)
    for answer in (got, head):
        assert answer.headers.pop("x-request-id")
    assert (head.status_code, head.headers, head.content) == (got.status_code, got.headers, b""), address
    return got.status_code


def test_every_get_has_its_head(client: TestClient, app: FastAPI, ann: Headers):
    made = client.post("/v1/assessments", json=STORY, headers=ann).json()
    batch = client.post("/v1/batches", json={"all_stories": True}, headers=ann).json()
    client.post(f"/v1/batches/{batch['id']}/cancel", headers=ann)
    ids = {
        "story_id": made["story"]["id"],
        "assessment_id": made["id"],
        "batch_id": batch["id"],
        "principle_id": "ownership",
        "name": "leadership-principles",
        "version": "v1",
        "slug": "conflict",
    }
    found = [operation for operation in operations(app) if operation.method == "GET"]
    addresses = [operation.path.format(**ids) for operation in found]
    assert {same_for_both(client, address, ann) for address in [*addresses, "/docs/static/docs.js"]} == {200}
    assert {same_for_both(client, operation.path_for("x"), ann) for operation in found} == {200, 404}
    assert {same_for_both(client, operation.path, {}) for operation in found if operation.scopes} == {401}


def test_a_head_keeps_the_etag_and_the_conditions_of_its_get(client: TestClient, ann: Headers):
    where = client.post("/v1/stories", json=STORY, headers=ann).headers["Location"]
    assert client.head(where, headers=ann).headers["ETag"] == '"v1"'
    assert client.head(where, headers={**ann, "If-None-Match": '"v1"'}).status_code == 304


def test_a_connection_goes_on_after_a_head(settings: Settings):
    with serving(settings) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for method in ("HEAD", "GET", "HEAD", "GET"):
            connection.request(method, "/healthz")
            answer = connection.getresponse()
            length = len(answer.read())
            assert answer.status == 200
            assert answer.headers["Content-Length"] == str(length) or (method, length) == ("HEAD", 0)
        connection.close()
