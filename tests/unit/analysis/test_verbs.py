import pytest

from app.analysis.verbs import BE, PARTICIPLE, PAST, STATES, is_participle, is_past


@pytest.mark.parametrize("word", ["built", "wrote", "cut", "asked", "rewrote", "overrode", "planned", "agreed"])
def test_a_simple_past_is_known(word):
    assert is_past(word)


@pytest.mark.parametrize(
    "word", ["need", "indeed", "hundred", "speed", "skilled", "detailed", "red", "write", "the", ""]
)
def test_what_only_looks_like_a_past_is_none(word):
    assert not is_past(word)


@pytest.mark.parametrize("word", ["built", "written", "rewritten", "re-written", "undone", "asked", "rolled"])
def test_a_participle_that_tells_a_deed_is_known(word):
    assert is_participle(word)


@pytest.mark.parametrize("word", ["worried", "tired", "located", "gone", "interested", "wrote", "need", "limited"])
def test_a_participle_that_tells_a_state_tells_no_deed(word):
    assert not is_participle(word)


def test_the_tables_hold_lower_case_words_only():
    for table in (PAST, PARTICIPLE, STATES, BE):
        assert all(word == word.lower().strip() and " " not in word for word in table)


def test_every_form_of_be_is_a_state_or_a_mark_of_a_contraction():
    assert {word for word in BE if not word.startswith("'")} <= STATES
