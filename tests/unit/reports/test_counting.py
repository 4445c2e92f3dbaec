"""How many there are of something."""

from app.reports.counting import counted, counted_stories


def test_one_is_told_in_the_singular_and_any_other_number_in_the_plural():
    assert [counted_stories(count) for count in (0, 1, 2)] == ["0 stories", "1 story", "2 stories"]
    assert [counted(count, "gap") for count in (1, 10_000)] == ["1 gap", "10000 gaps"]
