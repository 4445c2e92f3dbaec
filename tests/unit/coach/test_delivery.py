import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.observe import observe
from app.coach.delivery import measure_delivery, share_out, speaking_time
from tests.unit.analysis.corpus import SETS, read_set, rubric
from tests.unit.analysis.texts import unhurried


@pytest.mark.parametrize(("words", "seconds", "fast", "slow"), [(0, 0, 0, 0), (140, 60, 56, 65), (350, 150, 140, 162)])
def test_words_are_spoken_at_140_a_minute_and_between_130_and_150(words, seconds, fast, slow):
    assert (speaking_time(words), speaking_time(words, 150), speaking_time(words, 130)) == (seconds, fast, slow)


@unhurried
@given(st.lists(st.integers(0, 900), min_size=1, max_size=6), st.integers(10, 200))
def test_shares_add_up_and_none_that_is_there_vanishes(sizes, whole):
    shares = share_out(sizes, whole)

    assert sum(shares) == (whole if sum(sizes) else 0)
    assert [bool(share) for share in shares] == [bool(size) for size in sizes]


@pytest.mark.parametrize("name", SETS)
def test_every_story_s_parts_make_a_hundred_and_its_deeds_are_counted(name):
    for read in read_set(name):
        delivery = read.settled.delivery
        told = delivery.parts
        assert told is None or told.situation + told.task + told.action + told.result == 100, read.name
        assert delivery.seconds_fast <= delivery.seconds <= delivery.seconds_slow
        acts = sum(len(reading.acts) for reading in read.observed.readings)
        assert delivery.clauses.i + delivery.clauses.we + delivery.clauses.others + delivery.clauses.nobody == acts


def test_clauses_are_counted_by_who_acts():
    clauses = measure_delivery(
        observe("I wrote the plan. We tested it and shipped it. The server was replaced. She called me.", rubric())
    ).clauses

    assert (clauses.i, clauses.we, clauses.others, clauses.nobody) == (1, 2, 1, 1)


def test_headings_alone_have_no_parts():
    assert measure_delivery(observe("## Situation\n\n## Task\n", rubric())).parts is None
