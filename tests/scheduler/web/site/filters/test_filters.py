"""The picture of counts over time, and the same controls on each list of agreements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest

from scheduler.configuration.query import read_query
from scheduler.web.site.selection import party_names
from storage.records import Instrument, Status, Topic
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import card, judged


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Signatures of 2019, of March and May 2026, and talks of 2024 that were reported late."""
    made = (
        card(parties=("EG", "EU"), event_date=date(2019, 5, 10), instrument=Instrument.TREATY),
        card(event_date=date(2026, 3, 10)),
        card(parties=("DE", "KE"), event_date=date(2026, 5, 2), topics=(Topic.VISA,)),
        card(parties=("IT", "TN"), status=Status.NEGOTIATING, event_date=date(2024, 1, 1)),
    )
    news = [
        judged(number, card=one, published_on=date(2026, 3, 11) if number == 4 else one.event_date)
        for number, one in enumerate(made, start=1)
    ]
    with serving(tmp_path_factory.mktemp("years"), *news) as site:
        yield site


def bars(site: Site, path: str) -> list[tuple[str, str]]:
    """The address and the title of each bar."""
    shown = site.ask(path).text
    bar = r'<a href="([^"]+)" tabindex="-1"><rect.*?<title>([^<]+)</title>'
    found = re.findall(bar, shown, re.DOTALL)
    return [(address.replace("&amp;", "&"), title) for address, title in found]


def test_each_year_is_a_bar_that_narrows_to_as_many_as_it_says(years: Site) -> None:
    found = bars(years, "/")
    assert [title for _, title in found] == [
        "2019: 1 agreement",
        "2024: 1 agreement",
        "2026: 2 agreements",
    ]
    assert found[2][0] == "/?since=2026-01-01&until=2026-12-31"
    for address, title in found:
        assert f"<small>{title.partition(': ')[2]}</small>" in years.ask(address).text


def test_a_year_is_shown_by_months(years: Site) -> None:
    assert bars(years, "/?since=2026-01-01&until=2026-12-31") == [
        ("/?since=2026-03-01&until=2026-03-31", "March 2026: 1 agreement"),
        ("/?since=2026-05-01&until=2026-05-31", "May 2026: 1 agreement"),
    ]
    assert bars(years, "/?since=2026-03-01&until=2026-03-31") == []
    assert bars(years, "/?since=2020-01-01&by=learnt") == []


def test_the_picture_keeps_the_filters_and_stands_on_map_and_search(years: Site) -> None:
    assert bars(years, "/?status=signed")[0][0] == (
        "/?status=signed&since=2019-01-01&until=2019-12-31"
    )
    assert bars(years, "/map")[0][0] == "/map?since=2019-01-01&until=2019-12-31"
    found = bars(years, "/search?sort=relevance")
    assert found[0] == (
        "/search?sort=relevance&since=2019-01-01&until=2019-12-31",
        "2019: 1 document",
    )
    assert "1 document<" in years.ask(found[0][0]).text


def test_who_does_not_see_the_picture_has_the_same_as_links(years: Site) -> None:
    shown = years.ask("/?lang=fr").text
    listed = shown.partition("Au fil du temps</summary>")[2].partition("</ul>")[0]
    assert re.findall(r">(20\d\d : [^<]+)<", re.sub("[\u00a0\u202f]", " ", listed)) == [
        "2026 : 2 accords",
        "2024 : 1 accord",
        "2019 : 1 accord",
    ]


@pytest.mark.parametrize("path", ["/", "/map", "/pending", "/corridors/EG-EU", "/changes"])
def test_every_list_of_agreements_has_the_same_controls(years: Site, path: str) -> None:
    shown = years.ask(f"{path}?instrument=treaty&topic=visa&topic=other&lang=ar").text
    names = re.findall(r'<select name="(\w+)"', shown)
    kinds = [
        "instrument",
        "topic",
        "also",
        "status",
        "step",
        "grade",
        "basis",
        "text",
        "provision",
        "group",
        "within",
        "sides",
        "language",
        "changes",
        "source",
    ]
    if path == "/":
        kinds.insert(-1, "known")
    assert names == (kinds if path == "/changes" else ["by", "clock", *kinds])
    assert '<option value="treaty" selected>' in shown
    assert '<input type="hidden" name="topic" value="other">' in shown


@pytest.mark.parametrize(
    ("has", "narrowed_by", "others", "address"),
    [
        (("topic", "visa"), ("topic", "other"), {}, "/?topic=visa&also=other"),
        (("topic", "visa"), ("topic", "visa"), {}, "/?topic=visa"),
        (("also", "visa"), ("also", "other"), {}, "/?also=visa&also=other"),
        (("party", "IT"), ("party", "TN"), {}, "/?party=IT&party=TN"),
        (("party", "IT"), ("party", "IT"), {}, "/?party=IT"),
        (("status", "signed"), ("status", "in_force"), {}, "/?status=in_force"),
        (("party", "IT"), ("party", "TN"), {"sort": "id", "by": ""}, "/?party=IT&party=TN&sort=id"),
    ],
)
def test_a_query_narrows_as_the_number_beside_a_value_says(
    has: tuple[str, str], narrowed_by: tuple[str, str], others: dict[str, str], address: str
) -> None:
    assert read_query([has]).narrowed("/", *narrowed_by, **others) == address


@pytest.mark.parametrize("path", ["/", "/changes"])
def test_a_source_is_chosen_by_its_name_and_one_that_is_gone_stays_chosen(
    years: Site, path: str
) -> None:
    shown = years.ask(f"{path}?source=fleuve&lang=fr").text
    assert '<option value="fleuve" selected>' in shown
    gone = years.ask(f"{path}?source=gone&source=fleuve").text
    assert '<option value="gone" selected>gone</option><option value="fleuve">' in gone
    assert '<input type="hidden" name="source" value="fleuve">' in gone


def test_what_is_new_keeps_its_span_when_filters_are_set(years: Site) -> None:
    shown = years.ask("/changes?days=30").text
    assert '<input type="hidden" name="days" value="30">' in shown
    assert 'name="days"' not in years.ask("/changes?days=30&since=2026-01-01").text


def test_the_register_is_ordered_by_the_latest_step_on_wish(
    years: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.web.site.pages.register_pages.PAGE", 2)
    first = years.ask("/?sort=day").text
    order = re.findall(r'<th scope="row"[^>]*><a href="/agreements/(A\d+)"', first)
    (older,) = re.findall(r'rel="next" href="([^"]+)"', first)
    assert "sort=day" in older
    order += re.findall(
        r'<th scope="row"[^>]*><a href="/agreements/(A\d+)"',
        years.ask("/" + older.replace("&amp;", "&")).text,
    )
    days = {
        one["id"]: one["event_date"]
        for one in years.ask("/api/v1/agreements?sort=day").json["items"]
    }
    assert order == list(days)
    assert list(days.values()) == ["2026-05-02", "2026-03-10", "2024-01-01", "2019-05-10"]
    head = years.ask("/?sort=day&format=csv").headers["content-disposition"]
    assert "sort-day" in head
    assert years.ask("/api/v1/agreements?sort=colour").code == 422


def test_a_party_is_added_by_its_name_which_the_browser_completes(years: Site) -> None:
    shown = years.ask("/?party=MA&lang=ar").text
    assert '<input name="party" list="parties"' in shown
    assert '<option value="النيجر">' in shown
    assert "1 agreement<" in years.ask("/?party=MA&party=Niger").text


@pytest.mark.parametrize("language", ["en", "fr", "ar", "es"])
def test_each_name_that_is_offered_is_understood(language: str) -> None:
    names = party_names(language)
    assert len(names) > 230
    assert len(set(names)) == len(names)


def test_the_search_counts_how_sure_the_agreements_are(years: Site) -> None:
    shown = years.ask("/search").text
    assert re.search(
        r'href="/search\?grade=unconfirmed"><bdi>unconfirmed</bdi></a> <span class="number">4<',
        shown,
    )
    assert years.ask("/api/v1/documents/facets").json["grade"] == {"unconfirmed": 4}
