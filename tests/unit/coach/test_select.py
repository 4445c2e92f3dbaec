import pytest

from app.coach.select import Selection, parse_codes
from app.domain import GapCode
from app.errors import InvalidInput
from tests.unit.reports.samples import assessment, gap

STORY = assessment(gaps=(gap("missing-metric"), gap("no-learning"), gap("hedging")))


@pytest.mark.parametrize(
    ("select", "ignore", "left"),
    [
        ("", "", ["missing-metric", "no-learning", "hedging"]),
        ("no-learning", "", ["no-learning"]),
        ("", "no-learning", ["missing-metric", "hedging"]),
        ("no-learning,hedging", "hedging", ["no-learning"]),
        ("thin-action", "", []),
    ],
)
def test_what_is_ignored_goes_before_what_is_selected(select, ignore, left):
    def codes(names):
        return parse_codes(filter(None, names.split(",")), "--select")

    chosen = Selection(codes(select), codes(ignore)).apply(STORY)
    assert [gap.code for gap in chosen.gaps] == left
    assert chosen.strength == STORY.strength


def test_nothing_changes_where_every_gap_counts():
    assert Selection().apply(STORY) is STORY


def test_a_code_is_taken_once():
    assert parse_codes(["hedging", "hedging"], "--select") == (GapCode.HEDGING,)


@pytest.mark.parametrize(
    ("name", "hint"), [("missing-metrics", "did you mean missing-metric?"), ("E501", "known are missing-situation, ")]
)
def test_an_unknown_code_is_refused_with_what_was_meant(name, hint):
    with pytest.raises(InvalidInput, match="--ignore: there is no gap") as failure:
        parse_codes([name], "--ignore")
    assert hint in failure.value.detail
