import re

import pytest
from hypothesis import given

from app.analysis.sentences import Kind, Sentence, count_words, split_sentences
from tests.unit.analysis.texts import arbitrary_texts, unhurried

LETTERS = re.compile(r"[^\W\d_]{2,}")


def cut(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(text)]


@unhurried
@given(arbitrary_texts)
def test_sentences_are_exact_stretches_of_the_text_in_order(text: str):
    reached = 0
    for sentence in split_sentences(text):
        assert reached <= sentence.start < sentence.end <= len(text)
        assert text[sentence.start : sentence.end] == sentence.text == sentence.text.strip()
        reached = sentence.end


@unhurried
@given(arbitrary_texts)
def test_no_word_is_lost(text: str):
    covered = "".join(sentence.text for sentence in split_sentences(text))
    outside = "".join(between(text, split_sentences(text)))

    assert sorted(LETTERS.findall(outside)) == []
    assert len(covered) + len(outside) == len(text)


def between(text: str, sentences: tuple[Sentence, ...]) -> list[str]:
    """Return what no sentence covers; code fences name their language there, which is no word of the story."""
    starts = [0, *(sentence.end for sentence in sentences)]
    ends = [*(sentence.start for sentence in sentences), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


@unhurried
@given(arbitrary_texts)
def test_a_sentence_stays_in_its_paragraph_and_blocks_are_numbered_upwards(text: str):
    sentences = split_sentences(text)

    assert [sentence.block for sentence in sentences] == sorted(sentence.block for sentence in sentences)
    assert not any(re.search(r"\n[ \t]*\n|\r[ \t]*\r|\r\n[ \t]*\r\n", sentence.text) for sentence in sentences)


@unhurried
@given(arbitrary_texts)
def test_the_same_text_is_cut_in_the_same_way(text: str):
    assert split_sentences(text) == split_sentences(text)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_other_line_endings_give_the_same_sentences(ending):
    text = "## Situation\n\nIt was late. I stayed.\n\n- Wrote the fix\n- Called her\n\n> It works now.\n"
    other = text.replace("\n", ending)

    assert cut(other) == cut(text)
    assert all(other[s.start : s.end] == s.text for s in split_sentences(other))


@pytest.mark.parametrize("text", ["", " ", "\n\n\t", "---", "- ", "# ", "```\n```", "***", "\u2028"])
def test_a_text_without_a_word_has_no_sentence(text):
    assert split_sentences(text) == ()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("I met Dr. Orell at 5 p.m. and we talked.", 1),
        ("We use queues, e.g. for mail. They help.", 2),
        ("I cut it by 3.5 % vs. the plan. It held.", 2),
        ("“We can't ship this,” she said. I agreed.", 2),
        ("It broke! Was it me? I looked.", 3),
        ("The bill fell to $4.2m. Nobody noticed.", 2),
        ("It was v2.3.1 of the parser that failed in Q3.", 1),
        ("The load went up by 30 %. I added a node.", 2),
        ("At 5 a.m. I got the call. I went in.", 2),
        ("At 5 a.m. Priya called me.", 1),
        ("I was woken at 5 a.m. The site was down.", 2),
    ],
)
def test_full_stops_that_end_nothing_are_known(text, sentences):
    assert len(cut(text)) == sentences


def test_a_bullet_s_mark_is_outside_its_sentence():
    text = "- Wrote the fix\n* Called her\n1. Shipped it\n(b) Told them\n• Went home\n- [x] Slept"

    assert cut(text) == ["Wrote the fix", "Called her", "Shipped it", "Told them", "Went home", "Slept"]
    assert {sentence.kind for sentence in split_sentences(text)} == {Kind.BULLET}


def test_a_heading_and_a_label_stand_by_themselves():
    text = "## What I did\nI called. I wrote.\n\n**Result:** It held.\n\nTask: Fix it."
    kinds = [(sentence.text, sentence.kind) for sentence in split_sentences(text)]

    assert kinds[0] == ("What I did", Kind.HEADING)
    assert [found for found, _ in kinds[1:]] == ["I called.", "I wrote.", "**Result:**", "It held.", "Task:", "Fix it."]


def test_a_line_of_bold_words_is_a_heading_and_a_quote_is_told_apart():
    kinds = [s.kind for s in split_sentences("**The night shift**\nIt was late.\n\n> He wrote to me.")]

    assert kinds == [Kind.HEADING, Kind.PROSE, Kind.QUOTE]


def test_hard_wrapped_lines_belong_together():
    text = (
        "I read every one of the failed jobs by hand because nobody could\n"
        "tell me what they had in common, and found the late server.\n"
        "Then I wrote it down."
    )

    assert len(cut(text)) == 2


def test_short_lines_are_notes_of_their_own():
    assert cut("legacy import broke\nread the logs\nfixed the parser") == [
        "legacy import broke",
        "read the logs",
        "fixed the parser",
    ]


def test_speech_without_punctuation_is_cut_at_its_joints():
    text = (
        "so there was this customer and she had been waiting for her parts since the spring and then i went down to "
        "the dock myself and i opened every crate that had come in that week and in the end we found two of the three "
        "and i drove them over to her the same night"
    )
    pieces = cut(text)

    assert len(pieces) >= 3
    assert " ".join(pieces) == text
    assert all(len(piece.split()) >= 3 for piece in pieces)


def test_the_title_of_a_deeper_list_is_a_heading():
    kinds = [sentence.kind for sentence in split_sentences("- What I did\n  - wrote the fix\n  - called her")]

    assert kinds == [Kind.HEADING, Kind.BULLET, Kind.BULLET]


def test_what_stands_in_a_code_fence_is_not_joined_to_the_prose_around():
    text = "I wrote a query that nobody else had thought of before that day\n```sql\nselect 1\n```\nand it worked."
    found = split_sentences(text)

    assert [sentence.text for sentence in found][-1] == "and it worked."
    assert len({sentence.block for sentence in found}) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("I didn't stop.", 3), ("I’m on-call at 10:30", 4), ("1,000 users → 2.5 %", 3), ("你好 world", 2)],
)
def test_words_are_counted_as_they_are_spoken(text, words):
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It worked 🎉 Then I wrote it down.", ["It worked 🎉", "Then I wrote it down."]),
        ("It worked! 🎉 Then I wrote it down.", ["It worked!", "🎉 Then I wrote it down."]),
        (
            "It held ✅ The client renewed 👩‍👩‍👧‍👦 🎉 I slept",
            ["It held ✅", "The client renewed 👩‍👩‍👧‍👦 🎉", "I slept"],
        ),
        ("It went from 9 → 4 The end", ["It went from 9 → 4 The end"]),
        ("We ❤️ our clients", ["We ❤️ our clients"]),
    ],
)
def test_a_picture_ends_a_sentence_where_another_begins(text, sentences):
    assert cut(text) == sentences


def test_lines_of_a_quote_are_cut_as_lines_of_prose_are_and_without_their_marks():
    text = (
        "> I wrote the fix.\n> She tested it.\n> nobody can book\n> the import is down\n\n"
        "> One line that is rather long and goes on for a bit more than\n> fifty characters. It ends.\nI fixed it."
    )

    assert cut(text) == [
        "I wrote the fix.",
        "She tested it.",
        "nobody can book",
        "the import is down",
        "One line that is rather long and goes on for a bit more than\n> fifty characters.",
        "It ends.",
        "I fixed it.",
    ]


@pytest.mark.parametrize("text", ["x" * 5000, "word " * 1000, "1," * 2500, "and so we " * 500, "( " * 2500])
def test_no_sentence_is_too_long_to_quote(text):
    assert max(len(piece) for piece in cut(text)) <= 1000
    assert "".join("".join(cut(text)).split()) == "".join(text.split())


def test_a_text_of_very_many_lines_is_cut_by_length_after_a_thousand_sentences():
    text = "- a\n" * 5000
    found = split_sentences(text)

    assert len(found) < 1050
    assert "".join(sentence.text for sentence in found).count("a") == 5000
    assert [sentence.block for sentence in found] == sorted(sentence.block for sentence in found)
