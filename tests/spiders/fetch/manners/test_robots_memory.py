from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from spiders.fetch.manners.robots import (
    failing,
    holds_while_failing,
    is_fresh,
    learned,
    lifetime,
)
from storage.sources.manners import CachedRobots

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
RULES = "User-agent: *\nDisallow: /x"


@pytest.mark.parametrize(
    ("cache_control", "hours"),
    [
        ("", 24),
        ("public", 24),
        ("max-age=7200", 2),
        ('public, max-age="7200"', 2),
        ("max-age=60", 1),
        ("max-age=0, no-cache", 1),
        ("no-store", 1),
        ("max-age=31536000", 24),
        ("s-maxage=60", 24),
        ("max-age=999999999999999999", 24),
        ("max-age=soon", 24),
    ],
)
def test_a_file_is_good_for_as_long_as_its_server_says_within_an_hour_and_a_day(
    cache_control: str, hours: int
) -> None:
    assert lifetime(cache_control) == timedelta(hours=hours)


def test_a_kept_file_is_used_for_a_day() -> None:
    kept = learned(RULES, NOW, "")
    assert is_fresh(kept, NOW + timedelta(hours=23, minutes=59))
    assert not is_fresh(kept, NOW + timedelta(hours=24))
    assert not is_fresh(kept, NOW - timedelta(hours=1))  # a clock was set back
    assert not is_fresh(CachedRobots(), NOW)


def test_a_file_that_fails_stops_us_for_half_a_day_then_the_last_copy_holds_again() -> None:
    kept = failing(learned(RULES, NOW, ""), NOW + timedelta(days=1))
    assert not is_fresh(kept, NOW + timedelta(hours=1))
    assert not holds_while_failing(kept, NOW + timedelta(days=1, hours=11))
    again = failing(kept, NOW + timedelta(days=1, hours=12))
    assert holds_while_failing(again, NOW + timedelta(days=1, hours=12))
    assert again.rules == RULES
    assert not holds_while_failing(again, NOW + timedelta(days=31))


def test_a_file_that_was_never_read_allows_nothing_however_long_it_fails() -> None:
    kept = failing(CachedRobots(), NOW)
    assert not holds_while_failing(kept, NOW + timedelta(days=2))
