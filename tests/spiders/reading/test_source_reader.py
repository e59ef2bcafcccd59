"""Sitemaps, listings and JSON of many pages, looked at again and again by real crawls."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from spiders.kinds.offer import MAX_PAGES
from spiders.reading.source_reader import MAX_UNDATED, parts_due
from storage.source import JsonPaths, Source, SourceKind
from tests.spiders.answers import NOW
from tests.spiders.crawls import Done, crawl, source, spec
from tests.spiders.hosts import NOTHING, Answer, Request, feed_of, host, page_of
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


SLOW_S = 0.05  # long enough for a second request to come in between, if one was sent


def answers(request: Request) -> Answer:
    time.sleep(SLOW_S)
    if request.path == "/robots.txt":
        return NOTHING
    if request.path.startswith("/feed"):
        return feed_of(*(f"/from{request.path}/{number}" for number in range(4)))
    if request.path == "/map.xml":
        places = "".join(f"<url><loc>/from-map/{number}</loc></url>" for number in range(4))
        return Answer(f"<urlset>{places}</urlset>".encode(), content_type="application/xml")
    return page_of(request.path)


def test_feeds_sitemaps_documents_and_robots_wait_for_one_another(tmp_path: Path) -> None:
    with host(answers) as running:
        site = running.site()
        sources = [
            source(site, "/feed1"),
            source(site, "/feed2"),
            source(site, "/map.xml", SourceKind.SITEMAP),
            source(site, "/page", SourceKind.PAGE),
        ]
        done = crawl(spec(tmp_path, site, sources))
    assert done.report["totals"]["stored"] == 13, done.stderr
    asked = sorted(running.asked, key=lambda request: request.began_s)
    assert len(asked) == 1 + 4 + 12
    assert all(before.ended_s <= after.began_s for before, after in pairwise(asked))


def test_any_failure_with_a_wish_to_wait_is_heeded(tmp_path: Path) -> None:
    def busy(request: Request) -> Answer:
        if request.path == "/feed":
            return feed_of("/news/a", "/news/b")
        return NOTHING if request.path == "/robots.txt" else refused

    refused = Answer(b"later", 403, {"Retry-After": "3600"})
    with host(busy) as running:
        done = crawl(spec(tmp_path, running.site(), [source(running.site(), "/feed")]))
        asked = [path for path in running.paths() if path.startswith("/news/")]
    assert len(asked) == 1
    assert done.report["totals"]["skipped"] == {"http_403": 1, "paused": 1}


DAY = timedelta(days=1)


def test_parts_that_changed_since_they_were_read_come_newest_first() -> None:
    changed = {"a": NOW - 3 * DAY, "b": NOW - DAY, "c": NOW}
    read = {part: (NOW - 2 * DAY, at) for part, at in changed.items()}
    assert parts_due(["a", "b", "c"], changed, read, 0) == (["c", "b"], 2)


def test_parts_that_were_never_read_whole_are_due_whatever_their_date() -> None:
    changed = {"a": NOW - 900 * DAY, "b": NOW - DAY}
    assert parts_due(["a", "b"], changed, {"b": (NOW, NOW - DAY)}, 0) == (["a"], 1)


def test_undated_parts_are_asked_for_every_time_if_they_are_few() -> None:
    parts = ["a", "b", "c"]
    assert parts_due(parts, {}, dict.fromkeys(parts, (NOW, None)), 5) == (parts, 0)


def test_many_undated_parts_are_asked_for_in_turn_but_the_ends_always() -> None:
    parts = [str(number) for number in range(40)]
    read = dict.fromkeys(parts, (NOW, None))
    turns = [parts_due(parts, {}, read, turn)[0] for turn in range(6)]
    assert all(len(turn) == MAX_UNDATED and turn[:2] == ["0", "39"] for turn in turns)
    assert {part for turn in turns for part in turn} == set(parts)


def test_another_date_than_before_counts_though_the_clock_of_the_site_is_behind() -> None:
    changed = {"a": NOW - 4 * DAY, "b": NOW - 4 * DAY}
    read = {"a": (NOW, NOW - 4 * DAY), "b": (NOW, NOW - 5 * DAY)}
    assert parts_due(["a", "b"], changed, read, 0) == (["b"], 1)


POSTS = "/wp-json/wp/v2/posts?_fields=link,title,date_gmt,date,excerpt&per_page=50"


def look_at_api(site: MadeSite, folder: Path, source: Source) -> int:
    done = crawl(spec(folder, Site(int(site.host.rpartition(":")[2])), [source]))
    stored: int = done.report["totals"]["stored"]
    return stored


def posts(site: MadeSite, numbers: range) -> str:
    return json.dumps(
        [{"link": site.url(f"/news/{n}"), "title": {"rendered": f"Post {n}"}} for n in numbers]
    )


def test_further_pages_of_posts_are_read_only_while_they_bring_new_ones(
    site: MadeSite, tmp_path: Path
) -> None:
    source = Source("s", SourceKind.WORDPRESS, site.url("/"))
    site.put(POSTS, posts(site, range(60, 10, -1)), "application/json")
    site.put(f"{POSTS}&page=2", posts(site, range(10, 7, -1)), "application/json")
    assert look_at_api(site, tmp_path, source) == 53
    site.asked.clear()
    site.put(POSTS, posts(site, range(61, 11, -1)), "application/json")
    assert look_at_api(site, tmp_path, source) == 1
    assert site.asked_for("/wp-json") == [POSTS]


def test_the_end_of_all_posts_is_no_problem(site: MadeSite, tmp_path: Path) -> None:
    source = Source("s", SourceKind.WORDPRESS, site.url("/"))
    site.put(POSTS, posts(site, range(50, 0, -1)), "application/json")
    over = json.dumps({"code": "rest_post_invalid_page_number"})
    site.put(f"{POSTS}&page=2", over, "application/json", status=400)
    done = crawl(spec(tmp_path, Site(int(site.host.rpartition(":")[2])), [source]))
    assert (done.report["totals"]["stored"], done.problems()) == (50, [])


def test_documents_of_an_api_are_stored(site: MadeSite, tmp_path: Path) -> None:
    rows = [{"slug": f"a-{n}", "name": f"Item {n}"} for n in range(3)]
    site.put("/api", json.dumps({"data": rows}), "application/json")
    paths = JsonPaths("data", "/news/{slug}", "name")
    assert (
        look_at_api(site, tmp_path, Source("s", SourceKind.JSON, site.url("/api"), paths=paths))
        == 3
    )


PER_PAGE = 4


def look_at_listing(site: MadeSite, folder: Path) -> Done:
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
    first = look_at_listing(site, tmp_path)
    assert first.report["totals"]["stored"] == 10
    assert site.asked_for("/list") == ["/list", "/list?page=2", "/list?page=3"]
    put_pages(site, range(116, 100, -1))  # six more: one page and a half
    second = look_at_listing(site, tmp_path)
    assert second.report["totals"]["stored"] == 6
    assert site.asked_for("/list") == ["/list", "/list?page=2"]
    look_at_listing(site, tmp_path)
    assert site.asked_for("/list") == ["/list"]


def test_a_further_page_that_failed_is_asked_again_at_the_next_look(
    site: MadeSite, tmp_path: Path
) -> None:
    put_pages(site, range(112, 100, -1))
    whole = site.answers["/list?page=2"]
    site.put("/list?page=2", "", status=500)
    first = look_at_listing(site, tmp_path)
    assert (first.report["totals"]["stored"], first.code) == (4, 0)
    site.answers["/list?page=2"] = whole
    site.asked_for("/list")
    assert look_at_listing(site, tmp_path).report["totals"]["stored"] == 8
    assert site.asked_for("/list") == ["/list", "/list?page=2", "/list?page=3"]
    look_at_listing(site, tmp_path)
    assert site.asked_for("/list") == ["/list"]


def test_of_an_archive_only_a_handful_of_pages_is_read_at_one_look(
    site: MadeSite, tmp_path: Path
) -> None:
    put_pages(site, range(200, 100, -1))
    done = look_at_listing(site, tmp_path)
    assert len(site.asked_for("/list")) == MAX_PAGES
    assert done.report["totals"]["new"] == MAX_PAGES * PER_PAGE
