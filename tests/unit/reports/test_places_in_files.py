from hypothesis import given
from hypothesis import strategies as st

from app.analysis.places import Places
from app.domain import Story
from app.reports.clean import clean, clean_line, shorten
from app.reports.sites import Sites, as_uri, relative
from app.reports.spool import Spool
from tests.unit.reports.samples import assessment


def test_paths_lose_what_only_one_machine_knows():
    assert relative("./a/../b.md") == "b.md"
    assert relative("a\\b.md") == "a/b.md"
    assert relative("/repo/a.md", "/repo/") == "a.md"
    assert relative("/repository/a.md", "/repo") == "/repository/a.md"
    assert relative("-") == relative(None) == "stdin"


def test_a_path_becomes_a_uri():
    assert as_uri("a b/ü.md") == "a%20b/%C3%BC.md"
    assert as_uri("a:b.md") == "a%3Ab.md"
    assert as_uri("/x/y#1.md") == "file:///x/y%231.md"
    assert as_uri("C:/x y.md") == "file:///C:/x%20y.md"


@given(st.text(st.sampled_from("a🚲\r\n e\u0301"), min_size=1, max_size=30), st.data())
def test_a_region_ends_where_an_editor_counts_it(text: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    story = Story(text=text, first_line=3, first_char=9)
    places = Places(text, 3)
    region = Sites(assessment(), story).find(places.evidence(start, end))
    assert region is not None
    assert region.char == 9 + start
    last = places.evidence(end - 1, end)
    splits_a_break = (
        text[end - 2 : end] == "\r\n" or text[end - 1 : end + 1] == "\r\n" or text[start - 1 : start + 1] == "\r\n"
    )
    if text[end - 1] not in "\r\n" and not splits_a_break:
        assert (region.end_line, region.end_column) == (last.line, last.column + 1)


def test_a_document_holds_no_character_that_its_readers_refuse():
    assert clean("a\x00b\ud800c\ufffe\U0001ffffd\te") == "a\ufffdb\ufffdc\ufffd\ufffdd\te"
    assert clean_line(" a\r\n\u2028b\x85 c ") == "a b c"
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abcd", 4) == "abcd"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_what_is_held_back_comes_out_unchanged(texts):
    spool = Spool()
    for text in texts:
        spool.add(text)
    assert "".join(spool.drain()) == "".join(texts)


def test_much_text_is_held_back_in_a_file_and_cut_between_characters():
    spool = Spool()
    spool.add("x" + "🚲" * 2_500_000)
    assert "".join(spool.drain()) == "x" + "🚲" * 2_500_000
