"""Fixtures of the tests of jobs."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.faults.behaviours import answer_sensibly
from tests.faults.server import Exchange, ModelServer

THINKING_S = 0.4


async def _think(exchange: Exchange) -> None:
    await asyncio.sleep(THINKING_S)
    await answer_sensibly(exchange)


@pytest.fixture
def slow_model() -> Iterator[ModelServer]:
    """A model that thinks for a while."""
    with ModelServer(_think) as server:
        yield server
