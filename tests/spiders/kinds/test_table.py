from __future__ import annotations

import gzip
from datetime import UTC, datetime
from typing import cast

import pytest

from spiders.fetch.settings import CrawlSettings
from spiders.kinds.offer import Kind, Offer
from spiders.kinds.table import KINDS, bytes_of, discover, guess_kind, read_source
from spiders.kinds.watched_page import read as read_page
from spiders.reading.polls import validators_key
from spiders.reading.source_reading import SourceAnswer, SourceReading
from storage.records import Fetched
from storage.source import LOCAL_SOURCES, Source, SourceKind
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


ADDRESS = "https://ministry.example/agreements"
SOURCE = Source("ministry", SourceKind.PAGE, ADDRESS)
SHELL = """<!doctype html><html><head><title>Agreements</title><script src=/app.js></script></head>
<body><noscript>Please switch JavaScript on to see this application in your browser, thank you.</noscript>
<div id=root>Loading</div><script>window.state = "many words that nobody sees as they are not part of the page"</script>
</body></html>"""
WORDS = "<p>The agreement of 2024 between the two ministries on labour mobility is in force since May.</p>"


def page_of(body: str, content_type: str = "text/html") -> Fetched:
    return Fetched(ADDRESS, ADDRESS, content_type, body.encode(), datetime(2026, 3, 12, tzinfo=UTC))


def test_a_page_that_is_empty_without_javascript_has_failed() -> None:
    offer = read_page(page_of(SHELL), SOURCE)
    assert offer.failed
    assert "empty without JavaScript" in (offer.problem or "")


@pytest.mark.parametrize(
    "body",
    [
        SHELL.replace("Loading", WORDS),
        # short, but it is all there is
        "<!doctype html><html><body><h1>Agreements</h1></body></html>",
        "%PDF-1.7 <html",
    ],
)
def test_a_page_with_words_or_without_scripts_is_offered(body: str) -> None:
    offer = read_page(page_of(body), SOURCE)
    assert [candidate.url for candidate in offer.candidates] == [ADDRESS]
    assert offer.problem is None


def test_a_page_without_bytes_has_failed() -> None:
    assert read_page(page_of(" "), SOURCE).failed


def test_each_kind_with_an_address_on_the_web_stands_in_the_table() -> None:
    assert KINDS.keys() == set(SourceKind) - LOCAL_SOURCES - {SourceKind.IMAP}


def test_a_kind_declares_its_address_its_size_and_how_pages_follow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = Kind(
        lambda answer, source: Offer(problem=answer.url),
        lambda source: f"{source.url}?api",
        size=3,
        deepest=1,
        chosen_by=lambda source: str(source.max_items),
    )
    monkeypatch.setitem(cast(dict[SourceKind, Kind], KINDS), SourceKind.JSON, own)
    source = Source("s", SourceKind.JSON, "https://a.org/x", max_items=7)
    assert read_source(fetched(PAGE), source).problem == fetched(PAGE).url
    assert bytes_of(SourceKind.JSON, CrawlSettings(max_bytes=10_000)) == 30_000
    assert validators_key(source, source.url) == "https://a.org/x#7"
    offered = SourceAnswer(source.url, 1, offer=Offer(more=("https://a.org/y",)))
    assert SourceReading(source).after(offered).further() == []
