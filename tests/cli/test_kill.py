"""`star-coach score` that is killed amid a batch, and run again."""

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.conftest import command_line
from tests.faults import behaviours
from tests.faults.server import ModelServer

STORIES = 500
JOBS = 8
KILLED_AFTER = 150


def tell(number: int) -> str:
    """Return a short story that no other is like."""
    return (
        f"Our export {number} failed twice a week. I read its logs, found a lock that two jobs shared and moved one. "
        f"Failures fell from {number + 9} a month to 0."
    )


@pytest.fixture
def configured(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    """A model server that takes a moment for each answer."""
    monkeypatch.setenv("COACH_BASE_URL", model_server.url)
    monkeypatch.setenv("COACH_API_KEY", "sk-test-canary-key")
    model_server.script(then=behaviours.slow(0.01, behaviours.answer(behaviours.findings())))
    return model_server


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_batch_that_is_killed_loses_no_story_and_pays_twice_for_none_but_those_in_flight(
    cli, configured: ModelServer, tmp_path: Path
):
    path = tmp_path / "stories.jsonl"
    path.write_text("".join(json.dumps({"id": f"s{number}", "text": tell(number)}) + "\n" for number in range(STORIES)))
    arguments = ("score", path, "--format", "jsonl", "--jobs", JOBS)
    with subprocess.Popen(command_line(*arguments), stdout=subprocess.DEVNULL) as process:
        configured.wait_for_requests(KILLED_AFTER, longest_s=60)
        process.kill()

    again = cli(*arguments)

    assessments = [json.loads(line) for line in again.out.splitlines()]
    assert again.code == 0
    assert [one["story"]["id"] for one in assessments] == [f"s{number}" for number in range(STORIES)]
    assert {one["status"] for one in assessments} == {"assessed"}
    asked = Counter(behaviours.read_story(request) for request in configured.requests)
    assert len(asked) == STORIES
    assert max(asked.values()) <= 2
    assert sum(asked.values()) - STORIES <= JOBS
    recalled = sum(one["provenance"]["calls"][0]["recalled"] for one in assessments)
    assert recalled >= KILLED_AFTER - JOBS
