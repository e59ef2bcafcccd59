"""The frontier of document URLs."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta

from storage.database.session import Database, Session, open_database
from storage.records import Candidate
from storage.sources.frontier import (
    FrontierRow,
    done,
    give_back,
    give_up,
    next_due_at,
    offer,
    put_off,
    release,
    retry,
)
from storage.sources.frontier import claim as claim_shares
from tests.storage.counting import sqlite_plans, statements
from tests.storage.given import NOW
from tests.storage.leased import claim, in_flight

HOUR = timedelta(hours=1)
ONE = Candidate("https://news.example/1", "Title", date(2026, 3, 1), "fr", "What it says.")
TWO = Candidate("https://news.example/2")


def test_an_address_is_offered_once(s: Session) -> None:
    assert offer(s, "news", [ONE, TWO, ONE], NOW) == 2
    assert offer(s, "other", [TWO, Candidate("https://news.example/3")], NOW) == 1
    rows = claim(s, 10, NOW, 60)
    assert rows[0] == FrontierRow(rows[0].id, ONE.url, "news", ONE, 1)
    assert sorted((row.url[-1], row.source_id) for row in rows) == [
        ("1", "news"),
        ("2", "news"),
        ("3", "other"),
    ]


def test_of_the_addresses_of_one_article_the_first_is_fetched(s: Session) -> None:
    session = Candidate("http://www.news.example/1;jsessionid=0A1B?utm_source=rss", "Title")
    assert offer(s, "news", [session, ONE], NOW) == 1
    assert offer(s, "news", [Candidate("https://news.example/1;jsessionid=2C3D")], NOW) == 0
    assert [row.url for row in claim(s, 10, NOW, 60)] == [session.url]


def test_groups_of_sources_get_their_shares_with_one_statement(database: Database) -> None:
    with database.begin() as s:
        for source_id in ("a", "b", "c"):
            offered = [Candidate(f"https://{source_id}.example/{n}") for n in range(3)]
            offer(s, source_id, offered, NOW)
        shares = [(2, ["c"]), (3, ["a", "b"]), (1, ["none"])]
        with statements(database) as sent:
            given = claim_shares(s, shares, NOW, 60)
    assert [[row.source_id for row in rows] for rows in given] == [["c", "c"], ["a", "b", "a"], []]
    assert len([one for one in sent if one.startswith("UPDATE")]) == 1


def test_a_leased_row_is_not_claimed_until_its_lease_ends(s: Session) -> None:
    offer(s, "news", [ONE], NOW)
    assert len(claim(s, 10, NOW, 60)) == 1
    assert claim(s, 10, NOW + timedelta(seconds=59), 60) == []
    assert (in_flight(s), in_flight(s, NOW), in_flight(s, NOW + HOUR)) == (1, 1, 0)
    (again,) = claim(s, 10, NOW + timedelta(seconds=60), 60)
    assert again.attempts == 1  # nobody answered the first time


def test_a_settled_row_stays_seen(s: Session) -> None:
    offer(s, "news", [ONE, TWO], NOW)
    first, second = claim(s, 10, NOW, 60)
    done(s, first.id, "stored")
    give_up(s, second.id, "robots")
    assert claim(s, 10, NOW + HOUR, 60) == []
    assert offer(s, "news", [ONE, TWO], NOW + HOUR) == 0
    assert (in_flight(s), next_due_at(s, ["news"])) == (0, None)


def test_a_watched_page_is_offered_again(s: Session) -> None:
    offer(s, "page", [ONE], NOW, again=True)
    assert claim(s, 10, NOW, 60)
    offer(s, "page", [ONE], NOW, again=True)
    assert claim(s, 10, NOW, 60) == []  # still in flight
    done(s, 1, "stored")
    assert offer(s, "page", [ONE], NOW + HOUR, again=True) == 0
    (row,) = claim(s, 10, NOW + HOUR, 60)
    assert row.attempts == 1


def test_a_row_waits_for_its_retry(s: Session) -> None:
    offer(s, "news", [ONE], NOW)
    (row,) = claim(s, 10, NOW, 60)
    retry(s, row.id, NOW + HOUR, "HTTP 503")
    assert claim(s, 10, NOW + timedelta(minutes=59), 60) == []
    assert next_due_at(s, ["news"]) == NOW + HOUR
    assert len(claim(s, 10, NOW + HOUR, 60)) == 1


def test_sources_take_turns(s: Session) -> None:
    offer(s, "big", [Candidate(f"https://big.example/{number}") for number in range(10)], NOW)
    offer(s, "small", [Candidate(f"https://small.example/{number}") for number in range(2)], NOW)
    assert [row.source_id for row in claim(s, 4, NOW, 60)] == ["big", "small", "big", "small"]
    assert [row.source_id for row in claim(s, 9, NOW, 60, ["small"])] == []


def test_leases_of_a_dead_run_are_released(s: Session) -> None:
    offer(s, "news", [ONE, TWO], NOW)
    claim(s, 1, NOW, 3600)
    assert release(s, NOW + HOUR / 2) == 1
    assert len(claim(s, 10, NOW + HOUR / 2, 60)) == 2


def test_only_an_attempt_that_failed_counts(s: Session) -> None:
    """Neither kills, nor what a run gives back at its end, nor pauses use up the attempts."""
    offer(s, "news", [ONE], NOW)
    for _ in range(5):
        claim(s, 1, NOW, 3600)
        release(s, NOW)  # the next run finds the lease of a killed one
    for later in (give_back, put_off):
        (row,) = claim(s, 1, NOW, 3600)
        later(s, row.id, NOW, "stopped or paused")
    (row,) = claim(s, 1, NOW, 3600)
    assert row.attempts == 1
    retry(s, row.id, NOW, "http_500")
    (row,) = claim(s, 1, NOW, 3600)
    assert row.attempts == 2


def test_what_is_given_back_keeps_its_place(s: Session) -> None:
    """Else the newest documents of a source would come last after a kill."""
    offer(s, "news", [ONE, TWO], NOW)
    (first,) = claim(s, 1, NOW, 60)
    release(s, NOW + HOUR)
    (again,) = claim(s, 1, NOW + HOUR, 60)
    give_back(s, again.id, NOW + HOUR, "stopped")
    (last,) = claim(s, 1, NOW + HOUR, 60)
    assert first.id == again.id == last.id


def test_the_next_rows_are_found_without_sorting_what_is_due(sqlite_url: str) -> None:
    with (
        closing(open_database(sqlite_url)) as database,
        database.begin() as s,
        sqlite_plans(database) as steps,
    ):
        offer(s, "news", [ONE, TWO], NOW)
        steps.clear()
        assert len(claim(s, 1, NOW, 60, ["news"])) == 1
        next_due_at(s, ["news"])
    assert not [step for step in steps if "TEMP B-TREE" in step or step.startswith("SCAN frontier")]
