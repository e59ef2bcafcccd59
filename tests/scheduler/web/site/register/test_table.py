"""The register as a table: a line for each entry, sorted by any column, with the columns that the
address names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser

from scheduler.views.agreements import AGREEMENTS, SORTED_BY
from storage.records import Instrument, Status, Topic
from tests.scheduler.command_line import accordwatch
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import card, judged

STATES = ("AL", "DE", "DZ", "EG", "ES", "FR", "IT", "KE", "LY", "MA", "NE", "SN", "TN", "TR", "GB")
SOME = (
    card(parties=("DE", "KE"), instrument=Instrument.TREATY, status=Status.SIGNED),
    card(
        parties=("ES", "MA"),
        instrument=Instrument.DECLARATION,
        status=Status.NEGOTIATING,
        event_date=date(2026, 2, 1),
    ),
    card(parties=("AL", "IT"), topics=(Topic.VISA,), event_date=None, place=None, status=None),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A1 Germany and Kenya, the newest; A2 Spain and Morocco; A3 Albania and Italy, undated. Of A2
    there are two reports.
    """
    days = (date(2026, 3, 10), date(2026, 2, 1), date(2026, 1, 5))
    news = [
        judged(n, card=one, published_on=on)
        for n, (one, on) in enumerate(zip(SOME, days, strict=True), 1)
    ]
    again = judged(4, card=SOME[1], published_on=days[1], outlet="Il Fiume", title="Two ministers")
    with serving(tmp_path_factory.mktemp("table"), *news, again) as site:
        yield site


def order(site: Site, address: str) -> list[str]:
    shown = site.ask(address).text
    return re.findall(r'<th scope="row"[^>]*><a href="/agreements/(A\d+)"', shown)


ALL = "grade=likely&grade=unconfirmed"


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("parties", ["A3", "A1", "A2"]),
        ("-parties", ["A2", "A1", "A3"]),
        ("event_date", ["A1", "A2", "A3"]),
        ("day", ["A1", "A2", "A3"]),
        ("-event_date", ["A2", "A1", "A3"]),  # what has no day is last either way
        ("reports", ["A2", "A3", "A1"]),
        ("status", ["A2", "A1", "A3"]),
        ("grade", ["A2", "A3", "A1"]),
        ("id", ["A3", "A2", "A1"]),
        ("-id", ["A1", "A2", "A3"]),
    ],
)
def test_the_list_is_sorted_by_a_column_in_either_direction(
    site: Site, monkeypatch: pytest.MonkeyPatch, sort: str, found: list[str]
) -> None:
    assert order(site, f"/?{ALL}&sort={sort}") == found
    monkeypatch.setattr("scheduler.web.site.pages.register_pages.PAGE", 2)
    first = site.ask(f"/?{ALL}&sort={sort}").text
    (older,) = re.findall(r'rel="next" href="([^"]+)"', first)
    assert order(site, "/" + older.replace("&amp;", "&")) == found[2:]


@pytest.mark.parametrize("sort", SORTED_BY)
def test_api_files_and_command_line_sort_as_the_page_does(site: Site, sort: str) -> None:
    shown, api = order(site, f"/?{ALL}&sort={sort}"), f"/api/v1/agreements?{ALL}&sort={sort}"
    assert [one["id"] for one in site.ask(api).json["items"]] == shown
    first = site.ask(f"{api}&limit=2").json
    rest = site.ask(first["next"].removeprefix(site.url)).json["items"]
    assert [one["id"] for one in (*first["items"], *rest)] == shown
    filed = site.ask(f"/?{ALL}&sort={sort}&format=json").json["items"]
    assert [one["id"] for one in filed] == shown
    options = ("--grade=likely", "--grade=unconfirmed", f"--sort={sort}", "--format=jsonl")
    lines = accordwatch("agreements", *options, cwd=site.served.chosen.path.parent).stdout
    assert [json.loads(line)["id"] for line in lines.splitlines()] == shown


def test_an_order_that_there_is_not_is_one_line_with_those_that_there_are(site: Site) -> None:
    answer = site.ask("/api/v1/agreements?sort=colour")
    assert answer.code == 422
    assert "status" in answer.json["misread"][0]["near"]
    done = accordwatch("agreements", "--sort=colour", cwd=site.served.chosen.path.parent)
    assert done.returncode == 2
    assert "--sort: “colour” is not one of reported, day, " in done.stderr


@pytest.mark.parametrize("sort", [*AGREEMENTS.page, *AGREEMENTS.more])
def test_every_column_can_be_shown_and_sorted_by(site: Site, sort: str) -> None:
    there, back = (order(site, f"/?{ALL}&columns={sort}&sort={way}{sort}") for way in ("", "-"))
    assert sorted(there) == sorted(back) == ["A1", "A2", "A3"]
    assert f'class="c-{sort}" aria-sort=' in site.ask(f"/?{ALL}&columns={sort}&sort={sort}").text


def test_parties_are_sorted_as_the_reader_s_language_calls_them(site: Site) -> None:
    assert order(site, f"/?{ALL}&sort=parties&lang=fr") == ["A3", "A1", "A2"]  # Albanie, Allemagne
    assert order(site, f"/?{ALL}&sort=parties&lang=es") == ["A3", "A1", "A2"]  # Albania, Alemania
    assert order(site, f"/?{ALL}&sort=parties&lang=ar")[0] == "A2"  # إسبانيا


def test_a_heading_turns_its_order_round_and_keeps_filters_and_columns(site: Site) -> None:
    shown = site.ask(f"/?{ALL}&sort=status&columns=parties,status").text
    heading = re.search(
        r'<th scope="col" class="c-status" aria-sort="ascending"><a href="([^"]+)', shown
    )
    assert heading is not None
    address = heading[1].replace("&amp;", "&")
    assert address == f"/?{ALL}&sort=-status&columns=parties%2Cstatus"
    assert 'aria-sort="descending"' in site.ask(address).text


def test_columns_are_chosen_and_stay_in_every_address(site: Site) -> None:
    for address in (
        "/?columns=place,parties,title",
        "/?columns=place&columns=parties&columns=title",
    ):
        shown = site.ask(address).text
        assert re.findall(r'<th scope="col" class="c-(\w+)"', shown) == [
            "parties",
            "place",
            "title",
        ]
        assert "/?columns=parties%2Cplace%2Ctitle&amp;grade=" in shown
        assert '<input type="hidden" name="columns" value="parties,place,title">' in shown
    plain = site.ask("/?party=MA").text
    assert re.findall(r'<th scope="col" class="c-(\w+)"', plain) == list(AGREEMENTS.page)
    assert "columns=" not in plain


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("columns=statu,parties", "columns=status%2Cparties"),
        ("columns=bogus", "bogus"),
        ("sort=bogus", "bogus"),
        ("columns=" + ",".join(f"c{n}" for n in range(5_000)), "50"),
    ],
)
def test_a_column_that_is_not_there_is_marked_and_nothing_is_listed(
    site: Site, query: str, expected: str
) -> None:
    answer = site.ask(f"/?{query}")
    assert answer.code == 422
    assert expected in answer.text
    assert "/agreements/A" not in answer.text
    assert len(answer.body) < 200_000
    if query.startswith("columns"):
        assert '<fieldset class="panel" aria-invalid="true"' in answer.text
    assert site.ask(f"/?{query}&format=csv").code == 422


@pytest.mark.parametrize("language", ["en", "fr", "ar", "es"])
def test_twenty_five_entries_are_seen_at_once_and_nothing_pushes_them_down(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, language: str
) -> None:
    pairs = [(state, other) for state in STATES for other in STATES if state < other][:40]
    first = date(2024, 1, 1)
    news = [
        judged(n, card=card(parties=pair, event_date=first + timedelta(days=40 * n)))
        for n, pair in enumerate(pairs, 1)
    ]
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    with serving(tmp_path_factory.mktemp("many"), *news) as site:
        for address in ("/", "/?instrument=declaration&grade=unconfirmed"):
            page.goto(f"{site.url}{address}{'&' if '?' in address else '?'}lang={language}")
            rows = page.locator(".register tbody tr")
            tops = [one["y"] for one in (rows.nth(n).bounding_box() for n in (0, 25)) if one]
            assert tops[0] <= 260
            assert tops[1] <= 900  # so that those above it, 25 of them, are seen whole
            page.locator(".bar summary").first.click()
            opened = rows.first.bounding_box()
            assert opened is not None
            assert opened["y"] == tops[0]
            fits = "one => one.scrollWidth <= one.parentElement.clientWidth"
            assert page.locator(".register").evaluate(fits)
    page.close()
