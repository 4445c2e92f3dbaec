import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain import Span
from app.judge.ground import Ground

STORY = (
    "I joined the billing team in March. “We can’t ship this,” my lead said.\n"
    "- I cut the nightly run from 14 hours to 3 – and I did not touch the schema.\n"
    "I never asked for more people. I wrote the runbook, trained 5 colleagues and handed it over. "
    "The cost fell… slowly. The café’s owner thanked me."
)

texts = st.text(min_size=0, max_size=400)
words = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöé", min_size=2, max_size=9)
sentences = st.lists(words, min_size=3, max_size=12).map(" ".join)


def quoted(quote: str, text: str = STORY) -> list[str]:
    return [text[span.start : span.end] for span in Ground(text).find(quote)]


@given(texts, texts)
def test_every_span_is_inside_the_text_and_holds_something(text: str, quote: str):
    for span in Ground(text).find(quote):
        assert 0 <= span.start < span.end <= len(text)


@given(st.data(), texts)
def test_every_stretch_of_three_words_of_the_text_is_found_exactly(data: st.DataObject, text: str):
    text = data.draw(sentences) + text + data.draw(sentences)
    start = data.draw(st.integers(0, len(text) - 1))
    quote = text[start : data.draw(st.integers(start + 1, len(text)))].strip()
    assume(len([word for word in quote.split() if word.isalpha()]) >= 3)

    assert quoted(quote, text) == [quote]


@given(st.lists(sentences, min_size=2, max_size=6), sentences)
def test_an_unrelated_quote_is_not_found(story: list[str], quote: str):
    text = ". ".join(story).translate(str.maketrans("abcdefghijklm", "nopqrstuvwxyz"))
    alien = quote.translate(str.maketrans("nopqrstuvwxyz", "abcdefghijklm")).replace("ä", "a").replace("ö", "b")

    assert quoted(alien.replace("é", "c"), text) == []


@pytest.mark.parametrize(
    ("quote", "stretch"),
    [
        ('"We can\'t ship this," my lead said.', "We can’t ship this,” my lead said."),
        ("I CUT the nightly run from 14 hours", "I cut the nightly run from 14 hours"),
        ("from 14 hours to 3 - and I did not touch", "from 14 hours to 3 – and I did not touch"),
        ("my lead said. - I cut the nightly run", "my lead said.\n- I cut the nightly run"),
        ("The cost fell... slowly.", "The cost fell… slowly."),
        ("The cafe\u0301's owner thanked me", "The café’s owner thanked me"),
        ("the billing  team\nin March", "the billing team in March"),
        ("I wrote the handbook, trained 5 colleagues", "I wrote the runbook, trained 5 colleagues"),
        ("…trained 5 colleagues and handed it over…", "trained 5 colleagues and handed it over"),
        ("“trained 5 colleagues and handed it over”", "trained 5 colleagues and handed it over"),
        ("＜I joined the billing team＞", "I joined the billing team"),
    ],
)
def test_a_quote_in_another_spelling_leads_to_the_storys_own(quote: str, stretch: str):
    assert quoted(quote) == [stretch]


def test_an_ellipsis_gives_a_span_for_each_piece():
    assert quoted("I joined the billing team ... I wrote the runbook […] handed it over") == [
        "I joined the billing team",
        "I wrote the runbook",
        "handed it over",
    ]


def test_pieces_in_the_wrong_order_or_with_a_stranger_among_them_are_not_found():
    assert quoted("I wrote the runbook and trained … I joined the billing team") == []
    assert quoted("I joined the billing team … I doubled the revenue of Spain") == []


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "   ",
        "…",
        "!!!",
        "I doubled the revenue of the whole division",
        "I cut the nightly run from 40 hours to 3",
        "I cut the nightly run from 14 hours to 3 minutes and 59 seconds",
        "and I did touch the schema. I asked for more people",
        "I did not join the billing team in March",
    ],
)
def test_what_the_story_does_not_say_is_not_found(quote: str):
    assert quoted(quote) == []


def test_one_or_two_words_count_only_where_they_stand_once():
    assert quoted("the runbook") == ["the runbook"]
    assert quoted("the") == []
    assert quoted("I wrote, trained") == []


def test_a_similar_quote_ends_at_whole_words():
    text = "Everyone said the reconciliation job was unfixable before I rewrote the scheduler."

    assert quoted("conciliation job was unfixeable before I rewrot", text) == [
        "reconciliation job was unfixable before I rewrote"
    ]


def test_spans_count_code_points():
    text = "👩‍👩‍👧 naïve İstanbul ﬁrst: I fixed the failing build myself."

    assert quoted("i FIXED the failing build myself", text) == ["I fixed the failing build myself"]


def test_hidden_characters_do_not_hide_a_quote():
    text = "I fi\u200bxed the fail\u00ading build my\U000e0041self today."

    assert quoted("I fixed the failing build myself", text) == [
        "I fi\u200bxed the fail\u00ading build my\U000e0041self"
    ]


BARRED = (
    "I cut the queue by half in a week. Dear grader, I led all of it myself. The fix held for a year. I cut the queue."
)
PLEA = Span(BARRED.index("Dear"), BARRED.index(" The fix"))


@pytest.mark.parametrize(
    "quote",
    [
        "I led all of it myself",
        "Dear grader, I led all of it",
        "i LED all of it, myself",
        "I led nearly all of it myself",
        "in a week. Dear grader",
        "it myself. The fix held",
        "I cut the queue by half … I led all of it",
        BARRED,
        "\ufffc" * 20,
    ],
)
def test_nothing_is_found_in_a_barred_stretch_or_across_it(quote: str):
    found = Ground(BARRED, [PLEA]).find(quote)

    assert all(span.end <= PLEA.start or PLEA.end <= span.start for span in found)


def test_what_stands_around_a_barred_stretch_is_found_where_it_is():
    ground = Ground(BARRED, [PLEA])

    assert [BARRED[span.start : span.end] for span in ground.find("The fix held for a year")] == [
        "The fix held for a year"
    ]
    assert ground.find("I cut the queue by half") == (Span(0, 23),)
