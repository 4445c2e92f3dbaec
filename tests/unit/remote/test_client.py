"""Tests of the client of a service where no service is."""

import asyncio
import socket

import pytest

from app.errors import ModelUnavailable
from app.judge.patience import Patience
from app.remote import client as module
from app.remote.client import ServiceClient
from app.remote.server import Server


def test_an_address_where_nobody_ever_answered_is_not_tried_until_the_deadline(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_FIRST_CONTACT_S", 0.3)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        error = asyncio.run(_ask(taken.getsockname()[1]))
    assert error.slug == "server-unreachable"


async def _ask(port: int) -> ModelUnavailable:
    patience = Patience(deadline_s=600.0, attempt_s=5.0, queue_s=5.0, first_wait_s=0.01)
    client = ServiceClient(
        Server(f"http://127.0.0.1:{port}", "ssc_test"), patience=patience, max_bytes=100, connections=1
    )
    try:
        async with asyncio.timeout(60):
            with pytest.raises(ModelUnavailable) as caught:
                await client.request("GET", "/v1/me")
    finally:
        await client.aclose()
    return caught.value
