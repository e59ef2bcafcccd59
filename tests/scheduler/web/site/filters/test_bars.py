"""Counts over time as bars."""

from __future__ import annotations

from scheduler.web.site.selection import HEIGHT, WIDTH, Period, bars


def years(*numbers: int) -> list[Period]:
    return [(str(2000 + n), f"t{n}", number, f"/{n}") for n, number in enumerate(numbers)]


def test_bars_are_as_high_as_they_are_many_and_small_ones_are_seen() -> None:
    drawn = bars(years(200, 0, 100, 1), "ltr")
    assert drawn is not None
    assert [(title, height) for _, _, height, title, _ in drawn["bars"]] == [
        ("t0", HEIGHT),
        ("t2", HEIGHT // 2),
        ("t3", 3),
    ]
    xs = [x for x, *_ in drawn["bars"]]
    assert xs == sorted(xs)
    assert xs[1] - xs[0] == 2 * (xs[2] - xs[1])  # the year without any is a gap


def test_time_goes_with_the_direction_of_the_language() -> None:
    drawn = bars(years(1, 2, 3), "rtl")
    assert drawn is not None
    assert [title for _, _, _, title, _ in sorted(drawn["bars"])] == ["t2", "t1", "t0"]
    assert all(x >= 0 and x + width <= drawn["width"] for x, width, *_ in drawn["bars"])


def test_many_bars_fit_and_not_each_has_a_label() -> None:
    drawn = bars(years(*[1] * 120), "ltr")
    assert drawn is not None
    assert drawn["width"] <= WIDTH
    assert 10 < len(drawn["labels"]) < 30
    assert 3 < sum(not is_minor for *_, is_minor in drawn["labels"]) < 10


def test_one_period_or_nothing_is_no_picture() -> None:
    assert bars(years(5), "ltr") is None
    assert bars(years(0, 0), "ltr") is None
    assert bars([], "ltr") is None


def test_no_label_is_cut_at_an_edge() -> None:
    drawn = bars(years(*[1] * 60), "ltr")
    assert drawn is not None
    assert all(30 <= x <= drawn["width"] - 30 for x, *_ in drawn["labels"])
