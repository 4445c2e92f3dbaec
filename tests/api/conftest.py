"""Fixtures of the HTTP door: an application on a database of the test's own, keys, and a client."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.store import Store
from app.store.records import USER_SCOPES

Headers = dict[str, str]
MakeKey = Callable[..., Headers]


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings without a model, whatever the environment says."""
    return Settings(database_url=SecretStr(database_url), port=0, api_key=None, base_url=None)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of the running application; it sends no key of its own."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def make_key(store: Store) -> MakeKey:
    """Make a key for a user, and return the header that shows it."""

    def make(user: str, scopes=USER_SCOPES, **options) -> Headers:
        key = asyncio.run(store.keys.add(user, scopes=scopes, **options))
        return {"Authorization": f"Bearer {key.token}"}

    return make


@pytest.fixture
def ann(make_key: MakeKey) -> Headers:
    return make_key("ann")


@pytest.fixture
def ben(make_key: MakeKey) -> Headers:
    return make_key("ben")
