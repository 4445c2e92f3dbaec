"""A service that is told to stop lets go of those who follow a batch."""

import asyncio
import threading
from contextlib import ExitStack

import httpx2
import pytest
from pydantic import SecretStr

from app.http.examples import DRAFT_TEXT
from app.settings import Settings
from app.store import Store
from tests.api.live import serving


@pytest.mark.parametrize("path", ["/events", "/results?follow=true"])
def test_streams_come_to_their_end_when_the_service_is_told_to_stop(store: Store, database_url: str, path: str):
    """One that is cut off instead has no end, which the client takes for a broken connection."""
    token = asyncio.run(store.keys.add("ann")).token
    settings = Settings(database_url=SecretStr(database_url), jobs="off", port=0)
    with ExitStack() as service:
        base = f"http://127.0.0.1:{service.enter_context(serving(settings))}"
        with httpx2.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
            answer = client.post("/v1/batches", json={"stories": [{"text": DRAFT_TEXT}]})
            with client.stream("GET", f"{answer.headers['location']}{path}") as following:
                assert following.status_code == 200
                stopping = threading.Thread(target=service.close)
                stopping.start()
                told = following.read().decode()
                stopping.join()
    assert "event: end" not in told
