"""Coverage is measured where it can tell something new: a test that is all reading takes twice as long under it.

Not measured are tests marked `slow`, which do many times what others do once, and the second run of a test of the
service on PostgreSQL: only the store and the jobs take other branches there, and their tests are measured on both.
"""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Pause the measuring around a test that takes no branch of its own, fixtures included."""
    measuring = getattr(item.config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    if measuring is None or not _repeats(item):
        return (yield)
    measuring.pause()
    try:
        return (yield)
    finally:
        measuring.resume()


def _repeats(item: pytest.Item) -> bool:
    if item.get_closest_marker("slow"):
        return True
    return item.path.parent.name == "api" and item.get_closest_marker("postgres") is not None
