"""Print the assessments of some labelled stories as JSON, one a line; `backwards` assesses the last one first."""

import asyncio
import sys

from app.catalog import Catalog
from app.coach.assess import Assessor
from tests.unit.analysis.corpus import SETS, load_stories


async def render_lines(*, backwards: bool) -> list[str]:
    """Return the assessments in the order of the stories, whatever the order they were made in."""
    stories = [story for name in SETS for story in load_stories(name)[::6]]
    assessor = Assessor(Catalog(), judge=None, max_story_chars=40_000)
    order = stories[::-1] if backwards else stories
    lines = [(await assessor.assess(story, engine="rules")).model_dump_json() for story in order]
    return lines[::-1] if backwards else lines


if __name__ == "__main__":
    sys.stdout.buffer.write("\n".join(asyncio.run(render_lines(backwards="backwards" in sys.argv))).encode())
