import re

from hypothesis import example, given, settings
from markdown_it import MarkdownIt

from app.domain import ShownSignal, Story, Suppression, Unproven
from app.reports.markdown import COMMENT_BYTES, MarkdownReport, escape_text
from app.reports.report import Trouble
from tests.unit.reports.hostile import hostile_assessment, texts, told_stories
from tests.unit.reports.samples import assessment, evidence, gap, not_assessed, principle
from tests.unit.reports.writing import write

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
AUTOLINK = re.compile(r"https?://|ftp://|www\.|[\w.+-]+@[\w-]+\.|(mailto|xmpp):\S", re.IGNORECASE)
REFERENCE = re.compile(r"[@#!~%&$]\w|\bGH-\d|\b(?=[0-9]*[a-f])[0-9a-f]{7,40}\b", re.IGNORECASE)
OURS = {"<br>"}


def render(*told, **summary):
    return write(MarkdownReport({"dive-deep": "Dive Deep"}), *told, **summary)


def tokens(text):
    for token in MARKDOWN.parse(text):
        yield token
        yield from token.children or ()


def shown(text):
    """Return what a reader sees, as a service looks at it for references after rendering."""
    return " ".join(token.content for token in tokens(text) if token.type == "text")


def test_a_report_reads_like_this():
    text = render(assessment(gaps=(gap("missing-metric", "error", evidence("It went well.", 7, 3)),)))
    assert text == (
        "## Story check: 1 story\n\n"
        "1 assessed, mean strength 4.0 of 5.\n\n"
        "| strength | story | error | warning | note | principle |\n"
        "|:--|:--|--:|--:|--:|:--|\n"
        "| ●●●●○ 4/5 | The late train | 1 | · | · | Dive Deep 4/5 |\n\n"
        "### The late train\n\n"
        "●●●●○ 4/5 stories/train.md\n\n"
        "- 🔴 **missing-metric** (error, line 7): An outcome is told and no number measures it.<br>"
        "*Which number would show it?*\n"
    )


def test_what_a_model_doubts_stands_where_the_gaps_are():
    against = ShownSignal(
        id="skims", text="Skims a report.", speaks_for=False, evidence=(evidence("I read the summary.", 4),)
    )
    text = render(
        assessment(
            principles=(principle("dive-deep", 1, disputed=True, signals=(against,)),),
            gaps=(gap("missing-metric", "error", evidence("It went well.", 7, 3), disputed=True),),
            unproven=(Unproven(reason="Nobody measured it.", evidence=evidence("All were *happy*.", 8)),),
        )
    )
    assert "| Dive Deep 4/5, disputed by the model |" in text
    assert "- 🔴 **missing-metric** (error, line 7, disputed by the model): " in text
    assert "- ❔ **unproven** (line 8): “All were &#42;happy&#42;.” Nobody measured it.\n" in text
    assert "- ➖ **against dive-deep** (by the model, line 4): Skims a report. “I read the summary.”\n" in text


def test_three_gaps_that_matter_most_are_told_and_the_others_counted():
    gaps = (
        gap("hedging", "note"),
        gap("no-learning", "warning"),
        gap("thin-action", "error"),
        gap("vague-result", "error"),
    )
    text = render(assessment(gaps=gaps))
    assert re.findall(r"\*\*([a-z-]+)\*\*", text) == ["thin-action", "vague-result", "no-learning"]
    assert "- and 1 more" in text


def test_what_could_not_be_assessed_comes_first_with_its_reason():
    errors = (Trouble(path="bad.md", line=3, kind="unreadable-story", reason="unknown key"),)
    text = render(not_assessed("too short"), errors=errors)
    assert "**1 not assessed**, **1 unreadable**" in text
    assert text.index("bad.md:3: unknown key") < text.index("| not assessed | The late train |")
    assert "⚠️ too short" in text


def test_a_thousand_stories_fit_a_comment_and_the_weakest_are_kept():
    report = MarkdownReport(most=COMMENT_BYTES)
    long = tuple(gap("hedging", "error", evidence("x" * 300, line)) for line in range(1, 9))
    values = [
        assessment(strength=1 if index == 777 else 5, story={"title": f"story no {index} " + "é" * 50}, gaps=long)
        for index in range(1000)
    ]
    text = write(report, *values)
    assert len(text.encode()) <= COMMENT_BYTES
    assert "### story no 777 " in text
    rows = text.count("| ●")
    assert f"{1000 - rows} more stories are not in the table." in text
    assert list(tokens(text))


def test_memory_stays_bounded_however_many_stories_come():
    report = MarkdownReport(most=20_000)
    value = assessment(story={"title": "t" * 100})
    for _ in range(2_000):
        report.add(value)
    assert len(report._entries) < 500


@settings(deadline=None, max_examples=100)
@example("-")
@example("+ x")
@example("1. x")
@example("23)")
@given(texts)
def test_no_text_becomes_markup_a_link_or_a_reference(text):
    for frame in ("{}", "| a |\n|:--|\n| {} |\n", "- x: {}\n", "### {}\n", "*{}*", "x<br>*{}*"):
        document = frame.format(escape_text(text) or "x")
        plain = frame.format("x")
        kinds = [token.type for token in tokens(document) if token.type != "text"]
        assert kinds == [token.type for token in tokens(plain) if token.type != "text"]
        assert not AUTOLINK.search(shown(document))
        assert not REFERENCE.search(shown(document))


@settings(deadline=None, max_examples=60)
@given(told_stories())
def test_hostile_stories_add_no_html_no_link_and_no_image(told):
    text = render(told)
    text.encode()
    for token in tokens(text):
        assert token.type not in {
            "link_open",
            "image",
            "html_block",
            "fence",
            "code_block",
            "code_inline",
            "blockquote_open",
        }
        if token.type == "html_inline":
            assert token.content in OURS
    assert not AUTOLINK.search(shown(text).replace("##", ""))
    assert sum(token.type == "heading_open" for token in tokens(text)) == 2


def test_a_text_of_forty_thousand_characters_is_cut():
    value = hostile_assessment(Story(text="a " * 20_000, title="b" * 40_000, path="a.md"))
    assert len(render(value)) < 8_000


def test_a_suppressed_gap_is_neither_counted_nor_told():
    known = gap().model_copy(update={"suppressed": Suppression(kind="comment", reason="secret")})
    text = render(assessment(gaps=(known, gap("hedging", "note"))))
    assert "| · | · | 1 |" in text
    assert "missing-metric" not in text
