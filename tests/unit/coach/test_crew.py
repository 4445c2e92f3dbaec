import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.crew import Crew
from app.domain import Story
from app.errors import NotFound, UnreadableStory

CATALOG = Catalog()
TEXT = "In May our shop lost orders. I wrote a check for the queue and showed it. Losses fell from 9 to 1 a day."


class Moody(Assessor):
    """An assessor that a story's title tells to break, or to take its process with it."""

    def __init__(self):
        super().__init__(CATALOG, judge=None, max_story_chars=1000)
        self.command = os.getpid()

    def assess_by_rules(self, story, *, rubric=None):
        if story.title == "breaks":
            raise KeyError(story.text)
        if story.title == "kills" and os.getpid() != self.command:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().assess_by_rules(story, rubric=rubric)


def run(items, *, jobs, rubric=None):
    taken = []
    assert asyncio.run(Crew(Moody(), rubric=rubric, jobs=jobs).run(items, taken.append))
    return taken


def stories(count, **titles):
    return [Story(text=f"{TEXT} That was year {n}.", title=titles.get(f"at_{n}", str(n))) for n in range(count)]


@pytest.mark.parametrize("count", [0, 1, 24, 25, 150])
def test_several_processes_say_what_one_says_in_the_order_of_the_stories(count):
    alone, together = (run(stories(count), jobs=jobs) for jobs in (1, 4))
    assert alone == together
    assert [outcome.assessment.story.title for outcome in together] == [str(n) for n in range(count)]


def test_what_could_not_be_read_keeps_its_place():
    items = [*stories(30), UnreadableStory("x.md", "is empty"), *stories(30)]
    taken = run(iter(items), jobs=4)
    assert [type(item) for item in taken].index(UnreadableStory) == 30
    assert len(taken) == 61


def test_a_story_that_meets_a_defect_stops_no_other_and_its_text_is_not_shown():
    taken = run(stories(100, at_70="breaks"), jobs=4)
    assert [number for number, outcome in enumerate(taken) if outcome.failure] == [70]
    assert taken[70].failure.slug == "internal-error"
    assert TEXT not in taken[70].assessment.model_dump_json()


def test_a_process_that_is_killed_costs_no_story():
    taken = run(stories(100, at_70="kills"), jobs=4)
    assert [outcome.assessment.story.title for outcome in taken if outcome.assessment.strength][70] == "kills"
    assert len(taken) == 100


def test_a_rubric_that_does_not_exist_stops_the_run():
    with pytest.raises(NotFound):
        run(stories(2), jobs=4, rubric="no-such")


def test_a_stopped_run_hands_over_what_is_done_and_says_that_it_is_not_whole():
    async def stop():
        taken = []
        task = asyncio.ensure_future(Crew(Moody(), jobs=4).run(stories(500), lambda item: take(item, taken, task)))
        return await task, taken

    def take(item, taken, task):
        taken.append(item)
        if len(taken) == 60:
            task.cancel()

    is_whole, taken = asyncio.run(stop())
    assert not is_whole
    assert 60 <= len(taken) < 500
    assert [outcome.assessment.story.title for outcome in taken] == [str(n) for n in range(len(taken))]


KILLED = f"""
import asyncio, multiprocessing, sys, time
from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.crew import Crew
from app.domain import Story

def stories():
    yield from (Story(text={TEXT!r}) for _ in range(100))
    print(*(process.pid for process in multiprocessing.active_children()), flush=True)
    time.sleep(100)

crew = Crew(Assessor(Catalog(), judge=None, max_story_chars=1000), jobs=4)
asyncio.run(crew.run(stories(), lambda outcome: None))
"""


def test_no_process_outlives_a_command_that_was_killed():
    with subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout
        processes = [int(number) for number in command.stdout.readline().split()]
        command.kill()
    assert processes
    for _ in range(500):
        if not any(is_alive(process) for process in processes):
            return
        time.sleep(0.02)
    pytest.fail("processes are left over")


def is_alive(process):
    try:
        state = Path("/proc", str(process), "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
