import pytest

from app.analysis.observe import Observations, observe
from app.analysis.places import Places
from app.coach.settle import Settled, settle
from app.domain import Target, TieBreak
from tests.unit.analysis.corpus import rubric
from tests.unit.analysis.tales import TALES

TEXT = TALES["invoices"].text
OBSERVED = observe(TEXT, rubric())
TOLD = OBSERVED.facts.told


def ranked_as(*order: tuple[str, float, int]) -> Observations:
    """Return what the rules saw, with these principles first: id, score and number of evidence sentences."""
    first = [
        next(item for item in OBSERVED.ranked if item.principle.id == name)._replace(score=score, readings=TOLD[:count])
        for name, score, count in order
    ]
    names = {name for name, _, _ in order}
    rest = [item._replace(readings=()) for item in OBSERVED.ranked if item.principle.id not in names]
    return OBSERVED._replace(ranked=(*first, *rest))


def settled(observed: Observations, *declared: str) -> Settled:
    target = Target(role="sdm", level="L6", principles=declared)
    return settle(observed, None, rubric=rubric(), target=target, places=Places(TEXT))


def tie_of(*order: tuple[str, float, int]) -> TieBreak | None:
    return settled(ranked_as(*order)).tie_break


def test_two_close_principles_come_with_the_question_that_tells_them_apart():
    tie = tie_of(("ownership", 1.0, 2), ("deliver-results", 0.9, 2))

    assert tie is not None
    assert tie.between == ("ownership", "deliver-results")
    assert tie.margin == 0.1
    assert tie.ask == "Was the goal already committed to the candidate before the story began?"
    assert [(item.answer, item.principle) for item in tie.answers] == [("yes", "deliver-results"), ("no", "ownership")]


def test_the_order_of_the_two_does_not_change_the_question():
    one, other = (
        tie_of(("ownership", 1.0, 1), ("deliver-results", 0.9, 1)),
        tie_of(("deliver-results", 1.0, 1), ("ownership", 0.9, 1)),
    )

    assert one is not None
    assert other is not None
    assert (one.ask, one.answers) == (other.ask, other.answers)


@pytest.mark.parametrize(("margin", "close"), [(0.0, True), (0.4, True), (0.41, False), (2.0, False)])
def test_only_principles_within_the_rubric_s_margin_are_close(margin, close):
    assert (tie_of(("ownership", margin, 1), ("deliver-results", 0.0, 1)) is not None) is close


def test_a_principle_without_evidence_takes_no_part_in_a_tie():
    tie = tie_of(("ownership", 1.0, 1), ("frugality", 0.95, 0), ("deliver-results", 0.9, 1))

    assert tie is not None
    assert tie.between == ("ownership", "deliver-results")
    assert tie_of(("ownership", 1.0, 1), ("frugality", 0.95, 0)) is None


def test_two_that_the_rubric_does_not_pair_are_asked_about_by_name():
    tie = tie_of(("frugality", 1.0, 1), ("earn-trust", 1.0, 1))

    assert tie is not None
    assert "Frugality" in tie.ask
    assert "Earn Trust" in tie.ask
    assert {item.principle for item in tie.answers} == {"frugality", "earn-trust"}


def test_a_declared_principle_without_evidence_is_flagged_with_what_the_story_shows_instead():
    (flag,) = settled(ranked_as(("ownership", 3.0, 2), ("dive-deep", 2.0, 1)), "deliver-results").unsupported

    assert flag.principle == "deliver-results"
    assert flag.instead == "ownership"
    assert flag.reason == "No sentence gives evidence for Deliver Results; the story rather shows Ownership."
    assert flag.ask == "Was the goal already committed to the candidate before the story began?"
    assert flag.rank > 2


def test_a_declared_principle_far_down_is_flagged_although_a_sentence_fits_it():
    order = ["ownership", "dive-deep", "frugality", "earn-trust", "think-big", "deliver-results"]
    observed = ranked_as(*((name, float(9 - rank), 1) for rank, name in enumerate(order)))
    settling = settled(observed, "deliver-results", "think-big")

    (flag,) = settling.unsupported
    assert (flag.principle, flag.rank) == ("deliver-results", 6)
    assert flag.reason == "Deliver Results ranks 6 of 16 by the evidence; the story rather shows Ownership."


def test_a_declared_principle_that_the_evidence_supports_is_not_flagged():
    assert settled(ranked_as(("ownership", 3.0, 2)), "ownership").unsupported == ()


def test_a_story_without_any_evidence_supports_nothing_instead():
    (flag,) = settled(ranked_as(), "ownership").unsupported

    assert flag.instead is None
    assert flag.ask is None
    assert flag.reason == "No sentence gives evidence for Ownership."
