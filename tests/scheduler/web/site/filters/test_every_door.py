"""One filter finds the same agreements behind every door, and a subscription to it tells them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest

from scheduler.configuration.query import query_of, read_query
from scheduler.notify.subscriptions.states import rehearse
from storage.filter import described
from storage.provision import Provision, ProvisionKind
from storage.records import Instrument, Status, Topic
from storage.subscription import Subscription
from tests.scheduler.command_line import json_lines
from tests.scheduler.web.site.running import Site, database_of, serving
from tests.storage.given import NOW, card, judged

ALL = ["A1", "A2", "A3", "A4", "A5"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A1 Morocco and Spain, whose names no text says; A2 Italy and Tunisia; A3 the EU and Egypt;
    A4 the United States and Mexico; A5 the United Kingdom and Rwanda.
    """
    made = (
        card(parties=("ES", "MA")),
        card(parties=("IT", "TN"), topics=(Topic.VISA,), status=Status.NEGOTIATING),
        card(parties=("EG", "EU"), instrument=Instrument.TREATY),
        card(parties=("MX", "US"), event_date=date(2026, 3, 1)),
        card(parties=("GB", "RW"), topics=(Topic.READMISSION,)),
    )
    others: list[dict[str, Any]] = [
        {"language": "ar", "title": "إعلان مشترك"},
        {"outlet": "Il Fiume"},
        {"language": "fr"},
        {"text": "A treaty on seasonal workers was signed on Tuesday."},
        {},
    ]
    news = [
        judged(number, card=one, published_on=one.event_date, **other)
        for number, (one, other) in enumerate(zip(made, others, strict=True), start=1)
    ]
    verdict = replace(news[4].verdict, found_by=("signing",))
    said = (
        Provision(ProvisionKind.DURATION, 60, ""),
        Provision(ProvisionKind.THIRD_COUNTRY, 0, ""),
    )
    found = replace(news[4], verdict=verdict, clues=tuple(provision.clue for provision in said))
    with serving(tmp_path_factory.mktemp("doors"), *news[:4], found) as site:
        yield site


QUERIES: dict[str, list[tuple[str, list[str]]]] = {
    "q": [
        ("q=seasonal", ["A4"]),
        ("q=Morocco Spain", ["A1"]),
        ("q=Maroc et Espagne", ["A1"]),
        ("q=المغرب وإسبانيا", ["A1"]),
        ("q=Marruecos", ["A1"]),
        ("q=USA", ["A4"]),
        ("q=US", ["A4"]),
        ("q=Etats-Unis", ["A4"]),
        ("q=EE. UU.", ["A4"]),
        ("q=الولايات المتحدة الأمريكية", ["A4"]),
        ("q=UK Rwanda", ["A5"]),
        ("q=the EU", ["A3"]),
        ("q=l'UE", ["A3"]),
        ("q=Morocco -Egypt", ["A1"]),
        ("q=Morocco -Spain", []),
        ("q=Morocco OR Tunisia", ["A1", "A2"]),
        ("q=seasonal -Spain", ["A4"]),
    ],
    "any_party": [("any_party=MA&any_party=Tunisie", ["A1", "A2"])],
    "not_party": [("not_party=Egypt&not_party=MX", ["A1", "A2", "A5"])],
    "not_topic": [("not_topic=visa", ["A1", "A3", "A4", "A5"])],
    "not_group": [("not_group=maghreb", ["A3", "A4", "A5"])],
    "not_instrument": [("not_instrument=treaty", ["A1", "A2", "A4", "A5"])],
    "not_status": [("not_status=negotiating", ["A1", "A3", "A4", "A5"])],
    "not_step": [("not_step=negotiating", ["A1", "A3", "A4", "A5"]), ("not_step=signed", ["A2"])],
    "party": [("party=EU", ["A3"]), ("party=USA", ["A4"]), ("party=Royaume-Uni", ["A5"])],
    "corridor": [("corridor=TN-IT", ["A2"]), ("corridor=Mexico-USA", ["A4"])],
    "instrument": [("instrument=treaty", ["A3"])],
    "topic": [("topic=visa", ["A2"]), ("topic=visa&topic=readmission_returns", ["A2", "A5"])],
    "also": [
        ("topic=visa&also=readmission_returns", []),
        ("also=visa", ["A2"]),
    ],
    "basis": [("basis=single&basis=doubtful", ALL), ("basis=official", [])],
    "status": [("status=negotiating", ["A2"])],
    "step": [
        ("step=signed", ["A1", "A3", "A4", "A5"]),
        ("step=negotiating&step=ratified", ["A2"]),
        ("step=signed&since=2026-03-05", ["A1", "A3", "A5"]),
    ],
    "as_of": [("as_of=2026-03-12", ALL), ("as_of=2026-03-11", [])],
    "changes": [("changes=2", [])],
    "provision": [("provision=third_country&provision=notice", ["A5"]), ("provision=notice", [])],
    "clock": [
        ("as_of=2026-03-11&clock=published", ALL),
        ("as_of=2026-03-04&clock=stood", ["A4"]),
    ],
    "grade": [("grade=unconfirmed", ALL), ("grade=confirmed", [])],
    "text": [("text=published", [])],
    "group": [
        ("group=eu-members", ["A1", "A2", "A3"]),
        ("group=EU members&topic=visa", ["A2"]),
        ("group=maghreb&group=eu-members", ["A1", "A2"]),
    ],
    "sides": [("sides=bilateral", ALL), ("sides=multilateral", [])],
    "within": [
        ("within=North America", ["A4"]),
        ("within=Africa", []),
        ("within=north-america&within=africa", []),
    ],
    "language": [("language=ar", ["A1"]), ("language=fr", ["A3"])],
    "source": [("source=Il Fiume", ["A2"])],
    "rule": [("rule=signing", ["A5"]), ("rule=gone", [])],
    "agreement": [("agreement=A2", ["A2"]), ("agreement=A2&agreement=A5", ["A2", "A5"])],
    "since": [("since=2026-03-05", ["A1", "A2", "A3", "A5"])],
    "until": [("until=2026-03-05", ["A4"])],
    "probability": [("probability=0.5", [])],
    "reviewed": [("reviewed=yes", []), ("reviewed=no", ALL)],
    "known": [("known=yes", ALL), ("known=only", [])],
    "by": [
        ("by=learnt&since=2026-03-12", ALL),
        ("by=learnt&since=2026-03-13", []),
        ("by=expires&since=2031-03-01&until=2031-03-31", ["A5"]),
        ("by=expires&until=2031-03-01", []),
    ],
}
CASES = [case for cases in QUERIES.values() for case in cases]


def test_every_filter_is_asked_for() -> None:
    assert set(QUERIES) == {one.name for one in described().values() if one.searched}


@pytest.mark.parametrize(("query", "found"), CASES)
def test_every_door_lists_the_same(site: Site, query: str, found: list[str]) -> None:
    address = quote(query, safe="&=")
    api = site.ask(f"/api/v1/agreements?{address}").json["items"]
    assert sorted(one["id"] for one in api) == found
    rows = csv.DictReader(io.StringIO(site.ask(f"/?{address}&format=csv").text, newline=""))
    assert sorted(row["id"] for row in rows) == found
    feed = feedparser.parse(site.ask(f"/feed.atom?{address}").body).entries
    assert sorted(one.id.rpartition(":")[2] for one in feed) == found
    shown = site.ask(f"/?{address}").text
    assert [one for one in ALL if f'<a href="/agreements/{one}" title=' in shown] == found
    assert site.ask(f"/api/v1/facets?{address}").json["total"] == len(found)
    assert f"<small>{len(found)} agreement" in site.ask(f"/map?{address}").text


@pytest.mark.parametrize(("query", "found"), CASES)
def test_the_terminal_lists_the_same(site: Site, query: str, found: list[str]) -> None:
    options = ["" if name == "q" else f"--{name.replace('_', '-')}" for name, _ in parse_qsl(query)]
    pairs = zip(options, (value for _, value in parse_qsl(query)), strict=True)
    words = [word for pair in pairs for word in pair if word]
    folder = site.served.chosen.path.parent
    assert sorted(row["id"] for row in json_lines("agreements", *words, cwd=folder)) == found


def documents(site: Site, address: str) -> list[str]:
    items = site.ask(f"/api/v1/documents?{address}").json["items"]
    return sorted(item["agreement_id"] for item in items)


@pytest.mark.parametrize(("query", "found"), CASES)
def test_the_search_finds_the_reports_of_the_same(site: Site, query: str, found: list[str]) -> None:
    address = quote(query, safe="&=")
    assert documents(site, address) == (found if "known=only" not in query else [])
    assert f"{len(found)} document" in site.ask(f"/search?{address}").text


@pytest.mark.parametrize(
    ("parameters", "found"), [case for case in CASES if "as_of" not in case[0]]
)
def test_what_a_list_shows_is_what_a_subscription_from_it_tells(
    site: Site, parameters: str, found: list[str]
) -> None:
    query = read_query(parse_qsl(parameters)).for_alerts()
    stored = query_of(json.loads(json.dumps(query.fields)))
    assert stored == query
    wanted = Subscription("new", (), filter=stored.filter)
    with database_of(site).read() as s:
        items, _ = rehearse(s, wanted, NOW.date() + timedelta(days=1))
    assert sorted(item.entry.agreement.id for item in items) == found


def test_nobody_subscribes_to_a_day_in_the_past_or_to_what_reports_nothing(site: Site) -> None:
    for address in ("as_of=2026-03-12", "as_of=2026-03-12&clock=stood", "everything=1"):
        answer = site.ask(f"/subscribe?{address}")
        value = address.rpartition("=")[2]
        assert answer.code == 422
        assert f"alerts tell what is new, so leave “{value}” out." in answer.text
    shown = site.ask("/subscribe?q=Libya+signed").text
    assert "Has been: <bdi>signed</bdi>" in shown


def test_a_form_says_what_a_subscription_from_words_tells(site: Site) -> None:
    shown = site.ask("/subscribe?q=Morocco+Spain").text
    assert "Parties: <bdi>Morocco, Spain</bdi>" in shown
    assert "would have sent 1 item" in " ".join(shown.split())


def test_names_in_quotation_marks_and_in_all_that_is_stored_are_words(site: Site) -> None:
    quoted = quote('"Morocco" "Spain"')
    assert site.ask(f"/api/v1/agreements?q={quoted}").json["items"] == []
    assert documents(site, "q=seasonal&everything=true") == ["A4"]
    assert site.ask("/api/v1/documents?q=Mexico&everything=true").json["items"] == []
    assert documents(site, "q=Mexico") == ["A4"]


def test_the_page_says_how_words_were_read(site: Site) -> None:
    assert "Read as filters: Parties: Morocco, Spain." in site.ask("/?q=Maroc+Espagne").text
    assert "Read as filters" not in site.ask("/?q=seasonal").text
    shown = site.ask("/?q=seasonal+-Spain").text
    assert "Read as filters: Words: seasonal; Not with: Spain." in shown
    (words,) = re.findall(r'<a href="/\?q=([^"&]+)[^"]*">Search for the words', shown)
    assert unquote_plus(words) == '"seasonal" -"Spain"'
    assert "Compris comme filtres : Parties : Maroc, Espagne." in (
        site.ask("/changes?q=Morocco+Spain&lang=fr").text.replace("\u00a0", " ")
    )


@pytest.mark.parametrize(
    ("named", "found"),
    [("Ivory Coast", []), ("Turkey", []), ("the UK", ["A5"]), ("United States Mexico", ["A4"])],
)
def test_the_search_box_knows_everyday_names_of_states(
    site: Site, named: str, found: list[str]
) -> None:
    query = read_query([("q", named)])
    assert not query.query
    assert query.parties
    shown = site.ask(f"/?q={quote(named)}").text
    assert [one for one in ALL if f'<a href="/agreements/{one}" title=' in shown] == found


def test_the_page_says_what_is_of_the_day_and_what_of_today(site: Site) -> None:
    shown = site.ask("/?as_of=2026-03-12").text
    assert "as known on 12 March 2026" in shown
    assert "<bdi>As known on: 12 March 2026</bdi>" in shown
    assert 'name="as_of" value="2026-03-12"' in shown
