"""Both sides of what is perhaps one agreement, answered with three keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from storage.records import Status, Topic
from storage.register.decisions import decisions
from storage.register.tables import Agreements
from tests.scheduler.command_line import accordwatch
from tests.scheduler.decisions.test_duplicates import SIGNED, told
from tests.scheduler.web.site.running import Site, database_of, serving

AGAIN = {"status": Status.SIGNED, "event_date": date(2026, 6, 12)}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    news = [
        told(1, topics=(Topic.LABOUR,), instrument=None, **SIGNED),
        told(2, topics=(Topic.TRAFFICKING,), instrument=None, **SIGNED),
        told(3, parties=("IT", "TN"), **SIGNED),
        told(4, parties=("IT", "TN"), **AGAIN),
    ]
    with serving(tmp_path, *news, editor="amina") as site:
        with site.served.database.begin() as s:
            both = update(Agreements).where(Agreements.id == 2)
            s.execute(both.values(topics=["labour_mobility"]))
        yield site


def decided(site: Site) -> list[str]:
    with database_of(site).read() as s:
        return [decision.kind for decision in decisions(s) if decision.undone_at is None]


def test_the_keys_say_two_one_and_not_sure(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/review")
    page.get_by_role("link", name="Duplicates").click()
    assert page.locator("#left").inner_text() == "2 questions waiting."
    first = page.locator("article").first
    assert "Same parties." in first.inner_text()
    assert "Same day." in first.inner_text()
    assert first.locator(".sides > [role='group']").count() == 2
    # An entry may stand in several pairs, and landmarks need names of their own.
    assert page.locator(".sides > section[aria-labelledby]").count() == 0
    second = page.locator("article").nth(1)
    assert "It reports a signature 94 days after the first." in second.inner_text()
    assert not Axe().run(page).response["violations"]
    page.keyboard.press("3")
    assert page.evaluate("document.activeElement.id") == second.get_attribute("id")
    with page.expect_navigation():
        page.keyboard.press("1")
    assert "document 4 belongs to A3" in page.locator(".done").inner_text()
    with page.expect_navigation():
        page.keyboard.press("2")
    assert "A1 and A2 are two agreements" in page.locator(".done").inner_text()
    assert page.locator("#left").inner_text() == "0 questions waiting."
    assert decided(site) == ["together", "apart"]
    with page.expect_navigation():
        page.locator(".done .undo button").click()
    assert decided(site) == ["together"]


def test_what_changed_meanwhile_is_not_decided(site: Site) -> None:
    shown = site.ask("/duplicates").text
    assert 'action="/agreements/A1/merge"' in shown
    for act, field in (("apart", "other=A2"), ("together", "document=4")):
        sent = f"{field}&token=forged&back=/duplicates"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert site.post(f"/agreements/A1/{act}", sent, headers).code == 403
    assert decided(site) == []


def test_programs_and_the_terminal_get_the_same(site: Site, tmp_path: Path) -> None:
    expected = [
        {
            "agreement_id": "A1",
            "other_agreement_id": "A2",
            "document_id": None,
            "days": 0,
            "is_close": False,
        },
        {
            "agreement_id": "A3",
            "other_agreement_id": None,
            "document_id": 4,
            "days": 94,
            "is_close": False,
        },
    ]
    assert site.ask("/api/v1/review/duplicates").json["items"] == expected
    shown = accordwatch("review", "--duplicates", cwd=tmp_path).stdout
    assert "A1" in shown
    assert "A2" in shown
