"""A headless Chromium that can reach nothing but this machine."""

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.provide import provide_chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-default-apps",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture
def browser() -> Generator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=provide_chromium(), headless=True, args=FLAGS)
        yield browser
        browser.close()
