"""An editor's morning in chromium, by keyboard alone: only Tab, Enter, Space and letters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from storage.records import Status
from storage.register.decisions import decisions
from tests.scheduler.cli.test_review import borne_out, unsure
from tests.scheduler.web.site.running import Site, database_of, serving
from tests.storage.given import card

_MOST_TABS = 80


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on whose console nothing but refused requests may be said: no broken policy."""
    expected = ("Failed to load resource", "htmx: htmx:error: Failed to fetch")
    page, complaints = browser.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text))
    yield page
    page.close()
    assert [line for line in complaints if not line.startswith(expected)] == []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    talks = card(parties=("IT", "TN"), status=Status.NEGOTIATING)
    news = [borne_out(1), borne_out(2, card=talks, title="Rome and Tunis talk about workers")]
    news += [unsure(number, probability) for number, probability in ((3, 0.4), (4, 0.3), (5, 0.2))]
    with serving(tmp_path, *news, editor="amina") as site:
        yield site


def open_list(page: Page, address: str) -> None:
    """A page whose answers come in their places: htmx starts a moment after the page has loaded."""
    page.goto(address)
    page.locator("[data-htmx-powered]").first.wait_for(state="attached")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} was not reached")


def enter(page: Page, selector: str) -> None:
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_the_daily_task_by_keyboard_alone(page: Page, site: Site) -> None:
    page.goto(site.url)
    tab_to(page, 'input[name="q"]')
    page.keyboard.type("workers")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    enter(page, ".register tbody th a")
    enter(page, ".report .title a")
    assert page.locator("mark").count() > 0
    enter(page, 'aside a[href$="/edit"]')
    tab_to(page, 'input[name="parties"]')  # what stands in it is selected: typing replaces it
    page.keyboard.type("Italy, Libya")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Italy and Libya" in page.get_by_role("status").inner_text()
    page.keyboard.press("Tab")  # undo is one tab away
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Undone" in page.get_by_role("status").inner_text()
    assert "Tunisia" in page.locator(".lead").inner_text()

    enter(page, 'nav a[href="/review"]')
    tab_to(page, "#queue a")
    page.keyboard.press("y")
    page.locator("#item-3.answered").wait_for()
    page.locator("#item-4:focus").wait_for()
    assert page.locator("#outcome").inner_text() == "added document 3 to the register"
    page.keyboard.press("n")
    page.locator("#item-4.answered").wait_for()
    page.locator("#item-5:focus").wait_for()
    page.keyboard.press("u")
    page.locator("#item-4[data-open]").wait_for()
    page.locator("#item-4:focus").wait_for()
    assert page.locator("#waiting").inner_text() == "2"
    with database_of(site).read() as s:
        assert [(decision.kind, bool(decision.undone_at)) for decision in decisions(s)] == [
            ("correct", True),
            ("relevant", False),
            ("irrelevant", True),
        ]


def test_j_and_k_walk_and_letters_do_nothing_when_keys_are_off(page: Page, site: Site) -> None:
    open_list(page, f"{site.url}/review")
    walked = []
    for key in "jjkjjj":
        page.keyboard.press(key)
        walked.append(focused(page))
    assert walked == ["item-3", "item-4", "item-3", "item-4", "item-5", "item-5"]
    page.locator("#keys-on").focus()
    page.keyboard.press("n")  # the focus is not in the queue
    page.keyboard.press("Space")
    page.reload()
    assert not page.locator("#keys-on").is_checked()
    tab_to(page, "#queue a")
    page.keyboard.press("n")
    assert page.locator(".answered").count() == 0
    assert page.locator("article[data-open]").count() == 3


def test_letters_are_text_where_one_writes(page: Page, site: Site) -> None:
    open_list(page, f"{site.url}/review")
    page.keyboard.press("c")
    page.locator('#item-3 input[name="parties"]').wait_for()
    page.locator("[name=parties]:focus").wait_for()
    page.locator('#item-3 input[name="place"]').focus()
    page.keyboard.type("junky")
    assert page.locator(".answered").count() == 0
    assert page.locator('#item-3 input[name="place"]').input_value() == "junkyRabat"
    assert not Axe().run(page).response["violations"]


def test_a_letter_before_htmx_has_come_leads_to_the_same_field(page: Page, site: Site) -> None:
    page.route("**/htmx.min.js*", lambda route: route.fulfill(body=""))
    page.goto(f"{site.url}/review")
    with page.expect_navigation():
        page.keyboard.press("c")
    page.locator("[name=parties]:focus").wait_for()


def test_a_refusal_is_a_sentence_in_its_place(page: Page, site: Site) -> None:
    open_list(page, f"{site.url}/review")
    page.evaluate("document.querySelector('#item-3 [name=token]').value = 'forged'")
    page.keyboard.press("j")
    page.keyboard.press("y")
    page.locator("#trouble-3 .fault").wait_for()
    assert page.locator("#item-3[data-open]").count() == 1
    page.route("**/review", lambda route: route.abort())
    page.keyboard.press("j")
    page.keyboard.press("n")
    page.locator("#trouble-4:not(:empty)").wait_for()
    assert "does not respond" in page.locator("#trouble-4").inner_text()
    with database_of(site).read() as s:
        assert decisions(s) == []


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "ar")])
def test_no_form_has_a_fault_or_is_cut(
    browser: Browser, site: Site, scheme: str, language: str
) -> None:
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 360, "height": 900})
    paths = ["/agreements/A1/edit", "/agreements/A1/merge?other=A2", "/documents/1/edit"]
    paths += [
        "/agreements/A1/merge?other=A99",
        "/review",
        "/review/3",
        "/review?audit=1",
    ]
    for path in paths:
        page.goto(f"{site.url}{path}{'&' if '?' in path else '?'}lang={language}")
        found = Axe().run(page)
        assert not found.response["violations"], (path, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    page.close()


def test_before_the_first_j_an_answer_is_for_the_first_document(page: Page, site: Site) -> None:
    open_list(page, f"{site.url}/review")
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("n")
    page.locator("#item-3.answered").wait_for()
    page.locator("#item-4:focus").wait_for()
    assert page.locator("article[data-open]").count() == 2


def test_an_entry_is_ruled_out_from_its_own_page_by_keyboard(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/agreements/A2")
    tab_to(page, ".asks summary")
    page.keyboard.press("Enter")
    enter(page, ".asks button")
    assert site.ask("/agreements/A2").code == 410


def test_the_letter_n_asks_before_an_entry_is_removed(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/agreements/A2")
    page.keyboard.press("n")
    page.locator(".asks button:focus").wait_for()
    assert page.locator(".asks .hint").is_visible()
    assert not Axe().run(page).response["violations"]
    assert site.ask("/agreements/A2").code == 200


def test_what_was_removed_is_named_beside_the_way_back(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/agreements/A2")
    page.keyboard.press("n")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    told = page.get_by_role("status").inner_text()
    assert "Removed “Rome and Tunis talk about workers” from Italy–Tunisia" in told
    page.keyboard.press("Tab")  # undo is one tab away
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert site.ask("/agreements/A2").code == 200


def test_what_was_removed_in_a_list_is_named_in_its_place(page: Page, site: Site) -> None:
    open_list(page, site.url)
    page.keyboard.press("n")
    done = page.locator("#queue .answered .done")
    done.wait_for()
    assert "Removed “" in done.inner_text()
    assert page.locator("#outcome").inner_text().startswith("Removed “")


def test_letters_answer_for_an_entry_on_its_page(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/agreements/A2")
    with page.expect_navigation():
        page.keyboard.press("y")
    assert "Confirmed by a person: amina." in page.inner_text("main")
    with page.expect_navigation():
        page.keyboard.press("u")
    assert "Confirmed by a person" not in page.inner_text("main")
    with page.expect_navigation():
        page.keyboard.press("c")
    assert page.url.endswith("/agreements/A2/edit")


def test_letters_answer_for_entries_of_the_register_in_their_places(page: Page, site: Site) -> None:
    open_list(page, site.url)
    assert page.locator("#queue article[data-open]").count() == 2
    first, second = (page.locator("#queue article").nth(at).get_attribute("id") for at in (0, 1))
    page.keyboard.press("j")
    assert focused(page) == first
    page.keyboard.press("y")
    page.locator(f"#{first}.answered").wait_for()
    page.locator(f"#{second}:focus").wait_for()
    page.keyboard.press("n")
    page.locator(f"#{second}.answered").wait_for()
    assert not Axe().run(page).response["violations"]
    page.keyboard.press("u")
    page.locator(f"#{second}[data-open]").wait_for()
    assert page.locator("#outcome").inner_text() == "Undone: document 1 is not relevant" or (
        page.locator("#outcome").inner_text() == "Undone: document 2 is not relevant"
    )
    with database_of(site).read() as s:
        assert [(decision.kind, bool(decision.undone_at)) for decision in decisions(s)] == [
            ("confirm", False),
            ("irrelevant", True),
        ]


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
def test_the_question_whether_it_is_an_agreement_fits_a_phone(
    browser: Browser, site: Site, language: str, scheme: str
) -> None:
    page = browser.new_page(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": 360, "height": 800},
    )
    page.goto(f"{site.url}/agreements/A1?lang={language}")
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for act in ("button[value=yes]", ".asks summary", ".corrects"):
        assert page.locator(f".answers {act}").is_visible()
    page.close()


def test_a_question_mark_leads_to_the_keys_from_where_they_still_work(
    page: Page, site: Site
) -> None:
    open_list(page, f"{site.url}/review")
    page.keyboard.press("j")
    page.keyboard.press("?")
    assert page.evaluate("document.activeElement.id") == "keys"
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.matches('#queue article')")


def test_the_register_is_sorted_and_given_columns_by_keyboard_alone(page: Page, site: Site) -> None:
    page.goto(site.url)
    enter(page, ".register th.c-reports a")
    assert page.locator("th.c-reports").get_attribute("aria-sort") == "descending"
    tab_to(page, "details.which > summary")
    page.keyboard.press("Enter")
    tab_to(page, 'input[name="columns"][value="grade"]')
    page.keyboard.press("Space")
    enter(page, 'button[form="columns"]')
    assert page.locator("th.c-grade").count() == 0
    assert page.locator("th.c-reports").get_attribute("aria-sort") == "descending"


def test_an_agreement_is_added_by_keyboard_alone(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/add")
    tab_to(page, 'input[name="title"]')
    page.keyboard.type("Agreement on nurses")
    tab_to(page, 'input[name="parties"]')
    page.keyboard.type("Kenya, Germany")
    tab_to(page, 'select[name="status"]')
    page.keyboard.type("signed")
    enter(
        page, 'input[name="place"]'
    )  # Enter in a field adds it, though "Read" is the first button
    assert "Agreement on nurses" in page.locator("main").inner_text()
