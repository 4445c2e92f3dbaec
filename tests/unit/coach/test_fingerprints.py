from app.coach.fingerprints import fingerprint, fingerprint_gaps, story_key
from app.domain import Story
from tests.unit.reports.samples import assessment, evidence, gap


def test_a_gap_that_the_whole_story_has_keeps_its_fingerprint_wherever_it_shows():
    assert fingerprint("k", gap("no-learning", "note", evidence("a"))) == fingerprint("k", gap("no-learning"))


def test_a_gap_of_words_is_known_by_its_words_not_by_their_place_or_spacing():
    old = fingerprint("k", gap("hedging", "note", evidence("I  guess it’s\nfine", 2, 3, 9)))
    assert old == fingerprint("k", gap("hedging", "error", evidence("i guess it's fine", 7, 1, 80), evidence("more")))
    assert old != fingerprint("k", gap("hedging", "note", evidence("I hope it's fine")))


def test_gaps_of_other_kinds_or_stories_are_others():
    marks = {fingerprint(key, gap(code)) for key in ("a", "b") for code in ("hedging", "no-learning")}
    assert len(marks) == 4


def test_a_story_is_known_by_its_id_then_its_file():
    named = assessment(story={"id": "s1", "path": "a.md"})
    assert story_key(named) == story_key(assessment(story={"id": "s1", "path": "b.md"}))
    unnamed = assessment(story={"id": None, "path": "./x/../a.md", "title": "new"})
    assert story_key(unnamed) == story_key(assessment(story={"id": None, "path": "a.md", "title": "old"}))
    assert story_key(assessment(story={"id": None, "path": "-", "title": "t"})) == "title:t"


def test_records_that_share_a_file_are_told_apart_by_their_titles():
    story = Story(text="x", path="a.jsonl")
    keys = {story_key(assessment(story={"id": None, "path": "a.jsonl", "title": t}), story) for t in ("a", "b")}
    assert len(keys) == 2


def test_every_gap_of_an_assessment_has_a_fingerprint():
    value = assessment(gaps=(gap(), gap("hedging")))
    assert [found.code for found, _ in fingerprint_gaps(value)] == ["missing-metric", "hedging"]
    assert all(len(mark) == 32 for _, mark in fingerprint_gaps(value))
