"""Whatever is taken out of a text, places are those of the text as given."""

from hypothesis import given

from app.analysis.screen.screen import screen
from tests.unit.analysis.texts import arbitrary_texts, unhurried


def test_a_sentence_without_its_hidden_characters_stands_where_it_stood():
    text = "I fixed\x1b[31m the build. It held."
    first, second = screen(text).sentences

    assert (first.text, text[first.start : first.end]) == ("I fixed the build.", "I fixed\x1b[31m the build.")
    assert (second.text, text[second.start : second.end]) == ("It held.", "It held.")


@unhurried
@given(arbitrary_texts)
def test_sentences_stand_in_the_text_one_after_the_other(text: str):
    sentences = screen(text).sentences

    assert all(0 <= sentence.start < sentence.end <= len(text) for sentence in sentences)
    assert [sentence.start for sentence in sentences] == sorted(sentence.start for sentence in sentences)
