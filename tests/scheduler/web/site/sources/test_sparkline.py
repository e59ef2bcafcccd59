"""Bars for the last weeks of a source."""

from __future__ import annotations

from datetime import date, timedelta

from scheduler.web.site.sources.source_views import DAYS, HEIGHT, Usual, sparkline

TODAY = date(2026, 3, 12)


def test_the_highest_day_fills_the_height_and_a_small_one_is_seen() -> None:
    drawn = sparkline({TODAY: 400, TODAY - timedelta(days=1): 1}, {}, TODAY, "ltr")
    assert (drawn.bars[-1].height, drawn.total, drawn.most) == (HEIGHT, 401, 400)
    assert 1 < drawn.bars[-2].height < HEIGHT


def test_a_day_without_news_is_not_a_day_without_a_look() -> None:
    drawn = sparkline({}, {TODAY: 24}, TODAY, "ltr")
    assert len(drawn.bars) == DAYS
    assert [bar.kind for bar in drawn.bars[-2:]] == ["unseen", "none"]


def test_today_stands_where_the_line_ends() -> None:
    left, right = (sparkline({TODAY: 1}, {}, TODAY, way) for way in ("ltr", "rtl"))
    assert left.bars[-1].x == max(bar.x for bar in left.bars)
    assert right.bars[-1].x == 0


def test_the_band_is_where_most_days_lie_working_days_and_weekends_apart() -> None:
    days = [TODAY - timedelta(days=back) for back in range(DAYS)]
    stored = {day: 2 if day.weekday() >= 5 else 20 for day in days} | {TODAY: 60}
    drawn = sparkline(stored, stored, TODAY, "ltr")
    assert drawn.usual == Usual(11, 29)  # 20, give or take twice its root; today does not count
    assert len(drawn.band) == DAYS
    heights = {day: strip.y for day, strip in zip(reversed(days), drawn.band, strict=True)}
    assert heights[TODAY] < heights[TODAY - timedelta(days=4)]  # a Sunday has its own
    mirrored = sparkline(stored, stored, TODAY, "rtl")
    assert mirrored.band[-1].x == 0


def test_nothing_is_usual_of_a_source_that_was_hardly_seen() -> None:
    drawn = sparkline({TODAY: 3}, {TODAY - timedelta(days=1): 24}, TODAY, "ltr")
    assert (drawn.usual, drawn.band) == (None, [])
