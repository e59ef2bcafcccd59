from __future__ import annotations

from datetime import date

import pytest
from selectolax.lexbor import LexborHTMLParser

from spiders.catalog.sources import MOST_CHARACTERS, fault
from spiders.kinds import listing
from spiders.kinds.listing import next_page
from spiders.kinds.offer import Offer
from storage.records import Candidate
from storage.source import SourceKind
from tests.spiders.answers import fetched, source
from tests.spiders.kinds.link_layouts import LAYOUTS, WITH_PRINTS, Layout

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
    assert [candidate.url for candidate in found] == [
        "https://a.org/news/news/1",
        "https://a.org/news/news/2",
    ]


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


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            r"(\w+)*$",
            r"(a+)+b",
            r"^(/\w+)*/x$",
            r"((a|b))+",
            r"(?:\d+-?)+z",
            r"(?P<n>\w*)+",
            r"([^/]+){20}x",
            r"(?:a|a)*$",
        ),
        *(r"((ab?c*)d)+", r"(a{2,})+"),
    ],
)
def test_repeated_groups_that_repeat_or_choose_are_refused(pattern: str) -> None:
    assert "take for ever" in (fault(pattern) or "")


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            r"/news/\d{4}/\d+",
            r"/(news|press)/",
            r"a\.org/(?:en|fr)/.+\.html$",
            r"(/\d\d)+",
            r"([+*]|x)y",
            r"\(a+\)*",
            r"[(a+)]*",
        ),
        *(r"(?!.*/tag/)/articles?/", r"(?i:/Story)-\d+", r"(?:/\w+){2}$", r"(?:-v\d+)?$", ""),
    ],
)
def test_what_address_patterns_look_like_is_taken(pattern: str) -> None:
    assert fault(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "is not a regular expression"),
        ("x{99999999999999999999}", "is not a regular expression"),
        ("(" * 10_000, "500 are the most"),
        ("(" * (MOST_CHARACTERS // 2) + ")" * (MOST_CHARACTERS // 2), None),
    ],
)
def test_what_is_no_pattern_is_named(pattern: str, reason: str | None) -> None:
    found = fault(pattern)
    assert reason is None or reason in (found or "")
    assert "\n" not in (found or "")


def offered(layout: Layout) -> list[str]:
    offer = listing.read(
        fetched(layout.page, url=f"https://a.org{layout.here}"), source(SourceKind.LISTING)
    )
    return [candidate.url.removeprefix("https://a.org") for candidate in offer.candidates]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_all_articles_are_offered_and_nothing_else(layout: Layout) -> None:
    assert offered(layout) == list(layout.articles)


def test_an_article_with_a_print_and_comments_below_it_is_no_section() -> None:
    assert set(WITH_PRINTS.articles) <= set(offered(WITH_PRINTS))


def test_a_page_of_nothing_but_lists_is_taken_as_it_is() -> None:
    page = "".join(f'<a href="/tag/{n}">Everything about subject number {n}</a>' for n in "abc")
    assert len(listing.read(fetched(page), source(SourceKind.LISTING)).candidates) == 3


HERE = "https://a.org/news/"


@pytest.mark.parametrize(
    ("page", "url"),
    [
        ('<link rel="next" href="/news/?page=2">', "https://a.org/news/?page=2"),
        ('<a rel="nofollow next" href="page/2/">2</a>', "https://a.org/news/page/2/"),
        ('<a href="?page=1">1</a><a href="?page=2">2</a>', "https://a.org/news/?page=2"),
        ('<a href="/news/page/2">2</a><a href="/news/page/3">3</a>', "https://a.org/news/page/2"),
        ('<a href="/news/page/2">« Older posts</a>', "https://a.org/news/page/2"),
        ('<a href="/news/page/2">Articles plus anciens</a>', "https://a.org/news/page/2"),
        ('<a href="/news?start=20">Siguiente ›</a>', "https://a.org/news?start=20"),
        ('<a href="/news?start=20">التالي</a>', "https://a.org/news?start=20"),
        ('<a href="/news/page/2" aria-label="Next page">&gt;</a>', "https://a.org/news/page/2"),
        ('<a class="next page-numbers" href="/news/page/2">→</a>', "https://a.org/news/page/2"),
        ('<a href="#">Next</a><a href="javascript:go(2)">2</a>', None),
        ('<a href="/gallery/next">Next picture</a>', None),
        ('<a href="https://b.org/news/page/2">Next</a>', None),
        ('<a href="/news/2">Two ministers resign after the report</a>', None),
        ('<a href="/news/?page=2">Next week the two ministers will meet in Rome</a>', None),
    ],
)
def test_the_next_page_of_a_list(page: str, url: str | None) -> None:
    assert next_page(LexborHTMLParser(page), HERE, HERE) == url


@pytest.mark.parametrize("here", ["https://a.org/news/?page=2", "https://a.org/news/page/2/"])
def test_on_the_second_page_the_third_one_is_next(here: str) -> None:
    page = "".join(f'<a href="{here.replace("2", n)}">{n}</a>' for n in "123")
    assert next_page(LexborHTMLParser(page), here, here) == here.replace("2", "3")
