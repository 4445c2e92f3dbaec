"""Comments that speak to this program."""

import time

import pytest

from app.analysis.comments import blank_comments, find_comments
from app.domain import GapCode


def only(text):
    [comment] = find_comments(text)
    return comment


def test_a_comment_names_codes_and_a_reason():
    text = "I led it.\n<!-- coach: ignore missing-metric,  hedging : the client forbids\n numbers: all of them -->\n"
    comment = only(text)
    assert comment.codes == (GapCode.MISSING_METRIC, GapCode.HEDGING)
    assert comment.reason == "the client forbids numbers: all of them"
    assert comment.problem is None
    assert text[slice(*comment.span)].startswith("<!--")
    assert text[slice(*comment.span)].endswith("-->")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("ignore missing-metric", "must say why: ignore missing-metric: reason"),
        ("ignore missing-metric:", "must say why"),
        ("ignore missing-metric: \n ", "must say why"),
        ("ignore missing-metrics: typo", "unknown code; known are missing-situation, "),
        ("ignore: all", "must read ignore CODE: reason"),
        ("ignore missing-metric,: x", "unknown code"),
        ("ignor missing-metric: typo", "must read ignore CODE: reason"),
        ("", "must read ignore CODE: reason"),
        (f"ignore hedging: {'x' * 301}", "longer than 300 characters"),
    ],
)
def test_a_comment_that_asks_for_nothing_clear_says_what_is_wrong(said, problem):
    comment = only(f"A story. <!-- coach: {said} -->")
    assert comment.codes == ()
    assert problem in comment.problem


def test_a_problem_holds_no_word_of_the_comment():
    for said in ("canary canary", "ignore canary: canary"):
        comment = only(f"<!-- coach: {said} -->")
        assert comment.problem
        assert "canary" not in comment.problem


def test_a_comment_without_an_end_is_a_problem_and_takes_nothing_out_beyond_its_beginning():
    text = "One. <!-- coach: ignore hedging: because. Two."
    comment = only(text)
    assert comment.problem == "the comment is not closed by -->"
    assert blank_comments(text, (comment,)).endswith("ignore hedging: because. Two.")


@pytest.mark.parametrize("text", ["", "No comment.", "<!-- a remark -->", "<!-- coaching: x -->", "<!- - coach: x -->"])
def test_other_comments_are_text(text):
    assert find_comments(text) == ()


def test_blanking_keeps_every_place_and_every_line():
    text = "Ein Satz.\r\n<!-- coach: ignore hedging: so\r\nit is 😀 -->\r\nAnother.\n"
    blank = blank_comments(text, find_comments(text))
    assert len(blank) == len(text)
    assert [i for i, char in enumerate(blank) if char in "\r\n"] == [i for i, c in enumerate(text) if c in "\r\n"]
    assert blank.split() == ["Ein", "Satz.", "Another."]


def test_many_comments_without_an_end_are_read_once():
    begun = time.process_time()
    find_comments("<!-- coach: " * 100_000)
    find_comments("<!--" + " " * 1_000_000)
    find_comments(f"<!-- coach: ignore x{' ' * 1_000_000}y -->")
    assert time.process_time() - begun < 5
