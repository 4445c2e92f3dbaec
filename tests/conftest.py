"""Fixtures that every folder of tests may ask for."""

import signal

import pytest

# A shell without job control starts what it runs in the background with SIGINT ignored, and a program started from
# here would inherit that: the tests that press Ctrl-C need it heard.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["tests.databases", "tests.faults.fixtures", "tests.measuring"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, marked with `pytest.mark.anyio`."""
    return "asyncio"
