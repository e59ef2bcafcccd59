"""The page in chromium: nothing runs that came from outside, all can be reached, nothing is cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from starlette.routing import compile_path

import scheduler.web.site
from scheduler.web.site.gate import Way
from tests.scheduler.web.site.running import ENDPOINTS, PAGES, Site, serving
from tests.storage.given import NOW, card, judged

HOSTILE = (
    "<script>window.ran=1</script>",
    '"><img src=x onerror="window.ran=1">',
    "{{7*7}} {% raw %} ${7*7}",
    "javascript:window.ran=1",
    "<svg/onload=window.ran=1>",
    "' onmouseover='window.ran=1",
    "\u202e\u2066gnihsihp\u2069",
    "مذكرة تفاهم " * 40,
    "x" * 4000,
)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of which nothing may complain on the console; chromium notes each 404 there."""
    page, complaints = browser.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text))
    yield page
    page.close()
    assert [line for line in complaints if "404" not in line] == []


# Both schemes and both directions of writing each time, the other pairs on demand.
SCHEMES = [
    ("light", "en"),
    ("dark", "ar"),
    pytest.param("light", "ar", marks=pytest.mark.slow),
    pytest.param("dark", "fr", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("scheme", "language"), SCHEMES)
def test_no_page_has_a_fault_that_axe_finds(
    browser: Browser, site: Site, scheme: str, language: str
) -> None:
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    try:
        for path in (*PAGES, "/no"):
            page.goto(f"{site.url}{path}?lang={language}")
            found = Axe().run(page)
            assert not found.response["violations"], (path, found.generate_report())
    finally:
        page.close()


@pytest.mark.parametrize("query", ["q=minister&party=MA&instrument=declaration", "q=declaraton+a"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marked_words_and_hints_have_no_fault_and_fit_a_narrow_screen(
    browser: Browser, site: Site, scheme: str, query: str
) -> None:
    page = browser.new_page(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": 360, "height": 800},
    )
    try:
        page.goto(f"{site.url}/search?{query}&lang=ar")
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        found = Axe().run(page)
        assert not found.response["violations"], found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    finally:
        page.close()


@pytest.mark.parametrize("width", [360, 2560])
def test_nothing_is_cut_on_narrow_and_wide_screens(page: Page, site: Site, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for path in (*PAGES, "/no"):
        page.goto(site.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_nothing_that_came_from_outside_runs_or_breaks_the_layout(
    page: Page, tmp_path: Path
) -> None:
    news = [
        judged(
            number,
            title=hostile,
            text=f"{hostile}\nThey signed it.",
            outlet=hostile,
            url=f"javascript:window.ran={number}",
            card=card(place=hostile, place_key=hostile),
        )
        for number, hostile in enumerate(HOSTILE, 1)
    ]
    page.set_viewport_size({"width": 360, "height": 900})
    with serving(tmp_path, *news) as site:
        earlier = str(int((NOW - timedelta(days=1)).timestamp()))
        page.context.add_cookies([{"name": "accordwatch_seen", "value": earlier, "url": site.url}])
        shown = ["/", "/search?everything=1", "/agreements/A1", "/review"]
        shown += ["/corridors/MA-NE", "/map", "/subscriptions/everything", "/sources"]
        for path in shown + [f"/documents/{number}" for number in range(1, len(HOSTILE) + 1)]:
            page.goto(site.url + path)
            assert page.evaluate("window.ran") is None, path
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            assert page.locator('a[href^="javascript"]').count() == 0


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [360, 1200])
def test_the_menu_opens_by_keyboard_and_fits_the_screen(
    page: Page, site: Site, width: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site.url}/?lang={language}")
    page.locator(".more summary").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".more summary.current").count() == 1


def test_a_reader_gets_from_a_search_to_the_proof_by_keyboard_alone(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator('input[name="q"]').focus()
    page.keyboard.type("workers")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=workers")
    for selector in (".register tbody th a", ".report .title a"):
        page.locator(selector).first.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert page.locator("mark").count() > 0
    assert page.locator("h1").inner_text() == "Rome and Tunis talk about workers"


def test_an_answer_is_given_and_undone_without_script(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, editor="amina") as site:
        page = browser.new_page(java_script_enabled=False)
        page.goto(f"{site.url}/review")
        page.locator("#item-4").get_by_role("button", name="Not relevant").click()
        page.wait_for_url("**/review?done=1")
        assert "document 4 is not relevant" in page.locator(".done").inner_text()
        with page.expect_navigation():
            page.get_by_role("button", name="Undo").click()
        assert "Undone" in page.locator(".done").inner_text()
        assert page.locator("#item-4").count() == 1
        page.close()


def test_a_text_is_tried_in_the_browser(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 360, "height": 900})
    page.goto(f"{site.url}/rules")
    page.get_by_label("Title").fill("Rabat and Niamey sign a readmission agreement")
    page.get_by_label("Text, or an address").fill(HOSTILE[0] + "x" * 4000)
    with page.expect_navigation():
        page.get_by_role("button", name="Assess").click()
    assert page.locator("mark").count() > 0
    assert page.evaluate("window.ran") is None
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not Axe().run(page).response["violations"]


# Pages for editors or strangers, which tests of their own ask axe about; and what is no page.
_CHECKED_ELSEWHERE = frozenset(
    {
        "/unsubscribe",
        "/login",
        "/password/{secret}",
        "/users",
        "/account",
        "/mail/{signature}",
        "/answers/{says}/{agreement_id}/{signature}",
        "/add",
        "/agreements/{agreement_id}/edit",
        "/agreements/{agreement_id}/merge",
        "/documents/{number}/edit",
        "/review/{number}",
        "/healthz",
        "/static/{path:path}",
    }
)


def test_how_often_a_feed_is_sent_is_not_asked(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/subscribe?party=MA")
    assert page.locator("[name=kind]:checked").get_attribute("value") == "feed"
    assert not page.locator("fieldset.rhythm").is_visible()
    assert page.locator("[name=name]").is_visible()


def test_axe_is_asked_about_every_page() -> None:
    pages = {
        endpoint.path
        for endpoint in ENDPOINTS
        if endpoint.method == "GET" and endpoint.way is Way.PAGE
    }
    checked = {
        path
        for path in pages
        if any(compile_path(path)[0].fullmatch(unquote(one)) for one in PAGES)
    }
    assert pages - checked == _CHECKED_ELSEWHERE


_PAIR = r"counts td\.(h\d), \S+ td\.h\d a \{ background: \S+; color: var\((--[\w-]+)\)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_numbers_of_a_heat_map_stand_out_from_each_shade(scheme: str) -> None:
    css = (Path(scheduler.web.site.__path__[0]) / "static/chart.css").read_text()
    colours = css.partition("prefers-color-scheme: dark")[2 if scheme == "dark" else 0]
    named = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", colours))
    pairs = re.findall(_PAIR, css)
    assert len(pairs) == 5
    for shade, text in pairs:
        high, low = sorted((_light(named[f"--{shade}"]), _light(named[text])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, shade


def _light(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


MOST_OF_HEADER = 115  # of 740 pixels; it took 180


@pytest.mark.parametrize("language", ["en", "fr", "ar", "es"])
def test_on_a_phone_the_header_leaves_room_for_the_page(
    page: Page, site: Site, language: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{site.url}/?lang={language}")
    height = page.evaluate("document.querySelector('header').offsetHeight")
    assert height <= MOST_OF_HEADER


def test_on_paper_there_are_no_forms(page: Page, site: Site) -> None:
    page.emulate_media(media="print")
    for path in ("/", "/search", "/rules"):
        page.goto(site.url + path)
        forms = page.locator("form")
        assert forms.count() > 0
        assert not any(forms.nth(number).is_visible() for number in range(forms.count()))


def test_the_register_on_paper_is_the_list_and_nothing_to_press(
    browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(color_scheme="dark")
    try:
        with serving(tmp_path, editor="amina") as edited:
            page.goto(edited.url)
            page.emulate_media(media="print", color_scheme="dark")
            pressed = "button, summary, kbd, input, .c-answers, .no-paper"
            assert page.locator(pressed).locator("visible=true").count() == 0
            assert page.locator(".register tbody tr:visible").count() == 3
            # Ink is dark, whatever the screen was.
            ink = page.evaluate("getComputedStyle(document.body).color")
            assert ink == "rgb(31, 36, 41)"
    finally:
        page.close()


def test_an_agreement_on_paper_has_its_citation_and_nothing_to_press(
    browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page()
    try:
        with serving(tmp_path, editor="amina") as edited:
            page.goto(f"{edited.url}/agreements/A1")
            page.emulate_media(media="print")
            pressed = page.locator("button:visible, a.action:visible, summary:visible")
            assert pressed.count() == 0
            assert page.get_by_text("Correct", exact=True).locator("visible=true").count() == 0
            cited = page.get_by_text("Register of migration-cooperation agreements")
            assert cited.locator("visible=true").count() == 1
            page.emulate_media(media="screen")
            assert page.locator(".printed:visible").count() == 0
    finally:
        page.close()


@pytest.mark.parametrize("path", ["/pending", "/sources"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_cell_of_these_tables_is_cut_off_on_a_phone(
    page: Page, site: Site, path: str, language: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{site.url}{path}?lang={language}")
    for cell in page.locator("table.list :is(th, td):visible").all():
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] >= 0, cell.text_content()
        assert box["x"] + box["width"] <= 390, cell.text_content()
    label = page.locator("table.list td").first.evaluate(
        "cell => getComputedStyle(cell, '::before').content"
    )
    assert label not in ("none", '""')
