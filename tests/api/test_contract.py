"""The service keeps to its own description, whatever valid or broken requests are made of it."""

import asyncio
import json
from collections.abc import Generator
from typing import Any, NamedTuple

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from pydantic import SecretStr
from schemathesis.checks import negative_data_rejection

from app.http.batch_bodies import NDJSON
from app.http.bodies import JSON
from app.main import create_app
from app.settings import Settings
from app.store import ALL_SCOPES, Store
from app.store.migrate import upgrade
from tests.api.live import serving
from tests.faults.server import ModelServer

# A schema can't say which roles a rubric has or which cursors were given out, and a missing If-Match is a 428.
config = schemathesis.Config.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "404", "412", "422"]},
            "missing_required_header": {"expected-statuses": ["401", "422", "428"]},
        }
    }
)


@schemathesis.serializer(NDJSON)
def write_lines(_context: schemathesis.SerializationContext, value: object) -> bytes:
    """Write any value as one line of JSON, for no schema says what the lines of a text are."""
    return json.dumps({"text": value}).encode()


schema = schemathesis.openapi.from_dict(create_app(Settings()).openapi(), config=config)


class Service(NamedTuple):
    """A running service with a model, and the header that opens everything in it."""

    address: str
    key: dict[str, str]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Generator[Service]:
    url = f"sqlite:///{tmp_path_factory.mktemp('contract')}/coach.db"
    upgrade(url)
    token = asyncio.run(_make_key(url))
    with ModelServer() as model:
        chosen = Settings(database_url=SecretStr(url), port=0, api_key=None, base_url=model.url)
        with serving(chosen) as port:
            yield Service(f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {token}"})


async def _make_key(url: str) -> str:
    async with Store.open(url) as store:
        return (await store.keys.add("fuzz", scopes=ALL_SCOPES)).token


@pytest.mark.slow
@schema.parametrize()  # pyright: ignore[reportUntypedFunctionDecorator]
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_every_operation_answers_as_described(case: schemathesis.Case[Any], service: Service):
    # On the wire a query or a text may turn into one that fits its schema after all; a JSON body can't.
    beside = [] if case.media_type == JSON else [negative_data_rejection]
    case.call_and_validate(base_url=service.address, headers=service.key, excluded_checks=beside)
