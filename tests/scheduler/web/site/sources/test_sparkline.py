"""Bars for the last weeks of a source."""

from __future__ import annotations

from datetime import date, timedelta

from scheduler.web.site.pages.sources_page import DAYS, HEIGHT, sparkline

TODAY = date(2026, 3, 12)


def test_the_highest_day_fills_the_height_and_a_small_one_is_seen() -> None:
    drawn = sparkline({TODAY: 400, TODAY - timedelta(days=1): 1}, {}, TODAY, "ltr")
    (_, small, _), (_, whole, _) = drawn["bars"][-2:]
    assert (whole, drawn["total"], drawn["most"]) == (HEIGHT, 401, 400)
    assert 1 < small < HEIGHT


def test_a_day_without_news_is_not_a_day_without_a_look() -> None:
    drawn = sparkline({}, {TODAY: 24}, TODAY, "ltr")
    assert len(drawn["bars"]) == DAYS
    assert [kind for *_, kind in drawn["bars"][-2:]] == ["unseen", "none"]


def test_today_stands_where_the_line_ends() -> None:
    left, right = (sparkline({TODAY: 1}, {}, TODAY, way) for way in ("ltr", "rtl"))
    assert left["bars"][-1] == max(left["bars"])
    assert right["bars"][-1][0] == 0
