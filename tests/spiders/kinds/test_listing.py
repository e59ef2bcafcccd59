from __future__ import annotations

from datetime import date

import pytest

from spiders.kinds import listing
from spiders.kinds.offer import Offer
from storage.records import Candidate, SourceKind
from tests.spiders.answers import fetched, source

PAGE = """<html><head><base href="/ar/"><title>News</title></head><body>
<nav><a href="/about">About our organisation and its long mandate</a></nav>
<main><div class="row"><h3><a href="news/1?utm_source=home">Ministers sign an agreement on readmission</a></h3>
<time datetime="2026-11-20T10:00:00Z">20.11.</time></div>
<div class="row"><h3><a href="news/2"> Second
 headline of the day, long enough </a></h3></div>
<a href="news/2#comments">3 comments</a><a href="https://other.org/news/9">A headline that another outlet published</a>
<a href="mailto:x@a.org">Write to us whenever you like to do so</a></main></body></html>"""
FIRST = Candidate(
    "https://a.org/ar/news/1",
    "Ministers sign an agreement on readmission",
    date(2026, 11, 20),
    "en",
)
SECOND = Candidate("https://a.org/ar/news/2", "Second headline of the day, long enough", None, "en")


def read(body: str | bytes = PAGE, **values: object) -> Offer:
    return listing.read(fetched(body), source(SourceKind.LISTING, language="en", **values))


def test_a_selector_chooses_the_links() -> None:
    assert read(link_selector="main h3 a") == Offer((FIRST, SECOND))


def test_a_pattern_chooses_by_the_whole_address() -> None:
    assert read(link_pattern=r"//a\.org/ar/news/\d+$").candidates == (FIRST, SECOND)


def test_without_either_headlines_of_the_same_host_are_taken() -> None:
    assert read().candidates == (FIRST, SECOND)


def test_a_pattern_that_fits_nothing_is_a_problem_that_names_it() -> None:
    offer = read(link_pattern="/press/")
    assert offer.failed
    assert "link_pattern '/press/'" in (offer.problem or "")


def test_an_empty_page_is_a_problem() -> None:
    assert (read(b"").problem or "").startswith("empty: ")


def test_the_declared_charset_is_honoured() -> None:
    body = PAGE.replace("Ministers sign", "Ministères").encode("windows-1252")
    page = body.replace(b"<head>", b'<head><meta charset="windows-1252">')
    offer = listing.read(
        fetched(page, "text/html"), source(SourceKind.LISTING, link_selector="h3 a")
    )
    assert (offer.candidates[0].title or "").startswith("Ministères")


@pytest.mark.parametrize("base", ["http://[x]", "//[", "http://[::1", "mailto:x"])
def test_a_base_that_is_no_address_does_not_count(base: str) -> None:
    page = PAGE.replace('<base href="/ar/">', f'<base href="{base}">')
    found = read(page, link_selector="main h3 a").candidates
    assert [one.url for one in found] == ["https://a.org/news/news/1", "https://a.org/news/news/2"]


@pytest.mark.parametrize("charset", ["quopri", "hex", "undefined", "idna", "no-such"])
def test_a_charset_that_is_none_is_passed_over(charset: str) -> None:
    offer = listing.read(
        fetched(PAGE, f"text/html; charset={charset}"),
        source(SourceKind.LISTING, link_selector="main h3 a"),
    )
    assert len(offer.candidates) == 2


def test_a_page_that_is_empty_without_its_scripts_says_so() -> None:
    shell = '<html><body><a href="/">Home</a><div id="root"></div><script src="/app.js"></script></body></html>'
    assert "javascript: true" in (read(shell).problem or "")
    assert "rebuilt" in (read(shell, javascript=True).problem or "")
