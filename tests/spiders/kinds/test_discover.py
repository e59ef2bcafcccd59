from __future__ import annotations

import gzip

import pytest

from spiders.kinds.table import discover, guess_kind
from storage.records import SourceKind
from tests.spiders.answers import fetched
from tests.spiders.kinds.test_feed import ATOM, RDF, RSS
from tests.spiders.kinds.test_listing import PAGE
from tests.spiders.kinds.test_sitemap import INDEX, NEWS


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (RSS, SourceKind.FEED),
        (ATOM, SourceKind.FEED),
        (RDF, SourceKind.FEED),
        (NEWS, SourceKind.SITEMAP),
        (INDEX, SourceKind.SITEMAP),
        (gzip.compress(NEWS.encode(), mtime=0), SourceKind.SITEMAP),
        (PAGE, SourceKind.LISTING),
        (RSS.encode("utf-16-le"), SourceKind.FEED),
    ],
)
def test_the_kind_is_told_from_the_bytes(body: str | bytes, kind: SourceKind) -> None:
    assert guess_kind(fetched(body, "text/plain")) is kind


def test_a_kind_that_is_given_is_not_guessed() -> None:
    assert (discover(fetched(PAGE), SourceKind.FEED).problem or "").startswith("html: ")


def test_a_web_page_names_the_feeds_that_it_declares() -> None:
    page = PAGE.replace(
        "<title>", '<link rel="alternate" type="application/rss+xml" href="/feed/"><title>'
    )
    assert discover(fetched(page)).more == ("https://a.org/feed/",)
