"""Fixtures that every folder of tests may ask for."""

import pytest

pytest_plugins = ["tests.databases", "tests.faults.fixtures"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, marked with `pytest.mark.anyio`."""
    return "asyncio"
