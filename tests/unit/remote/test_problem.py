import pytest

from app.errors import CoachError, InvalidInput, LimitExceeded, ModelMisbehaved, ModelUnavailable
from app.http.problems import KINDS, render_problem
from app.judge.failures import MEANINGS, Fault, Kind
from app.remote import problem
from app.remote.problem import MEDIA_TYPE, read_refusal

STORY_FAILURES = (InvalidInput, LimitExceeded, ModelMisbehaved, ModelUnavailable)


def reply_to(error: CoachError):
    response = render_problem(error)
    return read_refusal(response.status_code, response.media_type or "", bytes(response.body), retry_after_s=None)


def test_every_problem_of_the_service_is_known_here():
    assert set(problem._FAMILIES) == set(KINDS)


@pytest.mark.parametrize("kind", [kind for kind in Kind if issubclass(MEANINGS[kind].family, STORY_FAILURES)])
def test_a_failure_of_the_model_is_the_same_as_if_it_had_been_asked_from_here(kind):
    here = Fault(kind).as_error()
    there = reply_to(here).error
    assert (type(there), there.slug, there.detail) == (type(here), here.slug, here.detail)


def test_what_is_wrong_with_a_story_is_told_in_the_same_words():
    here = InvalidInput("the story has 50000 characters; 40000 are allowed", slug="story-too-long")
    there = reply_to(here).error
    assert (type(there), there.slug, there.detail) == (InvalidInput, here.slug, here.detail)


def test_a_spent_budget_and_a_spent_quota_are_not_asked_for_again():
    for kind in (Kind.OVER_BUDGET, Kind.PROVIDER_QUOTA, Kind.TOO_LONG):
        assert not reply_to(Fault(kind).as_error()).may_pass
    assert reply_to(Fault(Kind.TIMEOUT).as_error()).tries == 2
    assert reply_to(LimitExceeded("too many", slug="overloaded")).tries is None


def test_words_of_a_service_are_cut_and_cleaned():
    body = b'{"type":"/problems/invalid-input","detail":"Odd \\u001b[31m%s.","code":"x","retryable":false}' % (
        b"a" * 900
    )
    error = read_refusal(422, f"{MEDIA_TYPE}; charset=utf-8", body, retry_after_s=None).error
    assert error.detail.startswith("odd [31maaa")
    assert len(error.detail) <= 500


def test_a_page_in_the_place_of_a_problem_is_told_by_its_status():
    assert read_refusal(502, "text/html", b"<html>", retry_after_s=3.0).may_pass
    assert read_refusal(502, "text/html", b"<html>", retry_after_s=3.0).error.retry_after_s == 3.0
    assert read_refusal(500, MEDIA_TYPE, b"{}", retry_after_s=None).error.slug == "service-unavailable"
    assert read_refusal(418, "text/plain", b"", retry_after_s=None).error.slug == "bad-reply"
