import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog import Catalog
from app.judge.remarks import MOST_CHARS, Vetting, stem

RUBRIC = Catalog().rubric("leadership-principles")
VETTING = Vetting()
TOLD = (
    "Our nightly invoice run failed twice a week for Contoso. I owned the fix after my lead moved on. I read 3 weeks "
    "of logs and saw that two jobs took the same lock. I moved one job by an hour and wrote an alert for overlaps. It "
    "went much better after that, and the support queue shrank.\nTell me about a time you fixed something."
)


def passes(text: str, *, is_question: bool = True) -> bool:
    return VETTING.passes(text, TOLD, RUBRIC, is_question=is_question)


@pytest.mark.parametrize(
    "question",
    [
        "Which other way did you turn down before you moved the job, and why?",
        "How did you know that it was the lock?",
        "What did Contoso say when the invoice run failed?",
        "Who decided that you would own the fix?",
        "How many weeks of logs would have been enough?",
        "What was the figure before you moved the job, and what was it afterwards?",
        "What made you read 3 weeks of logs rather than ask your lead?",
        "What would you do differently today?",
        "Which two jobs took the lock?",
        "How was “much better” measured?",
        "What would have happened if nobody had fixed it?",
        "How often did the alert show overlaps after that?",
    ],
)
def test_a_question_in_plain_words_about_the_story_passes(question: str):
    assert passes(question)


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ("Did the failures fall by 40 % after that?", "a number"),
        ("Did you read 30 weeks of logs?", "a number that is part of another"),
        ("Did seven jobs take the lock?", "a number in words"),
        ("Did it fail twice as often for Fabrikam?", "a name"),
        ("What did Maria say about the fix?", "a name"),
        ("What did your Lead at Northwind say?", "a name after a plain word"),
        ("How did the database migration change the run?", "a fact"),
        ("How large was the refund you paid?", "a fact"),
        ("Why is this a 3 of 3?", "a verdict in the story's own numbers"),
        ("What did you do? See https://example.org for more?", "an address"),
        ("What did you do?\nAnd why?", "two lines"),
        ("What did <b>you</b> do?", "markup"),
        ("What did you do `now`?", "markup"),
        ("What did y\u200bou do?", "hidden characters"),
        ("You read the logs.", "no question"),
        ("Why though?", "too few words"),
        ("", "nothing"),
        (f"Why {'so ' * 100}late?", "too long"),
        ("Was haben Sie dann getan?", "another language"),
    ],
)
def test_a_question_with_anything_else_in_it_is_dropped(question: str, what: str):
    assert not passes(question), what


def test_a_reason_need_not_be_a_question():
    assert passes("no figure and nobody's word is given for it", is_question=False)
    assert not passes("no figure shows the 20 % that you claim", is_question=False)


@given(st.text(max_size=MOST_CHARS))
def test_whatever_passes_holds_no_number_that_was_not_told(text: str):
    if passes(text, is_question=False):
        told = {char for char in TOLD if char.isdigit()}
        assert {char for char in text if char.isdigit()} <= told


@pytest.mark.parametrize(
    "forms",
    [("plan", "plans", "planned", "planning"), ("try", "tries", "tried"), ("lead", "leads", "leader", "lead's")],
)
def test_the_forms_of_a_word_share_a_stem(forms: tuple[str, ...]):
    assert len({stem(form) for form in forms}) == 1
