"""Adding a source in chromium: what axe says of the page and of what it offers."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from spiders.finding.finder import SiteSources
from tests.scheduler.web.site.running import allow_private, serving
from tests.scheduler.web.site.sources.test_adding import DEAL, TOWN, offering, put_town, watch
from tests.spiders.made_site import made_site


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


def test_a_source_is_tried_and_removed_by_keyboard_alone(browser: Browser, tmp_path: Path) -> None:
    with made_site() as made, serving(tmp_path, editor="amina") as site:
        put_town(made)
        allow_private(site, made.host)
        source = watch(site, made.url("/feed"))
        page = browser.new_page(color_scheme="dark", viewport={"width": 360, "height": 800})
        page.goto(f"{site.url}/sources?lang=ar")
        page.locator(f'a[href="/sources/{source}"]').focus()
        press_enter(page)
        page.locator(f'form[action="/sources/{source}/try"] button').focus()
        press_enter(page)
        assert DEAL in page.get_by_role("status").inner_text()
        check(page)
        page.locator(f'form[action="/sources/{source}/remove"] input[name="why"]').focus()
        page.keyboard.press("Tab")
        press_enter(page)
        assert source in page.locator("pre").inner_text()
        check(page)


def press_enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def check(page: Page) -> None:
    found = Axe().run(page)
    assert not found.response["violations"], (page.url, found.generate_report())
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
