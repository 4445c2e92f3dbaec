"""Story text and keys stay out of logs, at any level."""

import logging

import pytest
from starlette.testclient import TestClient

from app.http.serve import set_up_logging
from tests.api.conftest import Headers

STORY = "canary-5c1e I owned the billing move and cut failures from 9 of 30 nights to none in 60. " * 8


def use_everything(client: TestClient, key: Headers) -> list[str]:
    """Send the canary through every door there is; return the bodies of refusals."""
    made = client.post("/v1/assessments", json={"text": STORY, "title": STORY[:60]}, headers=key).json()
    where = f"/v1/stories/{made['story']['id']}"
    client.get(where, headers=key)
    client.patch(where, json={"text": STORY * 2, "question": STORY[:90]}, headers={**key, "If-Match": "*"})
    client.post(f"{where}/assessments", headers=key)
    refusals = [
        client.post("/v1/assessments", json={"text": 5, STORY: STORY, "role": STORY}, headers=key),
        client.post("/v1/assessments", json={"text": STORY, "engine": STORY}, headers=key),
        client.post("/v1/assessments", json={"text": STORY, "role": STORY[:60]}, headers=key),
        client.post("/v1/assessments", json={"text": STORY * 200}, headers=key),
        client.post("/v1/assessments", content=STORY.encode(), headers={**key, "Content-Type": "application/json"}),
        client.post("/v1/assessments", content=STORY.encode(), headers={**key, "Content-Type": STORY[:60]}),
        client.post(f"/v1/assessments?rubric={STORY[:60]}", json={"text": STORY}, headers=key),
        client.post(f"/v1/{STORY[:60]}", json={"text": STORY}, headers=key),
        client.get(f"/v1/stories/{STORY[:60]}?{STORY[:60]}", headers=key),
        client.get(f"/v1/stories?cursor={STORY[:60]}&limit={STORY[:60]}", headers=key),
        client.get("/v1/stories", headers={"Authorization": f"Bearer {STORY[:60]}"}),
        client.patch(where, json={}, headers={**key, "If-Match": STORY[:60]}),
    ]
    assert {answer.status_code // 100 for answer in refusals} == {4}
    client.delete(where, headers=key)
    return [answer.text for answer in refusals]


def test_no_log_line_and_no_refusal_holds_a_story_or_a_key(
    client: TestClient, ann: Headers, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.DEBUG):
        for name in list(logging.root.manager.loggerDict):
            caplog.set_level(logging.DEBUG, logger=name)
        refusals = use_everything(client, ann)
    # The test's own client logs the addresses that it calls; everything else is the service's.
    records = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert len([record for record in records if record.name == "app.http.access"]) == 17
    logged = "".join(f"{record.getMessage()} {vars(record)}" for record in records)
    token = ann["Authorization"].removeprefix("Bearer ")
    for secret in ("canary", token, token.rsplit("_", 1)[-1]):
        assert secret not in "".join(refusals)
        assert secret not in logged


def test_an_access_line_holds_the_route_and_no_address(
    client: TestClient, ann: Headers, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.INFO):
        client.get("/v1/stories/some-id?token=secret", headers=ann)
        client.get("/some/where?token=secret")
    lines = [record.getMessage() for record in caplog.records if record.name == "app.http.access"]
    assert lines[0].startswith("GET /v1/stories/{story_id} 404 ")
    assert lines[1].startswith("GET (no route) 404 ")
    assert not any("secret" in line or "some" in line for line in lines)


def test_the_operators_level_reaches_only_the_services_own_lines(capsys: pytest.CaptureFixture[str]):
    levels = {name: logging.getLogger(name).level for name in ("app", "")}
    handlers = logging.root.handlers[:]
    try:
        set_up_logging("DEBUG")
        logging.getLogger("app.http").debug("ours")
        logging.getLogger("httpx2").debug("a request with a story")
        logging.getLogger("sqlalchemy.engine").info("an insert with a story")
    finally:
        logging.root.handlers[:] = handlers
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
    assert "ours" in (shown := capsys.readouterr().err)
    assert "story" not in shown
