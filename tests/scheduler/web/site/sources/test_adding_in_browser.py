"""Adding a source in chromium: what axe says of the page and of what it offers."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from spiders.finding.finder import SiteSources
from tests.scheduler.web.site.running import serving
from tests.scheduler.web.site.sources.test_adding import TOWN, offering


def test_adding_a_source_has_no_fault(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering(monkeypatch, SiteSources(sources=(TOWN, TOWN), name="The Town"))
    with serving(tmp_path, editor="amina") as site:
        page = browser.new_page(color_scheme="dark", viewport={"width": 360, "height": 800})
        page.goto(f"{site.url}/sources/add?lang=ar")
        check(page)
        page.locator('input[name="url"]').fill("https://town.example")
        page.locator("main form.edit button").click()
        page.wait_for_selector("fieldset.offers")
        check(page)
        page.goto(f"{site.url}/sources")
        check(page)


def check(page: Page) -> None:
    found = Axe().run(page)
    assert not found.response["violations"], (page.url, found.generate_report())
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
