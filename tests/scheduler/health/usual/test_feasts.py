"""Feasts are days on which most sources of a country are quiet."""

from __future__ import annotations

from datetime import date

from scheduler.health.usual.bands import Quarter
from scheduler.health.usual.feasts import day_shares, feasts

MONDAY = 4 * date(2026, 9, 28).toordinal()


def quarters(count: int, new: int = 5) -> list[Quarter]:
    return [Quarter(number, new, True) for number in range(MONDAY, MONDAY + count)]


def test_a_day_is_compared_with_the_same_weekday() -> None:
    usual = quarters(4 * 28)
    half = [
        Quarter(one.number, one.new if n < 76 or n >= 80 else 2, True)
        for n, one in enumerate(usual)
    ]
    shares = day_shares(half)
    assert shares[half[76].number // 4] == 2 / 5
    assert shares[half[0].number // 4] == 1


def test_the_present_day_counts_as_far_as_it_is_over() -> None:
    usual = quarters(4 * 28 + 3)  # the third quarter of today has begun
    today = usual[-1].number // 4
    assert day_shares(usual)[today] == 1
    silent = [*usual[:-3], *(Quarter(one.number, 0, True) for one in usual[-3:])]
    assert day_shares(silent)[today] == 0


def test_a_small_source_says_nothing_of_a_day() -> None:
    assert day_shares(quarters(4 * 28, new=0)) == {}


def test_a_feast_needs_most_of_six_sources() -> None:
    quiet, usual = {1: 0.3}, {1: 1.0}
    assert feasts([quiet] * 4 + [usual] * 2) == {1: True}
    assert feasts([quiet] * 2 + [usual] * 4) == {1: False}
    assert feasts([quiet] * 5) == {}
