import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.analysis.print_assessments import render_lines

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def here() -> list[str]:
    """The assessments as this process makes them."""
    return asyncio.run(render_lines(backwards=False))


@pytest.mark.parametrize(
    ("seed", "locale", "order"), [("0", "C", ""), ("1", "C.UTF-8", "backwards"), ("random", "C", "backwards")]
)
def test_another_process_writes_the_same_bytes(here, seed, locale, order):
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.analysis.print_assessments", order],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "LANG": locale, "TZ": "Pacific/Kiritimati"},
        check=True,
        capture_output=True,
        timeout=100,
    )

    assert done.stdout.decode().split("\n") == here
    assert done.stderr == b""


def test_the_same_process_writes_the_same_bytes_again_and_in_another_order(here):
    assert asyncio.run(render_lines(backwards=True)) == here
