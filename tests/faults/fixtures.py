"""Fixtures: a model server for a test, and a real model where one is configured."""

import os
from collections.abc import Iterator

import pytest

from tests.faults.server import ModelServer

_VARIABLE = "COACH_TEST_LLM_URL"


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """An OpenAI-compatible endpoint that answers sensibly until a script tells otherwise."""
    with ModelServer() as server:
        yield server


@pytest.fixture
def live_model_url() -> str:
    """The base URL of a real model's server; tests that ask for it run only where one is configured."""
    return os.environ[_VARIABLE]


def pytest_report_header() -> str:
    """Say whether a real model takes part."""
    return f"real model: {'configured' if os.environ.get(_VARIABLE) else f'not configured ({_VARIABLE} is not set)'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests of a real model out where there is none."""
    if os.environ.get(_VARIABLE):
        return
    left_out = [item for item in items if "live_model_url" in getattr(item, "fixturenames", ())]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
