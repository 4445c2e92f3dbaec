"""What a defect says stays out of DBOS's tables and log."""

import asyncio
import traceback

import pytest

from app.errors import CoachError
from app.jobs.engine import privately


async def fail() -> None:
    raise ValueError("canary")


def test_a_defect_of_a_job_is_raised_without_its_words():
    with pytest.raises(CoachError) as caught:
        asyncio.run(privately(fail()))
    assert "canary" not in "".join(traceback.format_exception(caught.value))
