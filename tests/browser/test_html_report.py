"""The HTML report in a real browser, opened from a file."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from app.analysis.places import Places
from app.catalog import Catalog
from app.domain import (
    Assessment,
    ExpectationFinding,
    Flag,
    FlagCode,
    FollowUp,
    GapCode,
    Part,
    Severity,
    StarSpan,
    Story,
)
from app.reports.html import HtmlReport
from tests.unit.reports.hostile import PIECES, hostile_assessment
from tests.unit.reports.samples import assessment, gap, principle
from tests.unit.reports.writing import write

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = {one.id: one.name for one in Catalog().rubric("leadership-principles").principles}
CONTRAST = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const rgba = parse(getComputedStyle(at).backgroundColor);
      if (rgba.length === 3 || rgba[3] === 1) return rgba;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("script")) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${element.className} ${walker.currentNode.data.trim()} ${ratio.toFixed(2)}`);
  }
  return [...new Set(faint)];
}"""


class Reader:
    """Somebody who opens a report, with all that the page asks for and complains of."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.page: Page = browser.new_context(**options).new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._refuse)

    def _refuse(self, dialog: Dialog) -> None:
        self.complaints.append("a dialog")
        dialog.dismiss()

    def open(self, path: Path) -> Page:
        self.page.goto(path.as_uri())
        return self.page


TEXT = (
    "We ran a bike shop in a small town, and in March 2021 every third order came late. My goal was a late rate "
    "below one in ten. I guess I wrote down where each parcel waited, found that two shelves had one label, and "
    "printed new ones. It went really well, and they had never looked.\n"
)


def told_story(number: int) -> tuple[Assessment, Story]:
    """Return one story with a gap of its own kind, a second one over the same words, and all parts."""
    places = Places(TEXT)
    starts = [0, TEXT.index("My goal"), TEXT.index("I guess"), TEXT.index("It went"), len(TEXT)]
    star = [StarSpan(part=part, start=a, end=b) for part, a, b in zip(Part, starts, starts[1:], strict=False)]
    codes = list(GapCode)
    severities = list(Severity)
    first, second = codes[number % 12], codes[(number + 1) % 12]
    value = assessment(
        story={"id": None, "title": f"The shelf {number}", "path": f"stories/{number}.md"},
        strength=number % 5 + 1,
        star=tuple(star),
        principles=tuple(
            principle(name, rank, (number + rank) % 5 + 1, declared=rank == 1)
            for rank, name in enumerate(("ownership", "dive-deep", "deliver-results"), start=1)
        ),
        gaps=(
            gap(first, severities[number % 3], places.evidence(starts[2], starts[3])),
            gap(second, severities[(number + 1) % 3], places.evidence(starts[2] + 8, starts[3] + 20)),
        ),
        flags=(Flag(code=FlagCode.SUSPICIOUS_TEXT, message="Odd.", evidence=(places.evidence(0, 6),)),),
        expectations=tuple(
            ExpectationFinding(id=f"e-{met}", met=met, text="One decision is shown.", severity=Severity.NOTE)
            for met in (True, False)
        ),
        follow_ups=(FollowUp(question="How late?", evidence=places.evidence(0, 20)),),
    )
    return value, Story(text=TEXT, title=f"The shelf {number}", path=f"stories/{number}.md", first_char=0)


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a report of twelve stories, with every kind of gap and every level."""
    path = tmp_path_factory.mktemp("report") / "several.html"
    path.write_text(write(HtmlReport(NAMES), *map(told_story, range(12))), encoding="utf-8")
    return path


def test_it_opens_from_a_file_and_asks_for_nothing(browser: Browser, several: Path):
    reader = Reader(browser)
    page = reader.open(several)
    expect(page.get_by_role("heading", name="12 stories")).to_be_visible()
    expect(page.locator("details[open]")).to_have_count(1)
    assert reader.asked == [several.as_uri()]
    assert reader.complaints == []


def test_it_is_read_with_the_keyboard_alone(browser: Browser, several: Path):
    page = Reader(browser).open(several)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("region", name="Table of principles by story")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"

    page.get_by_role("button", name="vague-result").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("2 of 12 stories have these gaps")
    expect(page.get_by_role("button", name="vague-result")).to_have_attribute("aria-pressed", "true")
    shown = page.locator("details.story:not([hidden])")
    expect(shown).to_have_count(2)

    shown.first.locator("summary").focus()
    page.keyboard.press("Space")
    expect(shown.first).to_have_attribute("open", "")
    expect(shown.first.locator(".gap:visible")).to_have_count(1)
    shown.first.locator("sup a:visible").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".gap:target")).to_be_in_viewport()

    page.get_by_role("button", name="all", exact=True).press("Enter")
    expect(page.locator("details.story:not([hidden])")).to_have_count(12)


def test_a_link_of_the_heat_map_unfolds_its_story(browser: Browser, several: Path):
    page = Reader(browser).open(several)
    page.locator(".heat a").nth(7).press("Enter")
    expect(page.locator("#s8")).to_have_attribute("open", "")
    expect(page.locator("#s8 summary")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
def test_all_text_stands_out_and_nothing_overflows(browser: Browser, several: Path, scheme: str, width: int):
    page = Reader(browser, color_scheme=scheme, viewport={"width": width, "height": 900}).open(several)
    page.get_by_role("button", name="Unfold all").click()
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(16, 19, 23)") == (scheme == "dark")


def test_it_prints_every_story_on_white(browser: Browser, several: Path):
    page = Reader(browser, color_scheme="dark").open(several)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(CONTRAST) == []
    expect(page.locator(".filter")).to_be_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("details[open]")).to_have_count(12)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("details[open]")).to_have_count(1)


def test_hostile_stories_run_nothing_and_stay_in_their_place(browser: Browser, tmp_path: Path):
    long = "I did it and she said no. " * 1_500 + "x" * 1_000
    stories = [Story(text=text, title=text[:200], path=text[:90]) for text in (*PIECES, long)]
    told = [(hostile_assessment(story), story) for story in stories]
    path = tmp_path / "hostile.html"
    path.write_bytes(write(HtmlReport(NAMES), *told).encode())
    reader = Reader(browser, viewport={"width": 360, "height": 800})
    page = reader.open(path)
    page.get_by_role("button", name="Unfold all").click()
    assert page.locator("details.story").count() == len(stories)
    assert page.locator("img, iframe, object, embed, form, input, link, base").count() == 0
    assert page.locator("script").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator(".text").first.inner_text().startswith("A</script><script>")
    assert reader.asked == [path.as_uri()]
    assert reader.complaints == []


def test_a_thousand_stories_open_and_are_filtered(browser: Browser, tmp_path: Path):
    told = [told_story(number) for number in range(1000)]
    path = tmp_path / "thousand.html"
    path.write_text(write(HtmlReport(NAMES), *told), encoding="utf-8")
    reader = Reader(browser)
    page = reader.open(path)
    expect(page.locator("details.story")).to_have_count(1000)
    expect(page.locator("details[open]")).to_have_count(1)
    page.get_by_role("button", name="hedging").click()
    expect(page.get_by_role("status")).to_have_text("166 of 1000 stories have these gaps")
    page.locator("#s995 summary").click()
    expect(page.locator("#s995 .text")).to_be_visible()
    assert reader.complaints == []


def test_a_story_from_right_to_left_is_read_from_right_to_left(browser: Browser, tmp_path: Path):
    story = Story(text="في مارس توليت المخزن. تحسن الأمر.\nI fixed it.", title="المخزن")
    path = tmp_path / "rtl.html"
    path.write_text(write(HtmlReport(NAMES), (hostile_assessment(story), story)), encoding="utf-8")
    page = Reader(browser).open(path)
    assert page.evaluate("document.querySelector('.text').matches(':dir(rtl)')")
    assert page.evaluate("document.querySelector('h2 bdi').matches(':dir(rtl)')")
    assert page.evaluate("document.querySelector('.gap p:nth-child(2)').matches(':dir(ltr)')")
