"""Being told, and accounts, in chromium: played from the button to the mail and back, in four
languages, without script.
"""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from scheduler.access.secret_values import stored_hash
from scheduler.configuration.user_subscriptions import link
from scheduler.web.site.gate import COOKIE
from storage.notifications import user_subscriptions
from storage.users import users
from tests.scheduler.notify.channels.mail_server import MailServer
from tests.scheduler.web.site.access.team import Team
from tests.storage.given import NOW, kept_mail

SECRET = "S" * 43
NEW = "quite another long password"


def opened(browser: Browser, team: Team, who: str = "", scheme: str = "light") -> Page:
    """A phone, without script, on which somebody is logged in."""
    context = browser.new_context(
        viewport={"width": 360, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    if who:
        cookie = {"name": COOKIE, "value": team.cookies[who], "url": team.site.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
    return context.new_page()


def address_in(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    match = re.search(r"http://\S+/mail/\S+", str(body.get_content()))
    assert match
    return match[0]


def test_a_reader_is_told_in_four_actions(browser: Browser, page: Team, mails: MailServer) -> None:
    shown = opened(browser, page, "rita")
    shown.goto(f"{page.site.url}/corridors/IT-TN")
    shown.get_by_role("link", name="Subscribe").click()
    shown.get_by_label("Mail address").fill("rita@ngo.example")
    shown.get_by_role("button", name="Subscribe").click()
    assert "sent a mail to rita@ngo.example" in shown.get_by_role("status").inner_text()
    assert not Axe().run(shown).response["violations"]
    ((_, mail),) = mails.accepted
    elsewhere = opened(browser, page)  # nobody is logged in where the mail is read
    elsewhere.goto(address_in(mail))
    elsewhere.get_by_role("button", name="Yes, subscribe").click()
    assert "Confirmed" in elsewhere.get_by_role("status").inner_text()
    elsewhere.get_by_role("button", name="Pause").click()
    shown.goto(f"{page.site.url}/subscriptions")
    shown.get_by_role("button", name=re.compile("^Resume")).click()
    assert "Resumed" in shown.get_by_role("status").inner_text()
    shown.get_by_role("button", name=re.compile("^End")).click()
    elsewhere.reload()
    assert "There is no subscription for this link" in elsewhere.get_by_role("status").inner_text()


def test_who_is_added_comes_in(browser: Browser, page: Team) -> None:
    shown = opened(browser, page, "ada")
    shown.goto(f"{page.site.url}/users")
    shown.get_by_label("Name").fill("nour")
    shown.get_by_role("button", name="Add a user").click()
    assert "nour" in shown.get_by_role("status").inner_text()
    assert not Axe().run(shown).response["violations"]
    elsewhere = opened(browser, page)
    elsewhere.goto(shown.locator("pre").inner_text())
    elsewhere.get_by_label("Password", exact=True).fill(NEW)
    elsewhere.get_by_label("Repeat the password").fill(NEW)
    elsewhere.get_by_role("button", name="Save").click()
    elsewhere.get_by_label("Name", exact=True).fill("nour")
    elsewhere.get_by_label("Password", exact=True).fill(NEW)
    elsewhere.get_by_role("button", name="Log in").click()
    assert elsewhere.url == f"{page.site.url}/"


def test_an_account_is_used_by_keyboard_alone(browser: Browser, page: Team) -> None:
    """From the name in the head of the page to a token, and on to removing it."""
    shown = opened(browser, page, "edda")
    shown.goto(page.site.url)

    def tab_to(label: str) -> None:
        for _ in range(80):
            shown.keyboard.press("Tab")
            at = shown.evaluate(
                "(e => [e.name, e.value, e.innerText, e.ariaLabel].join(' '))"
                "(document.activeElement)"
            )
            if label in at:
                return
        raise AssertionError(f"{label} is not reached by Tab")

    tab_to("edda")
    with shown.expect_navigation():
        shown.keyboard.press("Enter")
    tab_to("note")
    shown.keyboard.type("notebook")
    with shown.expect_navigation():
        shown.keyboard.press("Enter")
    assert "Copy this token now" in shown.get_by_role("status").inner_text()
    assert shown.locator("pre").inner_text().startswith("aw_")
    assert not Axe().run(shown).response["violations"]
    tab_to("Remove: notebook")
    with shown.expect_navigation():
        shown.keyboard.press("Enter")
    assert "The token was removed" in shown.get_by_role("status").inner_text()


def test_a_user_is_removed_by_keyboard_alone(browser: Browser, page: Team) -> None:
    shown = opened(browser, page, "ada")
    shown.goto(f"{page.site.url}/users")
    shown.locator("summary[aria-label='Remove: rita']").focus()
    shown.keyboard.press("Enter")
    assert shown.get_by_text("end at once").last.is_visible()
    shown.keyboard.press("Tab")
    with shown.expect_navigation():
        shown.keyboard.press("Enter")
    assert "rita was removed" in shown.get_by_role("status").inner_text()
    assert not Axe().run(shown).response["violations"]


@pytest.mark.parametrize(
    ("scheme", "language"),
    [
        ("dark", "ar"),
        pytest.param("light", "fr", marks=pytest.mark.slow),
        pytest.param("light", "en", marks=pytest.mark.slow),
        pytest.param("dark", "es", marks=pytest.mark.slow),
    ],
)
def test_pages_of_accounts_and_links_have_no_fault_and_are_not_cut(
    browser: Browser, page: Team, scheme: str, language: str
) -> None:
    with page.database.begin() as s:
        rita = users.user_named(s, "rita")
        assert rita
        users.add_link(s, rita[0].id, stored_hash(SECRET), NOW + timedelta(hours=1), NOW)
        waiting = kept_mail(user_id=rita[0].id, page=page.site.url, confirmed_at=None)
        user_subscriptions.add(s, kept_mail(user_id=rita[0].id, page=page.site.url))
        user_subscriptions.add(s, waiting)
        links = [
            link(everybody).removeprefix(page.site.url)
            for everybody in user_subscriptions.everybodys(s)
        ]
    own = {
        "": [f"/password/{SECRET}", *links, "/mail/1.none"],
        "rita": ["/account", "/subscriptions", "/subscribe?party=IT&topic=visa", "/agreements/A1"],
        "ada": ["/users"],
    }
    for who, paths in own.items():
        shown = opened(browser, page, who, scheme)
        for path in paths:
            joint = "&" if "?" in path else "?"
            shown.goto(f"{page.site.url}{path}{joint}lang={language}")
            found = Axe().run(shown)
            assert not found.response["violations"], (path, found.generate_report())
            wide = shown.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, path
