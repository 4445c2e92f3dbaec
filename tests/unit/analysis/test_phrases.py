import re
import sys

import pytest

from app.analysis import cues
from app.analysis.openings import find_openings
from app.analysis.phrases import Phrases, fold
from app.analysis.sentences import split_sentences
from tests.unit.analysis.corpus import SETS, load_stories

PATTERNS = {name.lower(): value for name, value in vars(cues).items() if name[0].isalpha() and name.isupper()}
WHOLE = {name: re.compile("|".join(patterns), re.IGNORECASE) for name, patterns in PATTERNS.items()}
SENTENCES = [sentence.text for name in SETS for story in load_stories(name) for sentence in split_sentences(story.text)]


def find_plainly(text):
    return {name for name, pattern in WHOLE.items() if pattern.search(text)}


@pytest.mark.parametrize("change", [str, str.upper, str.title])
def test_cues_found_by_their_first_word_are_those_that_a_plain_search_finds(change):
    for sentence in SENTENCES:
        assert cues.find_cues(change(sentence)) == find_plainly(change(sentence))


def test_every_cue_stands_in_some_sentence():
    assert set().union(*(cues.find_cues(sentence) for sentence in SENTENCES)) == set(PATTERNS)


def test_letters_fold_as_a_search_without_regard_to_case_takes_them():
    letters = re.compile("[a-z]", re.IGNORECASE)
    for char in map(chr, range(sys.maxunicode + 1)):
        is_letter = fold(char) in set("abcdefghijklmnopqrstuvwxyz")
        assert is_letter == bool(letters.fullmatch(char)), hex(ord(char))
        assert len(fold(char)) == 1


@pytest.mark.parametrize(
    ("pattern", "openings"),
    [
        (r"\bkind of\b", {("kind", True)}),
        (r"\b(?:weeks?|day) later\b", {("week", True), ("weeks", True), ("day", True)}),
        (r"\b(?:so )?grateful\w*", {("so", True), ("grateful", False)}),
        (r"\bdon'?t know\b", {("don", True), ("dont", True)}),
        (r"\bq[1-3]\b|\bteam ?work\b", {("q1", True), ("q2", True), ("q3", True), ("team", True), ("teamwork", True)}),
        (r"\borgani[sz]e\b", {("organise", True), ("organize", True)}),
    ],
)
def test_the_openings_of_a_pattern_are_the_words_that_it_can_begin_with(pattern, openings):
    assert find_openings(pattern) == openings


@pytest.mark.parametrize("pattern", [r"\b\w+ away\b", r"\b(?:very )?\w+", r"\bab\w+", r" and\b"])
def test_a_pattern_whose_first_word_is_not_known_is_refused(pattern):
    with pytest.raises(ValueError, match="no word to look up"):
        find_openings(pattern)


def test_a_phrase_at_the_beginning_is_found_only_there():
    phrases = Phrases({"mine": [r"^\s*mine\b"]})
    assert phrases.find("  Mine was small.") == {"mine"}
    assert not phrases.find("It was mine.")
