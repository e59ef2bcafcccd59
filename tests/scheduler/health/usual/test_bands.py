"""How improbable a volume is, by the source's own past weeks."""

from __future__ import annotations

from datetime import date
from math import isclose

import pytest

from scheduler.health.usual.bands import Quarter, habit, volume_change, weekday

MONDAY = 4 * date(2026, 9, 28).toordinal()
USUAL = (1, 4, 6, 3)


def quarters(
    days: int, counts: tuple[int, ...] = USUAL, rest: tuple[int, ...] = ()
) -> list[Quarter]:
    """A source that brings these counts each day, but on the weekdays `rest` nothing."""
    return [
        Quarter(number, 0 if weekday(number) in rest else counts[number % 4], True)
        for number in range(MONDAY, MONDAY + 4 * days)
    ]


def then(before: list[Quarter], *counts: int, seen: bool = True) -> list[Quarter]:
    first = before[-1].number + 1
    return before + [Quarter(first + place, n, seen) for place, n in enumerate(counts)]


def kind(found: list[Quarter]) -> str | None:
    change = volume_change(found)
    return change.kind if change is not None else None


def test_a_source_that_goes_on_as_before_is_as_usual() -> None:
    assert kind(quarters(40)) is None
    assert kind(quarters(42, rest=(5, 6))) is None


def test_silence_is_named_within_a_day() -> None:
    before = quarters(35)
    silent = next(n for n in range(1, 20) if kind(then(before, *[0] * n)))
    assert silent <= 5
    assert kind(then(before, *[0] * silent)) == "silent"


def test_a_rest_at_weekends_is_no_silence_and_a_feast_beside_one_neither() -> None:
    before = quarters(35 - 2, rest=(5, 6))  # up to a Friday
    weekend, feast = [0] * 8, [0] * 12
    for length in range(1, len(weekend + feast) + 1):
        assert kind(then(before, *(weekend + feast)[:length])) is None
    assert kind(then(before, *[0] * 40)) == "silent"


def test_a_third_of_the_usual_is_thin_and_nine_times_as_much_a_flood() -> None:
    before = quarters(35, tuple(3 * n for n in USUAL))
    assert kind(then(before, *USUAL * 6)) == "thin"
    assert kind(then(before, *(27 * n for n in USUAL))) == "flood"
    assert kind(then(before, *(int(3.9 * n) for n in USUAL))) is None


def test_what_came_while_nobody_looked_is_no_flood_and_no_silence() -> None:
    off = then(quarters(35), *[0] * 6, seen=False)
    assert kind(off) is None
    assert kind(then(off, 6 + 14)) is None


@pytest.mark.parametrize("days", [3, 13])
def test_a_young_source_has_no_habit(days: int) -> None:
    assert habit(quarters(days)) is None
    assert kind(then(quarters(days), *[0] * 3)) is None


def test_what_is_usual_knows_the_weekday() -> None:
    usual = habit(quarters(28, rest=(6,)))
    assert usual is not None
    assert isclose(usual.expected(MONDAY, MONDAY + 3), sum(USUAL), rel_tol=0.1)
    assert usual.days[6] < 0.3 * usual.days[0]


def test_a_quiet_day_is_a_silence_only_where_others_had_news() -> None:
    before = quarters(35, tuple(2 * n for n in USUAL))
    silent = then(before, *[0] * 5)
    days = {one.number // 4 for one in silent}
    last = max(days)
    assert volume_change(silent, dict.fromkeys(days, False)) is not None
    feast = dict.fromkeys(days, False) | {last: True, last - 1: True}
    assert volume_change(silent, feast) is None


def test_a_source_that_brings_bundles_may_be_silent_for_longer() -> None:
    single = quarters(35, (3, 3, 3, 3))
    bundles = [
        Quarter(one.number, 12 if one.number % 16 in (1, 6, 11, 12) else 0, True) for one in single
    ]
    assert kind(then(single, *[0] * 5)) == "silent"
    assert kind(then(bundles, *[0] * 5)) is None
    assert kind(then(bundles, *[0] * 60)) == "silent"


def test_a_feast_is_no_part_of_what_is_usual() -> None:
    days = quarters(28)
    feasts = {days[40].number // 4: True}
    quiet = [
        Quarter(one.number, 0 if feasts.get(one.number // 4) else one.new, True) for one in days
    ]
    with_feast, without = habit(quiet), habit(quiet, feasts)
    assert with_feast is not None
    assert without is not None
    assert without.longest_silence < with_feast.longest_silence
    assert isclose(without.expected(MONDAY, MONDAY + 3), sum(USUAL), rel_tol=0.1)


def test_how_unlike_days_are_is_less_certain_of_a_small_source() -> None:
    def of(counts: tuple[int, ...]) -> float:
        days = quarters(28, (0, 0, 0, 0))
        usual = habit(
            [
                Quarter(one.number, counts[n // 4 % 5] if n % 4 == 2 else 0, True)
                for n, one in enumerate(days)
            ]
        )
        assert usual is not None
        return usual.spread

    assert of((0, 4, 1, 3, 2)) > 2 * of((186, 214, 193, 207, 200))  # as unlike as chance makes them
