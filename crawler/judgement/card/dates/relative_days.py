"""Days that are told from the day of publication: weekdays, today, three days ago, tomorrow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from crawler.judgement.card.dates.day_numbers import number_at
from crawler.judgement.card.records import DateMention, Precision
from crawler.judgement.text.reading import Reading

_DAYS_BACK = {
    "date.tomorrow": -1,
    "date.day-after": -2,
    "date.today": 0,
    "date.yesterday": 1,
    "date.eve": 1,
    "date.day-before": 2,
    **{f"date.ago.{days}": days for days in range(3, 8)},
}


def weekdays(reading: Reading, published_on: date | None) -> Iterable[DateMention]:
    """Yield the weekdays that are named: the last such day, or the one of the number beside it."""
    for weekday, hit in (
        (n, hit) for n in range(7) for hit in reading.hits.get(f"date.weekday.{n}", ())
    ):
        number = number_at(reading, hit.last_token + 1)
        numbered = _numbered(published_on, weekday, number)
        day = numbered or _latest(published_on, weekday)
        ahead = is_after(numbered, published_on)
        yield DateMention(
            token=hit.token,
            last_token=hit.last_token,
            sentence=hit.sentence,
            precision=Precision.WEEKDAY,
            day=day,
            old=False,
            ahead=ahead,
            hit=hit,
        )


def _latest(published_on: date | None, weekday: int) -> date | None:
    return (
        published_on - timedelta(days=(published_on.weekday() - weekday) % 7)
        if published_on
        else None
    )


def _numbered(published_on: date | None, weekday: int, number: int | None) -> date | None:
    """Return the nearest such weekday, within five weeks, on that day of a month."""
    if published_on is None or number is None:
        return None
    near = sorted(range(-35, 36), key=abs)
    days = (published_on + timedelta(days=shift) for shift in near)
    return next((day for day in days if day.weekday() == weekday and day.day == number), None)


def relative_days(reading: Reading, published_on: date | None) -> Iterable[DateMention]:
    """Yield the days that are counted from publication, and "next week", which names no day."""
    for concept, lag in _DAYS_BACK.items():
        for hit in reading.hits.get(concept, ()):
            day = published_on - timedelta(days=lag) if published_on else None
            yield DateMention(
                token=hit.token,
                last_token=hit.last_token,
                sentence=hit.sentence,
                precision=Precision.RELATIVE,
                day=day,
                ahead=lag < 0,
                hit=hit,
            )
    for hit in reading.hits.get("date.soon", ()):
        yield DateMention(
            token=hit.token,
            last_token=hit.last_token,
            sentence=hit.sentence,
            precision=Precision.RELATIVE,
            day=None,
            ahead=True,
            hit=hit,
        )


def is_after(day: date | None, published_on: date | None) -> bool:
    return day is not None and published_on is not None and day > published_on
