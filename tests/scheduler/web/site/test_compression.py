"""Answers that are compressed on their way, and those that are not."""

from __future__ import annotations

import gzip
import re

import pytest

from tests.scheduler.web.site.running import Site


@pytest.mark.parametrize("path", ["/", "/feed.atom", "/api/v1/agreements", "/static/site.css"])
def test_who_takes_gzip_gets_it(site: Site, path: str) -> None:
    plain, packed = site.ask(path), site.ask(path, Accept_Encoding="gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert len(packed.body) < len(plain.body) / 2
    # The tokens of forms differ by the moment alone.
    shown = [re.sub(rb"\d+", b"", one) for one in (gzip.decompress(packed.body), plain.body)]
    assert shown[0] == shown[1]


def test_what_is_known_is_still_not_sent_again(site: Site) -> None:
    tag = site.ask("/api/v1/agreements", Accept_Encoding="gzip").headers["etag"]
    assert tag.startswith('W/"')
    again = site.ask("/api/v1/agreements", Accept_Encoding="gzip", If_None_Match=tag)
    assert (again.code, again.body) == (304, b"")
    head = site.ask("/", "HEAD", Accept_Encoding="gzip")
    assert (head.code, head.body) == (200, b"")


@pytest.mark.parametrize("site_of", ["cross-site", "same-site"])
def test_what_another_site_asks_is_not_compressed(site: Site, site_of: str) -> None:
    """Its length would tell how well a guess in the address goes with the secrets of the page."""
    path = "/search?q=guess"
    foreign = site.ask(path, Accept_Encoding="gzip", Sec_Fetch_Site=site_of)
    assert "content-encoding" not in foreign.headers
    own = site.ask(path, Accept_Encoding="gzip", Sec_Fetch_Site="same-origin")
    assert own.headers["content-encoding"] == "gzip"
