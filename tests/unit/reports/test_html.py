import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import Part, StarSpan, Story, Suppression
from app.reports.clean import clean
from app.reports.html import HtmlReport, render_html
from app.reports.html.segments import Mark, cut_segments
from app.reports.report import Trouble
from tests.unit.reports.hostile import PIECES, hostile_assessment, told_stories
from tests.unit.reports.samples import assessment, evidence, gap, not_assessed, principle
from tests.unit.reports.writing import write

TEXT = "We had a bike shop. I guess I led it. It went really well."
STORY = Story(text=TEXT, title="Bikes", path="bikes.md")
VOID = {"meta", "br", "rect"}
TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "a",
        "header",
        "h1",
        "h2",
        "h3",
        "p",
        "b",
        "i",
        "bdi",
        "section",
    ),
    *("main", "div", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "svg", "rect", "span", "button", "details"),
    *("summary", "q", "ol", "ul", "li", "mark", "sup", "footer", "script"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "dir", "aria-labelledby", "hidden"),
    *("aria-label", "aria-hidden", "aria-pressed", "scope", "viewbox", "preserveaspectratio", "width", "height", "x"),
    *("role", "tabindex", "type", "data-gap", "data-gaps", "data-g", "open", "title", "value"),
}


class Page(HTMLParser):
    """Reads a page and holds it to what such a page may be made of."""

    def __init__(self, text):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.policy = ""
        self.texts: dict[str, str] = {}
        self.told = ""
        self._in_text = 0
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        found: dict[str, Any] = dict(attrs)
        assert len(found) == len(attrs)
        assert tag in TAGS, tag
        assert set(found) <= ATTRIBUTES, set(found) - ATTRIBUTES
        self.tags.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        if "href" in found:
            self.links.append(found["href"])
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"]
        if tag not in VOID:
            self.open.append(tag)
            if found.get("class") == "text" or self._in_text:
                self._in_text += 1

    def handle_startendtag(self, tag, attrs):
        assert tag == "rect"
        assert {name for name, _ in attrs} <= ATTRIBUTES
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self._in_text -= bool(self._in_text)

    def handle_data(self, data):
        if self.open and self.open[-1] in {"style", "script"}:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data
        elif self._in_text and not {"sup", "bdi"} & set(self.open[-2:]):
            self.told += data


def page(*told, **summary):
    return Page(write(HtmlReport({"dive-deep": "Dive Deep"}), *told, **summary))


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def test_nothing_runs_or_loads_but_the_page_s_own_style_and_script():
    found = page((assessment(), STORY))
    rules = dict(rule.strip().split(" ", 1) for rule in found.policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == digest(found.texts["script"])
    assert rules["style-src"] == digest(found.texts["style"])
    assert rules["base-uri"] == rules["form-action"] == "'none'"
    assert all(link.startswith("#") for link in found.links)
    assert not re.search(r"url\(|@import|https?:", found.texts["style"] + found.texts["script"])


def test_every_link_leads_somewhere_and_no_id_is_given_twice():
    quotes = (evidence("I guess", 1, 21, 20), evidence("I led it", 1, 29, 28))
    values = [(assessment(gaps=(gap("hedging", "note", *quotes), gap())), STORY) for _ in range(3)]
    found = page(*values)
    assert len(set(found.ids)) == len(found.ids)
    assert {link[1:] for link in found.links} <= set(found.ids)


def test_the_story_is_told_whole_with_its_gaps_numbered():
    value = assessment(
        star=(StarSpan(part=Part.SITUATION, start=0, end=19), StarSpan(part=Part.ACTION, start=20, end=37)),
        gaps=(
            gap("hedging", "note", evidence("I guess I led it.", 1, 21, 20)),
            gap("vague-result", "error", evidence("led it. It went", 1, 31, 30)),
        ),
    )
    text = render_html(value, STORY)
    assert Page(text).told == TEXT
    assert 'title="Situation">S</bdi>' in text
    # the error comes first, so that its number is 1; where both hold, one mark stands in the other
    assert '<mark class="g d2 g-hedging" data-g="hedging"><mark class="g d1 g-vague-result"' in text
    assert 'href="#s1-g2" aria-label="hedging, number 2">2</a></sup>' in text


def test_a_story_without_its_text_is_told_by_its_quotes():
    text = render_html(assessment(gaps=(gap("hedging", "note", evidence("I guess", 7, 3)),)))
    assert '<p class="place">7:3 <q dir="auto">I guess</q></p>' in text
    assert 'class="text"' not in text


def test_the_overview_counts_strengths_and_principles():
    values = [
        assessment(strength=2, principles=(principle("dive-deep", 1, 2),), story={"title": "One"}),
        assessment(strength=4, principles=(principle("dive-deep", 1, 4), principle("frugality", 2, None))),
        not_assessed(),
    ]
    text = write(HtmlReport({"dive-deep": "Dive Deep", "frugality": "Frugality"}), *values)
    assert Page(text).tags.count("details") == 3
    assert "3 stories</h1>" in text
    assert "1 not assessed" in text
    assert re.search(r"<bdi>One</bdi></a></th><td class=\"l2\">2</td><td></td>", text)
    assert "Stories with evidence</th><td>2</td><td></td>" in text


def test_one_story_needs_no_overview():
    text = render_html(assessment(story={"title": "Bikes"}))
    assert "<h1><bdi>Bikes</bdi></h1>" in text
    assert 'class="heat"' not in text


def test_what_could_not_be_read_is_listed_with_its_reason():
    errors = (Trouble(path="bad<b>.md", line=3, kind="unreadable-story", reason="unknown key '<i>'"),)
    text = write(HtmlReport(), errors=errors, exit_code=2)
    Page(text)
    assert "bad&lt;b&gt;.md:3" in text
    assert "unknown key &#39;&lt;i&gt;&#39;" in text


def test_a_suppressed_gap_is_shown_with_its_reason():
    known = gap().model_copy(update={"suppressed": Suppression(kind="comment", reason="numbers are secret")})
    assert 'Ignored by a comment: <span dir="auto">numbers are secret</span>' in render_html(assessment(gaps=(known,)))


def test_text_that_turns_its_neighbours_around_shows_its_number():
    story = Story(text="a\u202eb\U000e0041c", title="t")
    text = render_html(assessment(gaps=(), star=()), story)
    assert 'a<span class="hid">U+202E</span>b<span class="hid">U+E0041</span>c' in text


def test_the_same_stories_make_the_same_bytes():
    assert render_html(assessment(), STORY) == render_html(assessment(), STORY)


@settings(deadline=None, max_examples=80)
@given(told_stories())
def test_hostile_text_adds_no_element_and_no_attribute(told):
    text = write(HtmlReport(), told)
    text.encode()
    found = Page(text)
    assert found.tags.count("script") == found.tags.count("style") == found.tags.count("details") == 1
    shown = re.sub(r"U\+[0-9A-F]{4,5}", "", found.told)
    expected = re.sub(
        "[\u202a-\u202e\u2066-\u2069\u200b\u2060-\u2064\ufeff\U000e0000-\U000e007f]", "", clean(told[1].text)
    )
    assert shown == re.sub(r"U\+[0-9A-F]{4,5}", "", expected)


def test_every_hostile_piece_is_held():
    for piece in PIECES:
        Page(render_html(hostile_assessment(Story(text=piece, title=piece, path=piece)), Story(text=piece)))


spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 40)).map(sorted), max_size=6)


@given(st.text(max_size=30), spans, spans)
def test_segments_are_the_text_and_carry_what_covers_them(text, marked, parted):
    marks = [Mark(number, 1, "hedging", start, end) for number, (start, end) in enumerate(marked, start=1)]
    star, last = [], 0
    for start, end in sorted(parted):
        if start >= last and end > start:
            star.append(StarSpan(part=Part.TASK, start=start, end=end))
            last = end
    segments = list(cut_segments(text, star, marks))
    assert "".join(segment.text for segment in segments) == text
    at = 0
    for segment in segments:
        covering = {mark.number for mark in marks if mark.start <= at < mark.end}
        assert {mark.number for mark in segment.marks} == covering
        assert (segment.part is Part.TASK) == any(span.start <= at < span.end for span in star)
        at += len(segment.text)
    opened = [mark.number for segment in segments for mark in segment.opened]
    closed = [mark.number for segment in segments for mark in segment.closed]
    assert sorted(opened) == sorted(closed) == [mark.number for mark in marks if mark.start < min(mark.end, len(text))]
