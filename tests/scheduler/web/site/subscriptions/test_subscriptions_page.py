"""Who is told what, and what the next digest would say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.ingest.ingest import ingest
from scheduler.views.words.labels import labels_of
from scheduler.views.words.page import wants_in_words
from scheduler.web.site.installation import Installation
from storage.filter import Filter
from storage.notifications import receivers
from storage.records import Grade, Status, Topic
from tests.scheduler.given_digests import collect, configured, opened
from tests.scheduler.web.site.running import Site, database_of, running
from tests.storage.given import NOW, card, judged
from tests.storage.pending import pending

CHANNELS = """
channels:
  - {id: mail, kind: email, host: 127.0.0.1, sender: a@b.example,
     to: [amina@ngo.example, jo@ngo.example]}
"""
SUBSCRIPTIONS = """
subscriptions:
  - {id: maghreb, name: "<b>Maghreb</b>", channels: [mail], rate: "weekly on monday at 07:00",
     filter: {parties: [MA], topics: [trafficking_smuggling]}}
  - {id: silent, channels: [file], filter: {parties: [JP]}}
"""


@pytest.fixture
def subscribed(tmp_path: Path) -> Iterator[Site]:
    chosen = configured(tmp_path, SUBSCRIPTIONS, CHANNELS)
    database = opened(chosen)
    try:
        collect(database, chosen, judged(1), now=NOW)
        with running(Installation(database, chosen, now=lambda: NOW)) as site:
            yield site
    finally:
        database.close()


def test_a_subscription_says_what_it_wants_who_receives_it_and_when(subscribed: Site) -> None:
    shown = subscribed.ask("/subscriptions").text
    assert "Morocco" in shown
    assert "every Monday at 07:00" in shown
    assert "16 March 2026, 07:00 UTC" in shown
    assert "1 item" in shown
    assert "&lt;b&gt;Maghreb&lt;/b&gt;" in shown


def test_addresses_do_not_leave_the_configuration(subscribed: Site) -> None:
    with database_of(subscribed).begin() as s:
        receivers.unsubscribe(s, "maghreb", "mail", "jo@ngo.example", NOW)
    for path in ("/subscriptions", "/subscriptions/maghreb"):
        shown = subscribed.ask(path).text
        assert "a@…" in shown
        assert "1 unsubscribed" in shown
        assert "ngo.example" not in shown
        assert "j@…" not in shown


def test_the_next_digest_is_shown_and_nothing_is_told(subscribed: Site) -> None:
    shown = subscribed.ask("/subscriptions/maghreb").text
    assert "1 unconfirmed" in shown
    assert 'href="https://news.example/1"' in shown
    with database_of(subscribed).read() as s:
        assert len(pending(s, "maghreb")) == 1


def test_an_empty_digest_says_so(subscribed: Site) -> None:
    assert "No results." in subscribed.ask("/subscriptions/silent").text


def test_a_subscription_that_is_not_there_is_a_404(subscribed: Site) -> None:
    for name in ("none", "%3Cb%3E", "x" * 500):
        assert subscribed.ask(f"/subscriptions/{name}").code == 404


def test_where_there_are_none_the_page_says_where_they_are_written(tmp_path: Path) -> None:
    chosen = configured(tmp_path, "")
    database = opened(chosen)
    try:
        with running(Installation(database, chosen, now=lambda: NOW)) as site:
            assert "accordwatch.yaml" in site.ask("/subscriptions").text
    finally:
        database.close()


def test_each_part_of_a_filter_has_words() -> None:
    flt = Filter(
        query="visa",
        parties=("MA",),
        groups=("maghreb",),
        corridors=("IT-TN",),
        topics=(Topic.VISA,),
        statuses=(Status.SIGNED,),
        languages=("ar",),
        sources=("fleuve",),
        rules=("own",),
        min_score=2.5,
    )
    wants = dict(wants_in_words(flt, labels_of("en")))
    assert wants["Corridor"] == "Italy – Tunisia"
    assert len(wants) == 10
    assert not list(wants_in_words(Filter(), labels_of("en")))


def test_the_next_digest_shows_what_is_unconfirmed_below_its_heading(subscribed: Site) -> None:
    guess = judged(2, card=card(parties=("MA", "ES")))
    guess = replace(guess, verdict=replace(guess.verdict, probability=0.5))
    second = judged(3, outlet="Le Fleuve")
    with database_of(subscribed).begin() as s:
        subscriptions = subscribed.served.chosen.subscriptions
        ingest(
            s, [guess, second], subscriptions, now=NOW, run_id=None, crawl=False, max_age_days=None
        )
    shown = subscribed.ask("/subscriptions/maghreb").text
    above, below = shown.split("<h3>Unconfirmed</h3>")
    assert 'class="sure likely"' in above
    assert "Spain and Morocco" in below
    assert "A2" in below


def test_how_sure_it_should_be_is_said_in_words() -> None:
    wanted = Filter(grades=(Grade.CONFIRMED, Grade.LIKELY))
    wants = dict(wants_in_words(wanted, labels_of("en")))
    assert wants == {"Grade": "confirmed, likely"}
