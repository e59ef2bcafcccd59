"""The login page in chromium."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from scheduler.web.site.installation import Reach
from tests.scheduler.web.site.access.proxy import proxying
from tests.scheduler.web.site.access.team import PASSWORD, Team, team


def enter(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_person_logs_in_answers_and_logs_out(browser: Browser, fresh: Team) -> None:
    page = browser.new_page()
    page.goto(f"{fresh.site.url}/review")
    assert page.url.endswith("/login?next=%2Freview")
    assert page.evaluate("document.activeElement.name") == "name"
    enter(page, "edda", "wrong")
    assert "is wrong" in page.get_by_role("alert").inner_text()
    assert page.evaluate("document.activeElement.name") == "password"
    enter(page, "edda", PASSWORD)
    assert page.url == f"{fresh.site.url}/review"
    page.locator("#item-4").get_by_role("button", name="Not relevant").click()
    page.locator("#item-4.answered").wait_for()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    page.goto(f"{fresh.site.url}/")
    assert page.url == f"{fresh.site.url}/login"
    page.close()


def test_a_person_logs_in_behind_a_proxy_with_a_prefix(browser: Browser, tmp_path: Path) -> None:
    reach = Reach(root_path="/watch")
    with (
        team(tmp_path, reach=reach) as behind,
        proxying(behind.site.port, "/watch", strips=True, scheme="http") as port,
    ):
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/watch/search?q=workers")
        enter(page, "rita", PASSWORD)
        assert page.url == f"http://127.0.0.1:{port}/watch/search?q=workers"
        page.get_by_role("link", name="Register").first.click()
        page.wait_for_url("**/watch/")
        page.close()


@pytest.mark.parametrize(
    ("scheme", "language"),
    [
        ("light", "en"),
        ("dark", "ar"),
        pytest.param("light", "fr", marks=pytest.mark.slow),
        pytest.param("dark", "es", marks=pytest.mark.slow),
    ],
)
def test_the_login_page_has_no_fault_and_is_not_cut(
    browser: Browser, logged_in: Team, scheme: str, language: str
) -> None:
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{logged_in.site.url}/login?lang={language}")
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()


def test_who_is_logged_in_is_shown_without_a_fault_or_a_cut(
    browser: Browser, logged_in: Team
) -> None:
    page = browser.new_page()
    page.set_viewport_size({"width": 360, "height": 800})
    value = logged_in.cookies["ada"]
    cookie = {"name": "accordwatch_session", "value": value, "url": logged_in.site.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    for path in ("/", "/review", "/sources"):
        page.goto(logged_in.site.url + path)
        found = Axe().run(page)
        assert not found.response["violations"], found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()
