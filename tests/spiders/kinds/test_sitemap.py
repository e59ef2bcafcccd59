from __future__ import annotations

import gzip
from datetime import date

import pytest

from spiders.kinds import sitemap
from spiders.kinds.offer import Offer
from storage.records import Candidate, SourceKind
from tests.spiders.answers import fetched, source

NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = f"""<?xml version="1.0" encoding="UTF-8"?><urlset {NS} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><image:image><image:loc>https://a.org/p.jpg</image:loc>
</image:image><loc> https://a.org/1?utm_medium=x </loc><news:news><news:publication><news:name>A</news:name>
<news:language>pt-BR</news:language></news:publication><news:publication_date>2026-11-23T22:00:00+01:00
</news:publication_date><news:title>Acordo &amp; tratado</news:title></news:news></url></urlset>"""
INDEX = f"""<sitemapindex {NS}><sitemap><loc>/s1.xml</loc><lastmod>2026-11-01</lastmod></sitemap>
<sitemap><loc>https://a.org/s2.xml.gz</loc></sitemap></sitemapindex>"""


def urlset(*entries: tuple[str, str | None]) -> str:
    rows = (
        f"<url><loc>{url}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>"
        for url, day in entries
    )
    return f"<urlset {NS}>{''.join(rows)}</urlset>"


def read(body: str | bytes, **values: object) -> Offer:
    return sitemap.read(fetched(body, "application/xml"), source(SourceKind.SITEMAP, **values))


def test_a_news_sitemap_gives_title_day_and_language() -> None:
    assert read(NEWS) == Offer(
        (Candidate("https://a.org/1", "Acordo & tratado", date(2026, 11, 23), "pt"),)
    )


def test_it_may_be_gzipped_whatever_its_name() -> None:
    assert read(gzip.compress(NEWS.encode())) == read(NEWS)


def test_an_index_names_its_parts() -> None:
    assert read(INDEX) == Offer(more=("https://a.org/s1.xml", "https://a.org/s2.xml.gz"))


def test_the_newest_parts_of_a_long_index_are_read() -> None:
    parts = "".join(
        f"<sitemap><loc>https://a.org/{n}.xml</loc><lastmod>20{n:02d}-01-01</lastmod></sitemap>"
        for n in range(1, 27)
    )
    more = read(f"<sitemapindex {NS}>{parts}</sitemapindex>").more
    assert more == tuple(f"https://a.org/{n}.xml" for n in range(17, 27))


def test_where_there_are_too_many_the_newest_are_kept_in_their_order() -> None:
    body = urlset(
        ("https://a.org/old", "2020-01-01"),
        ("https://a.org/b", "2026-02-01"),
        ("https://a.org/u", None),
        ("https://a.org/c", "2026-01-01"),
    )
    assert [found.url for found in read(body, max_items=2).candidates] == [
        "https://a.org/b",
        "https://a.org/c",
    ]


def test_a_plain_list_of_addresses_is_a_sitemap_too() -> None:
    assert [found.url for found in read("https://a.org/1\nhttps://a.org/2\n").candidates] == [
        "https://a.org/1",
        "https://a.org/2",
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<html><body>Not here</body></html>", "html"),
        (b"\x1f\x8bnonsense", "broken"),
        (b"{}", "not_a_sitemap"),
        (b"<rss></rss>", "not_a_sitemap"),
        (gzip.compress(b"https://a.org/1 https://a.org/2")[:-9], "truncated"),
        (gzip.compress(bytes(60 * 2**20)), "too_large"),
    ],
    # gzip writes the time into what it packs, so that bytes are no names.
    ids=["nothing", "page", "nonsense", "json", "feed", "broken off", "bomb"],
)
def test_what_is_no_sitemap_fails_with_a_name(body: bytes, reason: str) -> None:
    offer = read(body)
    assert offer.failed
    assert (offer.problem or "").startswith(f"{reason}: ")


@pytest.mark.parametrize(
    "body", [f"<urlset {NS}></urlset>", f"<urlset {NS}/>", f"<sitemapindex {NS}></sitemapindex>"]
)
def test_a_sitemap_that_lists_nothing_is_a_sitemap(body: str) -> None:
    assert read(body.encode()) == Offer()


def test_a_sitemap_that_breaks_off_gives_what_arrived() -> None:
    body = urlset(("https://a.org/1", None), ("https://a.org/2", None))
    offer = read(body[:-40])
    assert [found.url for found in offer.candidates] == ["https://a.org/1"]
    assert (offer.problem or "").startswith("truncated: ")


@pytest.mark.parametrize("levels", [2, 5, 11])
def test_an_entity_bomb_does_not_go_off(levels: int) -> None:
    """The small ones would stay below what the parser refuses by itself, and be seen in the
    address.
    """
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels + 1))
    bomb = f'<?xml version="1.0"?><!DOCTYPE u [<!ENTITY e0 "ha">{entities}]><urlset {NS}><url><loc>https://a.org/&e{levels};</loc></url></urlset>'
    assert all("haha" not in found.url for found in read(bomb).candidates)


def test_a_file_is_not_read_through_an_entity() -> None:
    body = f'<?xml version="1.0"?><!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset {NS}><url><loc>https://a.org/&x;</loc></url></urlset>'
    assert not any("root" in found.url for found in read(body).candidates)
