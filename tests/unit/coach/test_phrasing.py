import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coach.phrasing import Change, read_outcome, take_clause, take_opening
from tests.unit.analysis.texts import unhurried


@pytest.mark.parametrize(
    ("sentence", "around", "clause"),
    [
        ("We met, and I moved the ledger to a queue because it was slow.", "moved", "I moved the ledger to a queue"),
        (
            "I removed the field, retrained the model and asked two foremen.",
            "retrained",
            "I removed the field, retrained the model",
        ),
        ("It fell to 2.8 seconds.", "fell", "It fell to 2.8 seconds"),
        ("Standups at 8:30 were mine.", "were", "Standups at 8:30 were mine"),
        ("Result: The contract lapsed without a fuss.", "", "The contract lapsed without a fuss"),
        ("**Lesson:** dream big and dare more.", "", "dream big and dare more"),
        ("On the last Thursday of a long quarter I put both in front of her.", "put", "I put both in front of her"),
        ("This meant that I had to give up the cheap ships.", "had", "I had to give up the cheap ships"),
        ("She said “never again” and I wrote it down.", "wrote", "I wrote it down"),
        ("<ul><li>I sat with 45 agents.</li><li>I swapped the rota.</li></ul>", "swapped", "I swapped the rota"),
        ("We disagreed about which vendor to choose.", "dis", "We disagreed about which vendor to choose"),
        ("I fixed the valve, which had leaked.", "fixed", "I fixed the valve"),
        ("No", "", "No"),
    ],
)
def test_the_clause_around_a_deed_is_quoted_whole(sentence, around, clause):
    assert take_clause(sentence, sentence.index(around)).text == clause


def test_a_long_clause_is_cut_before_a_phrase_begins_and_says_so():
    clause = take_clause("I told my stakeholder only at the third demo of the spring that the migration would slip.", 2)

    assert clause.quoted == "“I told my stakeholder only at the third demo” …"


def test_the_opening_of_a_sentence_is_quoted_from_its_first_word():
    assert take_opening("S: In spring, at the plant, I ran nights.").text == "In spring, at the plant, I ran nights"


@pytest.mark.parametrize(
    ("sentence", "change", "about", "is_many"),
    [
        ("Checkout got faster.", Change.COMPARED, "Checkout", False),
        ("In the end our build was much faster.", Change.COMPARED, "your build", False),
        ("Month ends have been a lot smoother.", Change.COMPARED, "Month ends", True),
        ("Complaints dropped.", Change.MOVED, "Complaints", True),
        (
            "When it came back I think our deployment process improved a lot.",
            Change.MOVED,
            "your deployment process",
            False,
        ),
        ("The mood around the renewals improved.", Change.MOVED, "the mood around the renewals", True),
        ("Our customers were very happy.", Change.LIKED, "your customers", True),
        ("Two other teams adopted the runbook.", Change.TAKEN_UP, "two other teams", True),
        ("The client renewed.", Change.KEPT, "the client", False),
        ("It opened on the day.", Change.DELIVERED, None, False),
        ("Everything got better.", Change.COMPARED, None, False),
        ("They improved.", Change.MOVED, None, False),
        ("The nodes rejoined.", None, None, False),
    ],
)
def test_what_an_outcome_is_about_is_named_where_that_is_plain(sentence, change, about, is_many):
    outcome = read_outcome(sentence)

    assert (outcome.change, outcome.about, outcome.is_many) == (change, about, is_many)


WORDS = st.sampled_from(
    ["I", "we", "the", "our", "was", "by", ",", ".", ":", "- ", "“", "”", "\n", "* ", "→", "improved"]
)


@unhurried
@given(st.lists(WORDS | st.text(max_size=4)).map(" ".join), st.integers(0, 40))
def test_what_is_quoted_stands_in_the_sentence(sentence, at):
    at = min(at, len(sentence))
    for clause in (take_clause(sentence, at), take_opening(sentence), read_outcome(sentence, at).clause):
        assert clause.text in sentence
        assert "“" not in clause.text.strip() or not clause.text.strip('“”" \n')
        assert len(clause.text) <= 62 or clause.text == sentence.strip()
