"""Sources that answer with JSON, looked at by real crawls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.source import JsonPaths, Source, SourceKind
from tests.spiders.crawls import crawl, spec
from tests.spiders.made_site import MadeSite, made_site
from tests.spiders.servers import Site

POSTS = "/wp-json/wp/v2/posts?_fields=link,title,date_gmt,date,excerpt&per_page=50"


@pytest.fixture
def site() -> Iterator[MadeSite]:
    with made_site() as running:
        running.put("/robots.txt", "", "text/plain")
        yield running


def look(site: MadeSite, folder: Path, source: Source) -> int:
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
    assert look(site, tmp_path, source) == 53
    site.asked.clear()
    site.put(POSTS, posts(site, range(61, 11, -1)), "application/json")
    assert look(site, tmp_path, source) == 1
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
    assert look(site, tmp_path, Source("s", SourceKind.JSON, site.url("/api"), paths=paths)) == 3
