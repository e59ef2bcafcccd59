"""Claimed items joined with the register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration
from scheduler.notify.digest.build import Digest, build
from scheduler.notify.digest.render import render
from storage.database.session import Database
from storage.notifications import digests
from storage.notifications.digests import Item
from storage.records import NewsKind, Status
from tests.scheduler.given_digests import collect, configured, opened
from tests.storage.given import NOW, card, judged

BOTH = """
subscriptions:
  - {id: everything, channels: [file], max_items: 2, news: [new_agreement, new_step, near_miss]}
"""


@pytest.fixture
def chosen(tmp_path: Path) -> Configuration:
    return configured(tmp_path, BOTH)


@pytest.fixture
def database(chosen: Configuration) -> Iterator[Database]:
    database = opened(chosen)
    yield database
    database.close()


def preview(database: Database, chosen: Configuration) -> Digest:
    subscription = chosen.subscriptions[0]
    with database.read() as s:
        return build(s, subscription, digests.preview(s, subscription, NOW).items, now=NOW)


def claim(database: Database, chosen: Configuration) -> None:
    with database.begin() as s:
        digests.claim_digest(s, chosen.subscriptions[0], NOW)


def test_an_agreement_stands_once_with_all_its_reports(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), judged(2, language="fr", outlet="fleuve"), now=NOW)
    digest = preview(database, chosen)
    (item,) = digest.items
    assert item.kind is NewsKind.NEW_AGREEMENT
    assert item.agreement.parties == ("MA", "NE")
    assert {report.outlet for report in item.reports} == {"news.example", "fleuve"}
    assert item.quote
    assert item.quoted is not None
    assert item.quoted.language in ("en", "fr")


def test_a_new_step_says_what_stood_before_and_lists_its_own_reports_first(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), now=NOW)
    claim(database, chosen)
    ratified = card(status=Status.RATIFIED, event_date=date(2026, 6, 1))
    later = judged(2, card=ratified, published_on=date(2026, 6, 2))
    collect(database, chosen, later, now=NOW + timedelta(days=90))
    (item,) = preview(database, chosen).items
    assert (item.kind, item.before, item.status) == (
        NewsKind.NEW_STEP,
        Status.SIGNED,
        Status.RATIFIED,
    )
    assert item.event_date == date(2026, 6, 1)
    assert [report.id in item.news for report in item.reports] == [True, False]


def test_an_undated_report_does_not_make_the_headline_of_a_dated_agreement(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), now=NOW)
    claim(database, chosen)
    talks = card(status=Status.NEGOTIATING, event_date=None, event_date_basis=None)
    collect(
        database, chosen, judged(2, card=talks, published_on=None), now=NOW + timedelta(days=90)
    )
    (item,) = preview(database, chosen).items
    assert (item.status, item.event_date) == (Status.SIGNED, date(2026, 3, 10))
    assert [report.id for report in item.reports if report.id in item.news] == [2]


def test_sources_are_counted_that_say_what_the_item_says(
    database: Database, chosen: Configuration
) -> None:
    silent = card(status=None)
    others = [
        judged(number, card=silent, outlet=f"outlet-{number}.example") for number in range(2, 7)
    ]
    ended = judged(7, card=card(status=Status.TERMINATED), outlet="seventh.example")
    collect(database, chosen, *others, ended, now=NOW)
    digest = preview(database, chosen)
    (item,) = digest.items
    assert (item.status, len(item.reports)) == (Status.TERMINATED, 6)
    assert [report.outlet for report in item.supporting] == ["seventh.example"]
    assert "Reported by one source" in render(digest).text


def test_the_reports_of_an_earlier_step_do_not_prove_the_new_one(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), judged(2, outlet="other.example"), now=NOW)
    claim(database, chosen)
    ended = judged(
        3,
        card=card(status=Status.TERMINATED, event_date=date(2026, 6, 1)),
        published_on=date(2026, 6, 2),
    )
    collect(database, chosen, ended, now=NOW + timedelta(days=90))
    (item,) = preview(database, chosen).items
    assert [report.id for report in item.supporting] == [3]


def test_what_goes_over_the_maximum_is_counted(database: Database, chosen: Configuration) -> None:
    parties = ("SN", "GN", "ML", "TD", "BF")
    cards = [
        card(parties=("ES", party), party_scores=(("ES", 3.0), (party, 2.0))) for party in parties
    ]
    collect(
        database, chosen, *(judged(number, card=each) for number, each in enumerate(cards)), now=NOW
    )
    digest = preview(database, chosen)
    assert (len(digest.items), len(digest.rest)) == (2, 3)


def test_a_near_miss_is_told_as_its_document(database: Database, chosen: Configuration) -> None:
    collect(database, chosen, judged(1, relevant=False, near_miss=True), now=NOW)
    (item,) = preview(database, chosen).items
    assert item.kind is NewsKind.NEAR_MISS
    assert item.agreement_id is None
    assert item.reports[0].url == "https://news.example/1"


def test_a_notice_of_source_health_is_told_as_a_line(
    database: Database, chosen: Configuration
) -> None:
    notice = Item(NewsKind.SOURCE_HEALTH, None, (), "fleuve is silent")
    with database.read() as s:
        digest = build(s, chosen.subscriptions[0], [notice], now=NOW)
    assert digest.notices == ("fleuve is silent",)
    assert not digest.is_empty


def test_an_item_whose_agreement_is_gone_is_told_as_its_report(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), now=NOW)
    with database.read() as s:
        (item,) = digests.preview(s, chosen.subscriptions[0], NOW).items
        gone = replace(item, agreement_id="A999")
        digest = build(s, chosen.subscriptions[0], [gone], now=NOW)
    assert digest.items[0].agreement.parties == ("MA", "NE")


def test_two_kinds_of_news_about_one_agreement_are_one_item(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), judged(2, language="fr"), now=NOW)
    changed = Item(NewsKind.CHANGED_DOCUMENT, "A1", (1,), "x")
    step = Item(NewsKind.NEW_STEP, "A1", (2,))
    with database.read() as s:
        (item,) = build(s, chosen.subscriptions[0], [changed, step], now=NOW).items
    assert item.kind is NewsKind.NEW_STEP
    assert {report.id for report in item.reports if report.id in item.news} == {1, 2}


def test_unconfirmed_agreements_and_near_misses_come_last(
    database: Database, chosen: Configuration
) -> None:
    guess = judged(1, card=card(parties=("IT", "TN"), event_date=date(2026, 3, 12)))
    guess = replace(guess, verdict=replace(guess.verdict, probability=0.5))
    other = judged(4)
    other = replace(other, document=replace(other.document, outlet="Another"))
    waiting = judged(2, relevant=False, near_miss=True, card=card(parties=("EU", "MR")))
    collect(database, chosen, guess, waiting, judged(3), other, now=NOW)
    digest = preview(database, chosen)
    found = [
        (item.agreement.parties, item.is_unconfirmed) for item in (*digest.items, *digest.rest)
    ]
    assert found == [(("MA", "NE"), False), (("IT", "TN"), True), (("EU", "MR"), True)]
