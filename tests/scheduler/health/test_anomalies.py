"""What is in a source changed: named by its own past, and until it is as before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import log

import pytest

from scheduler.health.anomalies import Anomaly, anomalies
from scheduler.health.anomaly_words import anomaly_line
from storage.records import Source, SourceKind
from storage.sources.ledger import Moment, Tally

FIRST = date(2026, 9, 28)
SOURCE = Source("lanterne", SourceKind.FEED, "https://lanterne.example/news/feed")
DAY = timedelta(days=1)


def usual(on: date) -> Tally:
    """A quarter of a day in which four documents came."""
    return Tally(
        polls=6,
        offered=180,
        new=4,
        fetched=4,
        titled=4,
        dated=4,
        log_length=4 * log(3000),
        log_length_squared=4 * log(3000) ** 2 + 1.0,
        newest_on=on,
        outcomes={"stored": 4},
        languages={"fr": 4},
    )


def ledger(days: int, change: Callable[[Tally], Tally], changed: int) -> dict[Moment, Tally]:
    """So many days as usual, then so many quarters with a change."""
    found = {}
    for number in range(4 * days + changed):
        on = FIRST + number // 4 * DAY
        found[on, number % 4] = usual(on) if number < 4 * days else change(usual(on))
    return found


def end_of(found: dict[Moment, Tally]) -> datetime:
    on, quarter = max(found)
    return datetime(on.year, on.month, on.day, 6 * quarter + 5, 59, tzinfo=UTC)


def names(found: dict[Moment, Tally], known: dict[str, datetime] | None = None) -> list[str]:
    return [one.name for one in anomalies(found, end_of(found), known)]


def walled(tally: Tally) -> Tally:
    none = replace(tally, titled=0, dated=0, log_length=0.0, log_length_squared=0.0, languages={})
    return replace(none, outcomes={"challenge": 4})


CHANGES: dict[str, Callable[[Tally], Tally]] = {
    "undated": lambda t: replace(t, dated=0),
    "untitled": lambda t: replace(t, titled=0),
    "ahead": lambda t: replace(t, dated_ahead=4),
    "garbled": lambda t: replace(t, garbled=4),
    "cut": lambda t: replace(t, flaws={"cut": 4}),
    "language": lambda t: replace(t, languages={"en": 4}),
    "refused:challenge": walled,
    "churn": lambda t: replace(t, new=10, outcomes={"stored": 1, "duplicate": 9}),
    "empty": lambda t: replace(t, offered=0, new=0, outcomes={}),
    "fewer": lambda t: replace(t, offered=60),
    "short": lambda t: replace(t, log_length=4 * log(900), log_length_squared=4 * log(900) ** 2),
    "silent": lambda t: Tally(polls=6, offered=180, newest_on=FIRST + 34 * DAY),
    "old": lambda t: replace(t, newest_on=date(2026, 8, 3)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_named_within_a_day_and_a_half(name: str) -> None:
    found = ledger(35, CHANGES[name], 6)
    assert names(found) == [name]
    (change,) = anomalies(found, end_of(found))
    assert change.since >= FIRST + 34 * DAY
    assert anomaly_line(SOURCE, change).english.startswith(
        f"the source lanterne: since {change.since.day} "
    )


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_always_so_is_no_change(name: str) -> None:
    if name not in ("churn", "old"):
        assert names(ledger(0, CHANGES[name], 4 * 40)) == []


@pytest.mark.parametrize("name", ["undated", "short", "silent", "refused:challenge", "language"])
def test_a_change_that_is_known_lasts_for_weeks_and_ends_when_all_is_as_before(name: str) -> None:
    began_at = datetime(2026, 11, 2, 20, tzinfo=UTC)  # within a day of the change
    for days in (3, 10, 20, 40):
        assert names(ledger(35, CHANGES[name], 4 * days), {name: began_at}) == [name]
    again = ledger(35, CHANGES[name], 4 * 5)
    last = max(again)[0]
    for number in range(1, 13):
        on = last + (number + 3) // 4 * DAY
        again[on, (number - 1) % 4] = usual(on)
    assert names(again) == []
    assert names(again, {name: began_at}) == []


def test_a_few_documents_of_one_look_accuse_nobody() -> None:
    assert names(ledger(35, CHANGES["undated"], 1)) == []


def test_the_words_say_since_when_how_many_and_how_it_was() -> None:
    change = Anomaly(
        name="undated", since=date(2026, 11, 14), count=0, of=23, before=310, of_before=310
    )
    said = anomaly_line(SOURCE, change).english
    assert "since 14 November none of its 23 documents has a date (before: all)" in said
    wall = Anomaly(
        name="refused:paywall",
        since=date(2026, 11, 14),
        count=20,
        of=23,
        before=4,
        of_before=310,
        detail="paywall",
    )
    said = anomaly_line(SOURCE, wall).english
    assert "20 of its 23 documents could not be stored: paywall (before: 1%)" in said
