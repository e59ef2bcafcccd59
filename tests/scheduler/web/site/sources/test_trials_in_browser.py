"""Trials of a site and of a rule in chromium: what axe says of their pages, and how they end."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from storage.trials import TrialKind, begin_trial, end_trial
from tests.scheduler.web.site.running import Site, database_of, serving
from tests.scheduler.web.site.sources.test_adding import TOWN
from tests.storage.given import NOW


def test_a_page_of_a_trial_has_no_fault_and_is_loaded_anew_when_it_has_ended(
    browser: Browser, tmp_path: Path
) -> None:
    with serving(tmp_path, editor="amina") as site:
        page = browser.new_page(color_scheme="dark", viewport={"width": 360, "height": 800})
        site_of = begun(site, TrialKind.SITE, {"url": "https://town.example"})
        rule = begun(site, TrialKind.RULE, {"text": "schema: 1\n" + "x" * 300})
        page.goto(f"{site.url}/rules/over/{rule}?lang=ar")
        check(page)
        page.goto(f"{site.url}/sources/add/{site_of}?lang=ar")
        check(page)
        with database_of(site).begin() as s:
            end_trial(s, site_of, {"sources": [TOWN, TOWN]}, NOW)
            end_trial(s, rule, {"fault": "rule", "line": "x" * 300}, NOW)
        page.wait_for_selector("fieldset.offers", timeout=20_000)
        check(page)
        for path in (f"/rules/over/{rule}", "/rules/over", "/sources", "/sources/add"):
            page.goto(f"{site.url}{path}")
            check(page)


def begun(site: Site, kind: TrialKind, asked: dict[str, str]) -> int:
    with database_of(site).begin() as s:
        number = begin_trial(s, kind, dict(asked), "amina", NOW)
    assert number is not None
    return number


def check(page: Page) -> None:
    found = Axe().run(page)
    assert not found.response["violations"], (page.url, found.generate_report())
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
