"""Every page of an installation that is full of hostile texts, in chromium: they are texts, and
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser

from scheduler.configuration.user_subscriptions import link
from scheduler.views.words.lines import without_towers
from storage.filter import attributes, is_several
from storage.notifications import user_subscriptions
from tests.hostile import given
from tests.hostile.given import hostile_site, shared_out
from tests.hostile.looking import looking
from tests.hostile.naughty import directed, naughty
from tests.hostile.vectors import addresses, some, vectors
from tests.scheduler.web.site.running import Site

TEXTS = (*vectors(), *naughty())
WIDE = tuple(text for text in naughty() if "\u20dd" in text or text.count("👩") > 9)
TITLES = (*some(40), *naughty()[::12], *WIDE)
_A_PAGE = 30
SEVERAL = [name for name, attribute in attributes().items() if is_several(attribute)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("hostile")
    with hostile_site(folder, TITLES, TEXTS, list(addresses())) as made:
        yield made


def pages(titles: int) -> list[str]:
    """The pages that show what is stored; each list to its end."""
    singles = ["/review", "/sources", "/runs", "/runs/1", "/subscriptions", "/map"]
    singles += [f"/subscriptions/d{number}" for number in range(given.SUBSCRIPTIONS)]
    singles += [f"/subscriptions/person-{number}" for number in range(1, 4)]
    singles += ["/subscribe", "/subscribe?agreement=A1"]
    singles += [f"/agreements/A{number}" for number in range(1, 8)]
    singles += [f"/agreements/A{number}/edit" for number in range(1, 4)]
    singles += [
        "/decisions",
        "/documents/1/edit",
        "/documents/20/edit",
        "/agreements/A1/merge?other=A2",
    ]
    singles += ["/sources/add"]
    singles += ["/corridors/BR-PT", "/corridors/MA-IT?lang=ar"]
    found = range(titles - _A_PAGE, 0, -_A_PAGE)
    listed = [
        "/",
        "/?lang=ar",
        "/search",
        *(f"/search?everything=1&after={last}" for last in found),
    ]
    return singles + listed


def read_in(share: Sequence[str]) -> list[str]:
    """Those that a page shows letter by letter."""
    return [
        one for one in share if one.isprintable() and one.strip() and without_towers(one) == one
    ]


def test_there_are_many_of_each_class() -> None:
    assert len(vectors()) >= 2700
    assert len(naughty()) >= 515


def test_most_of_them_would_do_something_where_nothing_escaped_them(browser: Browser) -> None:
    """Else the tests below could not fail."""
    with looking(browser, "http://hostile.invalid", guarded=False) as looker:
        looker.page.goto("about:blank")
        found = looker.page.evaluate(
            """(vectors) => vectors.filter((one) => [
                 `<p>${one}</p>`, `<p title="${one}">`, `<p title='${one}'>`, `<p title=${one}>`,
                 `<a href="${one}">`, `<title>${one}</title>`,
               ].some((html) => strange(new DOMParser().parseFromString(html, 'text/html')).length))
            """,
            vectors(),
        )
        assert len(found) > 0.85 * len(vectors())
        looker.page.set_content("\n".join(vectors()[:800]))
        assert looker.page.evaluate("window.hits") > 20


def test_nothing_in_a_page_runs_asks_or_breaks_the_layout(browser: Browser, site: Site) -> None:
    with looking(browser, site.url, guarded=False) as looker:
        wrong = [said for path in pages(len(TITLES)) for said in looker.look(path)]
        for number, share in enumerate(shared_out(TEXTS), 1):
            wrong += looker.look(f"/documents/{number}", read_in(share))
    assert wrong == []


def test_the_browser_has_nothing_to_keep_from_running(browser: Browser, site: Site) -> None:
    """What our policy stops would be told on the console."""
    shown = ["/?lang=ar", "/search?everything=1", "/review", "/runs/1", "/subscriptions/d1"]
    shown += [f"/documents/{number}" for number in range(1, given.WITH_TEXTS + 1, 3)]
    with looking(browser, site.url, guarded=True) as looker:
        assert [said for path in shown for said in looker.look(path)] == []


@pytest.mark.parametrize("path", ["/", "/search", "/map", "/subscribe"])
def test_nothing_in_a_query_or_a_filter_runs(browser: Browser, site: Site, path: str) -> None:
    with looking(browser, site.url, guarded=False) as looker:
        looked = selections(path, TITLES[len(path) :: 2])
        found = (said for asked in looked for said in looker.look(asked))
        assert [said for said in found if "status of 422" not in said] == []


def selections(path: str, texts: Sequence[str]) -> Iterator[str]:
    """Addresses that together hold each text as the value of a filter, and some as a query."""
    short, room = [text for text in texts if len(text) < 300], len(SEVERAL) * 20
    for at in range(0, len(short), room):
        values = short[at : at + room]
        names = [SEVERAL[number % len(SEVERAL)] for number in range(len(values))]
        yield f"{path}?{urlencode([('q', values[0]), *zip(names, values, strict=True)])}"


def test_nothing_in_the_page_behind_the_link_of_a_mail_runs(browser: Browser, site: Site) -> None:
    with site.served.database.read() as s:
        links = [urlsplit(link(everybody)).path for everybody in user_subscriptions.everybodys(s)]
    with looking(browser, site.url, guarded=False) as looker:
        assert len(links) == given.PEOPLE
        assert [said for path in links for said in looker.look(path)] == []


def test_nothing_in_a_text_that_is_tried_runs(browser: Browser, site: Site) -> None:
    whole = "\n".join(text for text in TEXTS if len(text) < 300)
    fill = "([name, said]) => { document.querySelector(`.try [name=${name}]`).value = said }"
    with looking(browser, site.url, guarded=False) as looker:
        for at in range(0, len(whole), 19_000):
            looker.look("/rules")
            looker.page.evaluate(fill, ["title", whole[at : at + 400].replace("\n", " ")])
            looker.page.evaluate(fill, ["text", whole[at : at + 19_000]])
            with looker.page.expect_navigation():
                looker.page.locator("form.try button").click()
            assert looker.page.evaluate("look([])") == []
            assert looker.noted == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_each_text_as_a_title_and_in_a_filter(browser: Browser, tmp_path: Path) -> None:
    with (
        hostile_site(tmp_path, TEXTS, TEXTS, list(addresses())) as site,
        looking(browser, site.url, guarded=False) as looker,
    ):
        wrong = [said for path in pages(len(TEXTS)) for said in looker.look(path)]
        wrong += [said for path in selections("/search", TEXTS) for said in looker.look(path)]
    assert [said for said in wrong if "status of 422" not in said] == []


MARK = "⁂"


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    texts = [f"{MARK}{text}{MARK}" for text in directed() if len(text) < 75]
    with hostile_site(
        tmp_path_factory.mktemp("turned"), texts, texts, ["https://news.example/"]
    ) as made:
        yield made


@pytest.mark.parametrize("language", ["ar", pytest.param("en", marks=pytest.mark.slow)])
def test_no_text_turns_round_what_stands_beside_it(
    browser: Browser, turned: Site, language: str
) -> None:
    shown = ["/", "/search?everything=1", "/review", "/sources", "/runs", "/runs/1"]
    shown += ["/subscriptions", "/subscriptions/d0", "/subscriptions/d1", "/corridors/BR-PT"]
    shown += ["/subscriptions/person-1"]
    shown += [f"/agreements/A{number}" for number in range(1, 8)]
    shown += [
        "/decisions",
        "/agreements/A1/edit",
        "/documents/20/edit",
        "/agreements/A1/merge?other=A2",
    ]
    shown += [f"/?{urlencode({'rule': f'{MARK}א x{MARK}', 'source': f'{MARK}א -5{MARK}'})}"]
    with looking(browser, turned.url, guarded=True) as looker:
        wrong: list[str] = []
        for path in shown:
            looker.look(f"{path}{'&' if '?' in path else '?'}lang={language}")
            found: list[str] = looker.page.evaluate("(mark) => unisolated(mark)", MARK)
            wrong += [f"{path[:60]}: {said}" for said in found]
    assert wrong == []
