"""Listings of several pages, looked at again and again by real crawls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from spiders.kinds.offer import MAX_PAGES
from storage.source import Source, SourceKind
from tests.spiders.crawls import Done, crawl, spec
from tests.spiders.made_site import MadeSite, made_site
from tests.spiders.servers import Site

PER_PAGE = 4


@pytest.fixture
def site() -> Iterator[MadeSite]:
    with made_site() as running:
        running.put("/robots.txt", "", "text/plain")
        yield running


def look(site: MadeSite, folder: Path) -> Done:
    source = Source("s", SourceKind.LISTING, site.url("/list"))
    return crawl(spec(folder, Site(int(site.host.rpartition(":")[2])), [source]))


def put_pages(site: MadeSite, numbers: Sequence[int]) -> None:
    """Pages of four articles each; the numbers are those of articles, the newest first."""
    for start in range(0, len(numbers), PER_PAGE):
        number = start // PER_PAGE + 1
        rows = "".join(
            f'<li><a href="/news/{n}">The council of the town meets, number {n}</a></li>'
            for n in numbers[start : start + PER_PAGE]
        )
        more = f'<a rel="next" href="/list?page={number + 1}">Older</a>'
        last = start + PER_PAGE >= len(numbers)
        body = f"<!doctype html><html><body><ul>{rows}</ul>{'' if last else more}</body></html>"
        site.put("/list" if number == 1 else f"/list?page={number}", body)


def test_further_pages_are_read_while_they_bring_something_new(
    site: MadeSite, tmp_path: Path
) -> None:
    put_pages(site, range(110, 100, -1))
    first = look(site, tmp_path)
    assert first.report["totals"]["stored"] == 10
    assert site.asked_for("/list") == ["/list", "/list?page=2", "/list?page=3"]
    put_pages(site, range(116, 100, -1))  # six more: one page and a half
    second = look(site, tmp_path)
    assert second.report["totals"]["stored"] == 6
    assert site.asked_for("/list") == ["/list", "/list?page=2"]
    look(site, tmp_path)
    assert site.asked_for("/list") == ["/list"]


def test_a_further_page_that_failed_is_asked_again_at_the_next_look(
    site: MadeSite, tmp_path: Path
) -> None:
    put_pages(site, range(112, 100, -1))
    whole = site.answers["/list?page=2"]
    site.put("/list?page=2", "", status=500)
    first = look(site, tmp_path)
    assert (first.report["totals"]["stored"], first.code) == (4, 0)
    site.answers["/list?page=2"] = whole
    site.asked_for("/list")
    assert look(site, tmp_path).report["totals"]["stored"] == 8
    assert site.asked_for("/list") == ["/list", "/list?page=2", "/list?page=3"]
    look(site, tmp_path)
    assert site.asked_for("/list") == ["/list"]


def test_of_an_archive_only_a_handful_of_pages_is_read_at_one_look(
    site: MadeSite, tmp_path: Path
) -> None:
    put_pages(site, range(200, 100, -1))
    done = look(site, tmp_path)
    assert len(site.asked_for("/list")) == MAX_PAGES
    assert done.report["totals"]["new"] == MAX_PAGES * PER_PAGE
