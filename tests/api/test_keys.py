"""Who gets in: keys, scopes and other users' things."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from app.http.auth import Reader, ScopedRoute
from app.http.examples import STORY
from app.store import Scope, Store
from tests.api.conftest import Headers, MakeKey
from tests.api.routes import Operation, operations, private_operations

ONLY_THE_REQUEST_ID = {"x-request-id"}


def shown(answer) -> tuple[int, dict[str, str], bytes]:
    """Return all that a caller can compare: status, headers but the request id, and body."""
    headers = {name: value for name, value in answer.headers.items() if name not in ONLY_THE_REQUEST_ID}
    return answer.status_code, headers, answer.content


def test_every_private_route_wants_a_key_before_it_looks_at_anything_else(client: TestClient, app: FastAPI):
    found = private_operations(app)
    assert len(found) >= 16
    answers = [
        shown(client.request(operation.method, operation.path_for("x"), content=b"{not json")) for operation in found
    ]
    assert {status for status, _, _ in answers} == {401}
    assert len({body for _, _, body in answers}) == 1


def test_every_private_route_names_its_scope_and_no_public_one_is_forgotten(app: FastAPI):
    for operation in operations(app):
        if operation.path.startswith("/v1/"):
            assert operation.scopes, f"{operation.method} {operation.path} names no scope"
        else:
            assert operation.path in ("/healthz", "/readyz", "/problems/{slug}", "/docs", "/openapi.json")


def test_a_route_without_a_scope_cannot_be_made():
    router = APIRouter(route_class=ScopedRoute)
    with pytest.raises(TypeError, match="/open: the first parameter must be a caller with a scope"):

        @router.get("/open")
        async def _() -> None: ...

    @router.get("/closed")
    async def _(_: Reader) -> None: ...


def test_a_key_that_does_not_count_is_answered_alike_whatever_is_wrong_with_it(
    client: TestClient, make_key: MakeKey, store: Store
):
    token = make_key("ann")["Authorization"].removeprefix("Bearer ")
    revoked = make_key("ann", label="old")
    record = next(key for key in asyncio.run(store.keys.list("ann")) if key.label == "old")
    asyncio.run(store.keys.revoke(record.id))
    expiring = make_key("ann", expires_at=datetime.now(UTC) + timedelta(seconds=3))
    time.sleep(3.1)
    wrong_headers: list[Headers] = [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": f"Bearer {token[:-1]}{'a' if token[-1] != 'a' else 'b'}"},
        {"Authorization": f"Bearer {token} {token}"},
        {"Authorization": f"Basic {token}"},
        {"Authorization": token},
        {"X-API-Key": token},
        {"Cookie": f"key={token}"},
        revoked,
        expiring,
    ]
    answers = [shown(client.get("/v1/stories", headers=headers)) for headers in wrong_headers]
    answers.append(shown(client.get(f"/v1/stories?key={token}&access_token={token}&authorization=Bearer%20{token}")))
    assert {status for status, _, _ in answers} == {401}
    assert all(headers["www-authenticate"] == 'Bearer realm="star-coach"' for _, headers, _ in answers)
    assert all(answer == answers[0] for answer in answers)


def test_a_revoked_key_stops_working_at_once(client: TestClient, make_key: MakeKey, store: Store):
    key = make_key("ann")
    assert client.get("/v1/stories", headers=key).status_code == 200
    (record,) = asyncio.run(store.keys.list("ann"))
    asyncio.run(store.keys.revoke(record.id))
    assert client.get("/v1/stories", headers=key).status_code == 401


@pytest.mark.parametrize("scope", list(Scope))
def test_a_key_opens_the_routes_of_its_scopes_and_no_others(
    client: TestClient, app: FastAPI, make_key: MakeKey, scope: Scope
):
    key = make_key("ann", scopes={scope})
    for operation in private_operations(app):
        answer = client.request(operation.method, operation.path_for("x"), headers=key)
        if scope.value in operation.scopes:
            assert answer.status_code not in (401, 403), (operation, answer.content)
        else:
            assert answer.status_code == 403, (operation, answer.content)
            assert answer.json()["type"] == "/problems/forbidden"


def private_things(client: TestClient, owner: Headers) -> dict[str, str]:
    assessed = client.post("/v1/assessments", json=STORY, headers=owner).json()
    batch = client.post("/v1/batches", json={"story_ids": [assessed["story"]["id"]]}, headers=owner).json()
    return {"story_id": assessed["story"]["id"], "assessment_id": assessed["id"], "batch_id": batch["id"]}


def call(client: TestClient, operation: Operation, key: Headers, **ids: str):
    body = None if operation.method in ("GET", "DELETE") else {"title": "Taken"} if operation.method == "PATCH" else {}
    headers = {**key, "If-Match": "*"}
    return client.request(operation.method, operation.path.format(**ids), headers=headers, json=body)


def test_another_users_things_look_exactly_as_if_they_had_never_been(
    client: TestClient, app: FastAPI, ann: Headers, ben: Headers
):
    theirs = private_things(client, ann)
    never = {
        "story_id": "00000000-0000-4000-8000-000000000000",
        "assessment_id": "00000000-0000-4000-8000-000000000000",
        "batch_id": "00000000-0000-4000-8000-000000000000",
    }
    malformed = dict.fromkeys(never, "x")
    by_id = [operation for operation in private_operations(app) if "_id}" in operation.path]
    by_id = [operation for operation in by_id if "principle" not in operation.path]
    assert len(by_id) == 13
    for operation in by_id:
        foreign = call(client, operation, ben, **theirs)
        assert foreign.status_code == 404
        assert shown(foreign) == shown(call(client, operation, ben, **never)), operation
        assert shown(foreign) == shown(call(client, operation, ben, **malformed)), operation
        assert not any(id_ in foreign.text for id_ in theirs.values())
    assert client.get(f"/v1/stories/{theirs['story_id']}", headers=ann).json()["title"] == STORY["title"]
    assert client.get(f"/v1/assessments/{theirs['assessment_id']}", headers=ann).status_code == 200


def test_lists_hold_the_callers_own_things_only(client: TestClient, ann: Headers, ben: Headers):
    private_things(client, ann)
    mine = private_things(client, ben)
    stories = client.get("/v1/stories", headers=ben).json()["items"]
    assessments = client.get("/v1/assessments", headers=ben).json()["items"]
    assert [story["id"] for story in stories] == [mine["story_id"]]
    assert [assessment["id"] for assessment in assessments] == [mine["assessment_id"]]
