"""A published site in chromium: found by keyboard, without faults, and with scripts or without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from scheduler.web.site.pages import register_pages
from tests.scheduler.web.given_site import held, published

PAGES = (
    "",
    "agreements/A1/",
    "map/",
    "count/",
    "timeline/",
    "changes/",
    "pending/",
    "data/",
    "help/",
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site whose list goes on after two of three entries, so that the script reads two pages."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(register_pages, "PUBLISHED_PAGE", 2)
        site = published(tmp_path_factory.mktemp("register"))
    with held(site) as address:
        yield address


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("ar", 390)])
def test_no_page_has_a_fault_that_axe_finds_or_is_cut(
    url: str, browser: Browser, language: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints = list[str]()
    page.on("console", lambda message: complaints.append(message.text))
    for path in ("/index.html", *(f"/{language}/{one}index.html" for one in PAGES)):
        page.goto(url + path)
        found = Axe().run(page)
        assert not found.response["violations"], (path, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    page.close()
    assert complaints == []


def test_the_list_is_searched_by_keyboard_and_says_how_many_it_found(
    url: str, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(f"{url}/en/index.html")
    page.get_by_label("Search the register").focus()
    page.keyboard.type("tunis")
    expect(page.get_by_role("status")).to_have_text("Agreements found: 1 of 3")
    expect(page.locator("table.register tbody tr")).to_have_count(1)
    page.locator("table.register tbody a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/agreements/A2/index.html")
    page.close()


def test_an_address_with_filters_shows_what_they_find(url: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{url}/fr/index.html#party=IT&party=TN")
    expect(page.locator("table.register tbody tr")).to_have_count(1)
    page.goto(f"{url}/fr/index.html#party=IT&party=KE")
    expect(page.locator("table.register tbody tr")).to_have_count(0)
    page.get_by_role("button", name="Effacer les filtres").click()
    expect(page.locator("table.register tbody tr")).to_have_count(3)
    page.close()


def test_an_address_given_while_another_is_being_shown_is_the_one_that_counts(
    url: str, browser: Browser
) -> None:
    """What the script would do a moment later runs between the new address and word of it."""
    page = browser.new_page()
    page.add_init_script("window.later = []; window.setTimeout = (done) => later.push(done);")
    page.goto(f"{url}/fr/index.html#party=IT&party=TN")
    expect(page.locator("table.register tbody tr")).to_have_count(1)
    page.evaluate("location.hash = 'party=IT&party=KE'; later.forEach((done) => done());")
    expect(page.locator("table.register tbody tr")).to_have_count(0)
    assert page.url.endswith("#party=IT&party=KE")
    page.close()


def test_a_column_sorts_by_keyboard_and_says_how(url: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{url}/en/index.html")
    names = page.locator("table.register tbody th")
    expect(names).to_have_count(3)  # with those of the next page, which the script reads
    shown = names.all_inner_texts()
    assert len(set(shown)) == 3
    for key, how, expected in (
        ("Enter", "ascending", sorted(shown)),
        ("Space", "descending", sorted(shown, reverse=True)),
    ):
        page.get_by_role("columnheader", name="Name").get_by_role("button").press(key)
        expect(page.locator(f"thead th[aria-sort={how}]")).to_have_text("Name")
        expect(names).to_have_text(expected)
    expect(page.locator("th[aria-sort]")).to_have_count(1)
    page.close()


def test_without_scripts_the_list_stands_page_by_page_and_nothing_asks_for_them(
    url: str, browser: Browser
) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{url}/en/index.html")
    expect(page.locator("table.register tbody tr")).to_have_count(2)
    expect(page.locator("#finder")).to_be_hidden()
    expect(page.locator("#more")).to_be_hidden()
    page.get_by_role("link", name="Older").click()
    expect(page.locator("table.register tbody tr")).to_have_count(1)
    page.context.close()
