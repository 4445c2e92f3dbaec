"""A job advertisement tells of nobody's deeds."""

import pytest

from app.analysis.observe import observe
from app.analysis.screen.adverts import find_adverts
from app.analysis.screen.screen import screen
from app.analysis.sections import read_sections
from app.catalog import Catalog

RUBRIC = Catalog().rubric("leadership-principles")
ADVERTS = (
    (
        "We are looking for a planner who will own the rota of our clinic. You will build reports. "
        "You have 5 years of experience with rotas. We offer 30 days of holiday and a salary of 60,000 euros."
    ),
    (
        "# Night shift lead\n\nAbout the role\n\n- Lead a team of 12\n- Cut incident counts\n\nRequirements:\n\n"
        "- 8+ years of experience in logistics\n- Strong communication skills"
    ),
)
STORY = (
    "In 2021 I ran the night desk of a hospital. I wrote a checklist since two alarms had been missed. "
    "Missed alarms fell from 14 to 2 a month."
)


def adverts_of(text: str) -> int:
    return len(find_adverts(read_sections(screen(text).sentences)))


@pytest.mark.parametrize("text", ADVERTS)
def test_an_advertisement_shows_neither_scene_nor_deed_nor_outcome_nor_a_principle(text):
    observed = observe(text, RUBRIC)

    assert [gap.code for gap in observed.gaps] == ["missing-situation", "thin-action", "missing-result"]
    assert not any(item.readings for item in observed.ranked)


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        "We hired for the desk. You will be fine, the nurse said to me.",
        "I read the job description, and I told them that the role had changed.",
        "Our benefits team lost 40 letters. I found them.",
    ],
)
def test_a_story_is_no_advertisement(text):
    assert adverts_of(text) == 0


def test_an_advertisement_pasted_below_a_story_adds_nothing_to_it():
    alone, beside = observe(STORY, RUBRIC), observe(f"{STORY}\n\n{ADVERTS[0]}", RUBRIC)

    assert {gap.code for gap in alone.gaps} <= {gap.code for gap in beside.gaps}
    assert adverts_of(f"{STORY}\n\n{ADVERTS[0]}") == 4
