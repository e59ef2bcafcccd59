"""Sitemaps that are too long for one look, looked at again and again by real crawls."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from storage.records import Source, SourceKind
from tests.spiders.crawls import Done, crawl, spec
from tests.spiders.made_site import MadeSite, made_site
from tests.spiders.servers import Site

TODAY = datetime.now(UTC).date()
XML = "application/xml"


@pytest.fixture
def site() -> Iterator[MadeSite]:
    with made_site() as running:
        running.put("/robots.txt", "", "text/plain")
        yield running


def look(site: MadeSite, folder: Path, **values: object) -> Done:
    source = Source("s", SourceKind.SITEMAP, site.url("/sitemap.xml"), **values)  # type: ignore[arg-type]
    running = Site(int(site.host.rpartition(":")[2]))
    return crawl(spec(folder, running, [source], max_bytes=10 * 2**20))


def urlset(site: MadeSite, entries: Sequence[tuple[str, date | None]]) -> str:
    rows = (
        f"<url><loc>{site.url(path)}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>"
        for path, day in entries
    )
    return f"<urlset>{''.join(rows)}</urlset>"


def index(site: MadeSite, parts: Sequence[tuple[str, date | None]]) -> str:
    rows = (
        f"<sitemap><loc>{site.url(path)}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</sitemap>"
        for path, day in parts
    )
    return f"<sitemapindex>{''.join(rows)}</sitemapindex>"


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_the_newest_of_60_000_are_taken_and_the_rest_is_told_and_taken_later(
    site: MadeSite, tmp_path: Path
) -> None:
    """The newest stand at the end, behind the 50,000 that the protocol allows."""
    body = urlset(site, [(f"/news/{n}", days_ago(60_000 - n)) for n in range(60_000)])
    site.put("/sitemap.xml", body, XML, headers=(("ETag", '"1"'),))
    first = look(site, tmp_path, max_items=4)
    assert sorted(site.asked_for("/news/")) == [f"/news/{n}" for n in range(59_996, 60_000)]
    assert first.report["sources"]["s"]["problems"] == [
        "later: 59,996 new addresses of the sitemap are left for later looks"
    ]
    assert not first.report["sources"]["s"]["failed"]
    look(site, tmp_path, max_items=4)
    assert sorted(site.asked_for("/news/")) == [f"/news/{n}" for n in range(59_992, 59_996)]


def test_a_sitemap_without_dates_is_taken_from_its_beginning_to_its_end(
    site: MadeSite, tmp_path: Path
) -> None:
    site.put("/sitemap.xml", urlset(site, [(f"/news/{n}", None) for n in range(7)]), XML)
    taken = []
    for _ in range(4):
        look(site, tmp_path, max_items=3)
        taken.append("".join(sorted(path[-1] for path in site.asked_for("/news/"))))
    assert taken == ["012", "345", "6", ""]


def test_parts_older_than_the_last_whole_look_are_not_asked_again(
    site: MadeSite, tmp_path: Path
) -> None:
    parts = {f"/part{n}.xml": days_ago(30 * n + 5) for n in range(4)}
    for n, path in enumerate(parts):
        site.put(path, urlset(site, [(f"/news/{n}", days_ago(30 * n + 5))]), XML)
    site.put("/sitemap.xml", index(site, list(parts.items())), XML)
    look(site, tmp_path)
    assert site.asked_for("/part") == list(parts)  # the newest first
    look(site, tmp_path)
    assert site.asked_for("/part") == []
    parts["/part2.xml"] = TODAY
    site.put("/sitemap.xml", index(site, list(parts.items())), XML)
    site.put("/part2.xml", urlset(site, [("/news/2", None), ("/news/new", TODAY)]), XML)
    look(site, tmp_path)
    assert [path for path in site.asked if not path.startswith("/robots")] == [
        "/sitemap.xml",
        "/part2.xml",
        "/news/new",
    ]


def test_a_long_index_is_read_over_several_looks_the_newest_parts_first(
    site: MadeSite, tmp_path: Path
) -> None:
    parts = [(f"/part{n:02}.xml", days_ago(400 - n)) for n in range(6)]
    for n, (path, day) in enumerate(parts):
        site.put(path, urlset(site, [(f"/news/{n}-{m}", day) for m in range(2)]), XML)
    site.put("/sitemap.xml", index(site, parts), XML)
    first = look(site, tmp_path, max_items=3)
    assert site.asked_for("/part") == ["/part05.xml", "/part04.xml"]
    assert first.problems() == [
        "later: 1 new address and 4 parts of the sitemap are left for later looks"
    ]
    asked = []
    for _ in range(5):
        look(site, tmp_path, max_items=3)
        asked.append(site.asked_for("/part"))
    assert asked == [
        ["/part04.xml", "/part03.xml"],
        ["/part02.xml", "/part01.xml"],
        ["/part01.xml", "/part00.xml"],
        [],
        [],
    ]


def test_a_sitemap_that_names_itself_ends(site: MadeSite, tmp_path: Path) -> None:
    parts: list[tuple[str, date | None]] = [("/sitemap.xml", TODAY), ("/other.xml", TODAY)]
    site.put("/sitemap.xml", index(site, parts), XML)
    site.put("/other.xml", index(site, [*parts, ("/part.xml", None)]), XML)
    site.put("/part.xml", gzip.compress(urlset(site, [("/news/1", TODAY)]).encode()), XML)
    done = look(site, tmp_path)
    asked = [path for path in site.asked if path.endswith(".xml")]
    assert sorted(asked) == ["/other.xml", "/part.xml", "/sitemap.xml"]
    assert done.report["totals"]["stored"] == 1
