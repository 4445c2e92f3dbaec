"""The docs page in a real browser that can reach nothing but the service."""

import asyncio
import json
import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect
from pydantic import SecretStr

from app.settings import Settings
from app.store import Store
from tests.api.live import serving

expect.set_options(timeout=60_000)
pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE_MS = 30_000


class Visit:
    """A page on the service, with all that it asked for and complained of."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.outside: list[str] = []
        self.inside: list[str] = []
        self.complaints: list[str] = []
        page.set_default_timeout(_PATIENCE_MS)
        page.route("**/*", self._let_through_own)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _let_through_own(self, route: Route) -> None:
        url = route.request.url
        if url.startswith((f"{self.origin}/", "data:")):
            self.inside.append(url)
            route.continue_()
        else:
            self.outside.append(url)
            route.abort()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def origin(sqlite_url: str) -> Generator[str]:
    settings = Settings(database_url=SecretStr(sqlite_url), port=0, api_key=None, base_url=None)
    with serving(settings) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def token(sqlite_url: str) -> str:
    async def make() -> str:
        async with Store.open(sqlite_url) as store:
            return (await store.keys.add("ann")).token

    return asyncio.run(make())


@pytest.fixture
def visit(browser: Browser, origin: str) -> Visit:
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    return Visit(page, origin)


def test_a_visitor_tries_an_assessment_on_a_page_that_needs_nobody_else(token: str, visit: Visit, tmp_path: Path):
    page = visit.page
    page.goto(f"{visit.origin}/docs")
    expect(page.locator(".info .title")).to_contain_text("STAR Story Coach")
    page.screenshot(path=tmp_path / "opened.png")

    page.get_by_role("button", name="Authorize").click()
    page.get_by_label("auth-bearer-value").fill(token)
    page.get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close").click()

    operation = page.locator("#operations-assessments-create_assessment")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    page.screenshot(path=tmp_path / "ready.png", full_page=True)
    operation.get_by_role("button", name="Execute").click()

    answer = operation.locator(".live-responses-table .response")
    expect(answer.locator(".response-col_status").first).to_contain_text("201")
    body = json.loads(
        answer.locator(
            ".response-col_description .highlight-code code, .response-col_description pre"
        ).first.inner_text()
    )
    assert body["status"] == "assessed"
    assert 1 <= body["strength"] <= 5
    answer.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "answered.png")
    page.screenshot(path=tmp_path / "whole.png", full_page=True)

    assert visit.outside == []
    assert len(visit.inside) >= 6
    assert visit.complaints == []


def test_a_key_is_gone_when_the_page_is_opened_again(token: str, visit: Visit):
    page = visit.page
    page.goto(f"{visit.origin}/docs")
    page.get_by_role("button", name="Authorize").click()
    page.get_by_label("auth-bearer-value").fill(token)
    page.get_by_role("button", name="Apply credentials").click()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert token not in stored
    page.reload()
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_label("auth-bearer-value")).to_have_value(re.compile("^$"))


def test_the_page_can_be_read_on_a_phone(browser: Browser, origin: str, tmp_path: Path):
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{origin}/docs")
    expect(page.locator("#operations-assessments-create_assessment")).to_be_visible()
    page.screenshot(path=tmp_path / "phone.png")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
