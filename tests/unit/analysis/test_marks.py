import pytest

from app.analysis.marks import find_marks
from app.analysis.observe import observe
from app.rubric import Mark
from tests.unit.analysis.corpus import SETS, read_set, rubric

LEAD = (
    "In spring I led the support desk at a bank and calls piled up. My goal was to halve them. "
    "I read the tickets first. "
)
TAIL = "Calls fell from 40 to 20 a day in June."


def marks_of(sentence: str) -> set[Mark]:
    told = observe(f"{LEAD}\n\n{sentence}\n\n{TAIL}", rubric()).facts.told
    return {mark for mark, shown in find_marks(told, Mark).items() if any(sentence.startswith(r.text) for r in shown)}


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        ("decision", "I chose the slower index because it could be rebuilt overnight."),
        ("tool", "I wrote a checklist for each handover."),
        ("adoption", "All other teams adopted the checklist within a month."),
        ("inspection", "I reviewed the figures with the leads every week."),
        ("prevention", "I added a guardrail so that it could never happen again."),
        ("group-deed", "We moved the queue to the new desk."),
        ("delegation", "I asked one of the leads to run the night desk."),
        ("stayed-close", "I checked in with her and read every reply that she sent."),
        ("person", "A junior engineer told me that he could not keep up."),
        ("feedback", "I told her that her notes came too late for the night shift."),
        ("low-performance", "One agent was underperforming since winter."),
        ("plan", "I set expectations with him for six weeks, in writing."),
        ("partners", "I convinced finance to change the date of the letters."),
        ("wider", "I persuaded the director of the card division to stop the mailing."),
        ("framing", "Nobody knew why people called, so I read a hundred tickets."),
        ("initiative", "Nobody had asked me to, but I took the problem on."),
        ("incident", "I took the outage that night."),
    ],
)
def test_a_mark_is_seen_in_plain_words(mark, sentence):
    assert mark in marks_of(sentence)


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        ("tool", "I asked everybody to be more careful."),
        ("delegation", "I gave myself the job of reading all tickets."),
        ("partners", "The works council wrote a letter."),
        ("wider", "I wrote the notes for my own team."),
        ("group-deed", "I moved the queue to the new desk."),
        ("feedback", "He told the others that it was fine."),
        ("initiative", "I was told to read the tickets."),
    ],
)
def test_a_mark_is_not_seen_where_it_is_not(mark, sentence):
    assert mark not in marks_of(sentence)


def test_what_lasts_is_seen_at_the_end_of_the_story():
    told = observe(LEAD + "I wrote a checklist. " + TAIL + "\n\nIt is still in use a year later.", rubric()).facts.told

    assert find_marks(told, [Mark.LASTING])[Mark.LASTING][0].text == "It is still in use a year later."


def test_only_what_is_wanted_is_looked_for_and_two_places_are_enough():
    steps = "I wrote a checklist. I drew up a runbook for the night. I built a dashboard for the desk. "
    told = observe(LEAD + steps + TAIL, rubric()).facts.told
    found = find_marks(told, [Mark.TOOL])

    assert set(found) == {Mark.TOOL}
    assert len(found[Mark.TOOL]) == 2
    assert find_marks(told, []) == {}


@pytest.mark.parametrize("name", SETS)
def test_marked_sentences_are_the_story_s_in_its_order(name):
    for read in read_set(name):
        told = read.observed.facts.told
        for shown in find_marks(told, Mark).values():
            assert set(shown) <= set(told)
            assert [r.sentence.start for r in shown] == sorted(r.sentence.start for r in shown)
