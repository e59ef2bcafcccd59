"""What is new in the register: since a moment, and the newest."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from storage.database.session import Database
from storage.filter import Filter
from storage.lists.news import newest_agreements, news_since
from storage.records import Judged, Status
from tests.storage.filing import put
from tests.storage.given import NOW, card, judged

HOUR = timedelta(hours=1)


def store(database: Database, hours: int, *documents: Judged) -> None:
    with database.begin() as s:
        at = NOW + hours * HOUR
        put(s, documents, now=at)


def test_agreements_that_came_since_are_new_and_the_newest_is_first(database: Database) -> None:
    store(database, 0, judged(1))
    store(database, 2, judged(2, card=card(parties=("IT", "TN"))))
    store(database, 3, judged(3, card=card(parties=("DE", "KE"))))
    with database.read() as s:
        news = news_since(s, NOW + HOUR, 8)
        assert [agreement.parties for agreement in news.agreements] == [("DE", "KE"), ("IT", "TN")]
        assert news.steps == ()
        assert news_since(s, NOW + HOUR, 1).more_agreements == 1
        assert news_since(s, NOW + 9 * HOUR, 8).agreements == ()


def test_a_step_is_new_and_its_second_report_is_not(database: Database) -> None:
    later = NOW.date() + timedelta(days=40)
    force = card(status=Status.IN_FORCE, event_date=later)
    store(database, 0, judged(1))
    store(database, 2, judged(2, card=force, published_on=later))
    store(database, 4, judged(3, card=force, published_on=later))
    with database.read() as s:
        ((agreement, position),) = news_since(s, NOW + HOUR, 8).steps
        assert agreement.history[position].status == Status.IN_FORCE
        assert news_since(s, NOW + 3 * HOUR, 8).steps == ()
        assert news_since(s, NOW + HOUR, 0).more_steps == 1


def test_what_came_in_after_a_moment_is_not_among_what_came_before(database: Database) -> None:
    force = card(status=Status.IN_FORCE, event_date=NOW.date() + timedelta(days=40))
    store(database, 0, judged(1))
    store(database, 2, judged(2, card=force, published_on=force.event_date))
    store(database, 4, judged(3, card=card(parties=("IT", "TN"))))
    with database.read() as s:
        for hours, agreements, steps in ((1, 1, 0), (3, 1, 0), (5, 2, 0)):
            news = news_since(s, NOW - HOUR, 8, until=NOW + hours * HOUR)
            assert (len(news.agreements), len(news.steps)) == (agreements, steps), hours
        for hours, agreements, steps in ((2, 0, 0), (3, 0, 1), (5, 1, 1)):
            news = news_since(s, NOW + HOUR, 8, until=NOW + hours * HOUR)
            assert (len(news.agreements), len(news.steps)) == (agreements, steps), hours


def test_the_newest_are_those_learnt_of_last_whenever_they_happened(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(database, 0, judged(1))
    store(database, 2, judged(2, card=card(parties=("IT", "TN"))))
    long_ago = date(2007, 5, 31)
    began = card(status=Status.NEGOTIATING, event_date=NOW.date() - timedelta(days=60))
    store(database, 3, judged(3, card=card(parties=("DE", "KE"), event_date=long_ago)))
    store(database, 4, judged(4, card=began, published_on=began.event_date))
    for looked_through in (1, 5_000):
        monkeypatch.setattr("storage.lists.news._NEWEST_REPORTS", looked_through)
        with database.read() as s:
            found = newest_agreements(s, Filter(), 2)
            assert [told.agreement.parties for told in found] == [("MA", "NE"), ("DE", "KE")]
            known, learnt, *_ = found[0]
            assert (learnt.minted_at, learnt.last_at) == (NOW, NOW + 4 * HOUR)
            assert known.history[0].status == Status.NEGOTIATING
            assert learnt.steps == (NOW + 4 * HOUR, NOW)
            only = newest_agreements(s, Filter(parties=("IT",)), 2)
            assert [told.agreement.id for told in only] == ["A2"]


def test_what_is_told_of_a_stage_is_that_stage_alone(database: Database) -> None:
    later = NOW.date() + timedelta(days=40)
    force = card(status=Status.IN_FORCE, event_date=later)
    store(database, 0, judged(1))
    store(database, 1, judged(2, card=card(parties=("IT", "TN"))))
    store(database, 2, judged(3, card=force, published_on=later))
    signed, in_force = Filter(steps=(Status.SIGNED,)), Filter(steps=(Status.IN_FORCE,))
    with database.read() as s:
        told = [(one.agreement.id, one.status, one.at) for one in newest_agreements(s, signed, 2)]
        assert told == [("A2", "signed", NOW + HOUR), ("A1", "signed", NOW)]
        assert news_since(s, NOW + 2 * HOUR, 8, signed).steps == ()
        assert len(news_since(s, NOW + 2 * HOUR, 8, in_force).steps) == 1
