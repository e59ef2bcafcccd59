"""How schedules are written, and what is said of those that are not."""

from __future__ import annotations

import re

import pytest

from spiders.catalog.intervals import duration_s, interval_s, known_time_zone, parse_cron

WEEK = "mon,tue,wed,thu,fri"


@pytest.mark.parametrize(("every", "seconds"), [("30m", 1800), ("1h", 3600), ("2d", 172_800)])
def test_intervals_are_read(every: str, seconds: int) -> None:
    assert interval_s(every) == seconds


@pytest.mark.parametrize(
    ("written", "seconds"), [("0m", 0), ("90s", 90), ("10m", 600), ("1h", 3600)]
)
def test_lengths_of_time_are_read_and_may_be_none(written: str, seconds: int) -> None:
    assert duration_s(written) == seconds


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0 6,18 * * mon-fri", ["0", "6,18", "*", "*", WEEK]),
        ("0 6 * * 1-5", ["0", "6", "*", "*", WEEK]),
        ("0 6 * * 0", ["0", "6", "*", "*", "sun"]),
        ("0 6 * * 7", ["0", "6", "*", "*", "sun"]),
        ("0 6 * * FRI-mon", ["0", "6", "*", "*", "sun,mon,fri,sat"]),
        ("0 6 * * 0-7", ["0", "6", "*", "*", "*"]),
        ("*/20 8-18/5 1,15 jan-mar *", ["0,20,40", "8,13,18", "1,15", "1,2,3", "*"]),
        ("٣٠ ٦ * * *", ["30", "6", "*", "*", "*"]),
        ("0 0 29 feb *", ["0", "0", "29", "2", "*"]),
        ("*/1 0-23 1-31 1-12 *", ["*", "*", "*", "*", "*"]),
    ],
)
def test_cron_lines_are_read_as_cron_reads_them(written: str, read: list[str]) -> None:
    assert list(parse_cron(written).values()) == read


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0 6 * *", "'0 6 * *' is not five fields: minute hour day month weekday, like 0 6,18"),
        ("@daily", "is not five fields"),
        ("0 25 * * *", "hour '25' is not a number from 0 to 23"),
        ("60 6 * * *", "minute '60' is not a number from 0 to 59"),
        ("0 6 0 * *", "day '0' is not a number from 1 to 31"),
        ("0 6 * 13 *", "month '13' is not a number from 1 to 12, or jan to dec"),
        ("0 6 * * funday", "weekday 'funday' is not a number from 0 to 7, or sun to sat"),
        ("0, 6 * * *", "minute '' is not"),
        ("0 22-4 * * *", "hour '22-4' goes backwards; write 22-23,0-4"),
        ("*/0 6 * * *", "minute '*/0' is not a step such as"),
        ("5/15 6 * * *", "minute '5/15' is not a step such as"),
        ("0 6 1 * mon", "names days of the month and weekdays; write * for one of them"),
        ("0 6 31 feb,apr *", "never comes: none of its months has such a day"),
        ("-1 6 * * *", "minute '' is not"),
    ],
)
def test_a_wrong_cron_line_is_told_in_words(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_cron(written)


def test_a_time_zone_is_known_or_the_nearest_is_named() -> None:
    assert known_time_zone("Africa/Casablanca") == "Africa/Casablanca"
    with pytest.raises(ValueError, match="did you mean Europe/Madrid"):
        known_time_zone("Europe/Madird")
    for name in ("Europe", "../etc", ""):
        with pytest.raises(ValueError, match="is not a time zone"):
            known_time_zone(name)
