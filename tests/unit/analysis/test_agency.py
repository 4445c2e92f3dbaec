import pytest
from hypothesis import given

from app.analysis.agency import Actor, find_acts
from tests.unit.analysis.labelled import main_actor
from tests.unit.analysis.texts import arbitrary_texts, unhurried


def deeds(sentence: str) -> list[tuple[str, str]]:
    return [(act.actor.value, act.verb) for act in find_acts(sentence)]


@unhurried
@given(arbitrary_texts)
def test_every_deed_has_its_place_and_they_come_in_order(text: str):
    reached = 0
    for act in find_acts(text):
        assert reached <= act.start < len(text)
        assert act.verb == act.verb.lower() != ""
        reached = act.start


@unhurried
@given(arbitrary_texts)
def test_the_decisive_deed_is_one_of_those_found(text: str):
    acts = find_acts(text)

    assert main_actor(acts) in ({act.actor for act in acts} or {None})


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("I rebuilt the index and wrote a runbook.", [("self", "rebuilt"), ("self", "wrote")]),
        ("We met, and then I called her.", [("group", "met"), ("self", "called")]),
        ("I've written the importer.", [("self", "written")]),
        ("I’ve written the importer.", [("self", "written")]),
        ("I decided to stop the launch.", [("self", "stop")]),
        ("I didn't change the date.", [("self", "change")]),
        ("I was able to cut it.", [("self", "cut")]),
        ("My team and I moved it.", [("group", "moved")]),
        ("Yesterday Anna and I moved it.", [("group", "moved")]),
        ("When it broke, Anna and I fixed it.", [("group", "fixed")]),
        ("After the newly hired engineer and I agreed, we moved.", [("group", "agreed"), ("group", "moved")]),
        ("I wrote the code and I tested it.", [("self", "wrote"), ("self", "tested")]),
        ("We met the vendor and I signed.", [("group", "met"), ("self", "signed")]),
        ("She wrote the parser and I reviewed it.", [("other", "wrote"), ("self", "reviewed")]),
        ("The plan was bad and I said so.", [("self", "said")]),
        ("Anna can read the plan and I wrote it.", [("self", "wrote")]),
        ("I did the plan and I did the rest.", [("self", "did"), ("self", "did")]),
        ("I did write the plan.", [("self", "write")]),
        ("The index was rebuilt by me.", [("self", "rebuilt")]),
        ("The index was rebuilt by us.", [("group", "rebuilt")]),
        ("The index was rebuilt by the vendor.", [("other", "rebuilt")]),
        ("The index was rebuilt by Friday.", [("other", "rebuilt")]),
        ("The index was rebuilt.", [("nobody", "rebuilt")]),
        ("He told me to stop.", [("other", "told")]),
        ("Led the migration of 40 services.", [("self", "led")]),
        ("It was hard.", []),
        ("I was tired and I felt alone.", []),
        ("", []),
    ],
)
def test_deeds_are_told_with_who_did_them(sentence, expected):
    assert deeds(sentence) == expected


def test_quoted_speech_tells_no_deed():
    assert deeds('She wrote "I rebuilt the whole index myself" on the board.') == [("other", "wrote")]


def test_a_note_without_a_subject_may_be_read_as_nobody_s():
    assert find_acts("Wrote the parser.", subjectless_is_self=False) == ()


def test_a_deed_in_a_side_clause_only_sets_the_scene():
    acts = find_acts("After we rolled it back, I wrote to the client.")

    assert [(act.actor, act.main) for act in acts] == [(Actor.GROUP, False), (Actor.SELF, True)]
    assert main_actor(acts) is Actor.SELF


def test_own_deeds_come_before_a_group_s_in_the_same_sentence():
    assert main_actor(find_acts("We agreed, so I wrote it down.")) is Actor.SELF


def test_a_sentence_without_a_deed_has_no_actor():
    assert main_actor(()) is None


def test_a_place_is_where_the_verb_stands():
    sentence = "Later I quietly rewrote it."
    (act,) = find_acts(sentence)

    assert sentence[act.start :].startswith("rewrote")
