"""A process that is slow to beat does not count itself among the dead."""

from app.jobs.lease import SILENCE_S, Watch
from app.store.executors import ExecutorRecord


def record(name: str) -> ExecutorRecord:
    moment = "2026-11-25T09:00:00Z"
    fields = {"token": "t", "beats": 1, "host": "elsewhere", "process": 1, "started_at": moment, "seen_at": moment}
    return ExecutorRecord.model_validate({"id": name, **fields})


def test_whoever_looks_lives_and_takes_over_from_others_only():
    """Its own beats come late when it has been busy for long; its work must not be taken from it by itself."""
    now = [0.0]
    watch = Watch(lambda: now[0], own="self")
    assert watch.split((record("other"), record("self")), now[0]) == ({"other", "self"}, [])
    now[0] += 2 * SILENCE_S
    assert watch.split((record("other"), record("self")), now[0]) == ({"self"}, [record("other")])


def test_the_time_that_reading_takes_is_nobodys_silence():
    """Who looks may be held up between reading the beats and judging them, and the others have beaten meanwhile."""
    now = [0.0]
    watch = Watch(lambda: now[0], own="self")
    watch.split((record("other"),), watch.now())
    looked_at = watch.now()
    now[0] += 2 * SILENCE_S
    assert watch.split((record("other"),), looked_at) == ({"other"}, [])
