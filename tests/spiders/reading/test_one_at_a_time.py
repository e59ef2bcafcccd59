"""A host is asked one thing at a time, whoever wants it."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

from storage.records import SourceKind
from tests.spiders.crawls import crawl, source, spec
from tests.spiders.hosts import NOTHING, Answer, Request, feed_of, host, page_of

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
