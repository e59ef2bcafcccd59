"""Lanes and marks over years."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Browser

from scheduler.views.register_entries import Entry
from scheduler.web.site.pages.parties_page import WIDTH, timeline
from storage.records import Status
from storage.register.entry import Agreement, Step
from tests.scheduler.web.site.running import Site


def life(name: str, *days: date) -> Entry:
    history = tuple(Step(Status.SIGNED, on, "", ()) for on in days)
    return Entry(Agreement(name, name, history=history))


def test_later_stands_further_on_and_nothing_leaves_the_drawing() -> None:
    drawn = timeline([life("A1", date(2001, 1, 1), date(2011, 6, 1), date(2026, 12, 31))], "ltr")
    assert drawn is not None
    xs = [x for x, *_ in drawn["lanes"][0]["marks"]]
    assert xs == sorted(xs)
    assert 0 < xs[0] < xs[-1] < WIDTH


def test_time_runs_as_the_reader_reads() -> None:
    days = (date(2001, 1, 1), date(2026, 12, 31))
    left, right = timeline([life("A1", *days)], "ltr"), timeline([life("A1", *days)], "rtl")
    assert left is not None
    assert right is not None
    assert [x for x, *_ in right["lanes"][0]["marks"]] == [
        WIDTH - x for x, *_ in left["lanes"][0]["marks"]
    ]


def test_what_began_last_is_on_top_and_what_has_no_date_is_left_out() -> None:
    drawn = timeline(
        [life("A1", date(2001, 1, 1)), life("A2", date(2020, 1, 1)), life("A3")], "ltr"
    )
    assert drawn is not None
    assert [lane["entry"].agreement.id for lane in drawn["lanes"]] == ["A2", "A1"]
    assert timeline([life("A3")], "ltr") is None


def test_years_are_named_as_far_as_there_is_room() -> None:
    for first, last in ((2026, 2026), (2020, 2026), (1907, 2026), (1, 9999)):
        drawn = timeline([life("A1", date(first, 5, 1), date(last, 5, 1))], "ltr")
        assert drawn is not None
        assert 1 <= len(drawn["years"]) <= 13


def test_any_selection_is_on_a_timeline(site: Site) -> None:
    shown = site.ask("/timeline?party=MA").text
    assert 'class="timeline"' in shown
    assert "1 agreement" in shown
    assert "/agreements/A1" in shown
    assert "DE" not in site.ask("/timeline?party=MA&format=csv").text
    assert "No results" in site.ask("/timeline?q=zzzz").text
    assert 'href="/timeline?party=MA"' in site.ask("/?party=MA").text


def test_a_phone_shows_the_name_beside_each_mark(browser: Browser, site: Site) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{site.url}/timeline?party=MA")
    name, mark = page.locator(".timeline a").first, page.locator(".timeline .mark").first
    for shown in (name.bounding_box(), mark.bounding_box()):
        assert shown is not None
        assert shown["x"] >= 0
        assert shown["x"] + shown["width"] <= 390
    page.close()
