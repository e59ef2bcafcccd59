from __future__ import annotations

import gzip
import resource
from datetime import UTC, date, datetime

import pytest

from spiders.kinds import sitemap
from spiders.kinds.offer import Offer
from storage.records import Candidate
from storage.source import SourceKind
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
    assert read(INDEX) == Offer(
        more=("https://a.org/s1.xml", "https://a.org/s2.xml.gz"),
        changed_at={"https://a.org/s1.xml": datetime(2026, 11, 2, 12, tzinfo=UTC)},
    )


def test_all_parts_of_a_long_index_are_named_the_newest_first() -> None:
    parts = "".join(
        f"<sitemap><loc>https://a.org/{n}.xml</loc><lastmod>20{n:02d}-01-01</lastmod></sitemap>"
        for n in range(1, 27)
    )
    more = read(f"<sitemapindex {NS}>{parts}</sitemapindex>").more
    assert more == tuple(f"https://a.org/{n}.xml" for n in range(26, 0, -1))


def test_all_documents_are_offered_the_newest_first() -> None:
    body = urlset(
        ("https://a.org/old", "2020-01-01"),
        ("https://a.org/b", "2026-02-01"),
        ("https://a.org/u", None),
        ("https://a.org/c", "2026-01-01"),
    )
    assert [candidate.url for candidate in read(body, max_items=2).candidates] == [
        "https://a.org/b",
        "https://a.org/c",
        "https://a.org/old",
        "https://a.org/u",
    ]


def test_of_one_day_the_latest_hour_comes_first() -> None:
    days = ("2026-11-23T08:00:00Z", "2026-11-23T12:00:00+03:00", "2026-11-23T06:30:00-05:00")
    body = urlset(*((f"https://a.org/{number}", day) for number, day in enumerate(days)))
    assert [candidate.url[-1] for candidate in read(body).candidates] == ["2", "1", "0"]


@pytest.mark.parametrize("packed", [False, True])
def test_more_addresses_than_the_protocol_allows_are_read(packed: bool) -> None:
    """60,000 in 10 MB: more than one piece, and a parser that keeps nothing behind."""
    rows = ((f"https://a.org/{'long-' * 20}{n}", f"2026-11-{n % 28 + 1:02}") for n in range(60_000))
    body = urlset(*rows).encode()
    offer = read(gzip.compress(body) if packed else body)
    assert (len(offer.candidates), offer.problem, offer.left_out) == (60_000, None, 0)
    assert offer.candidates[0].published_on == date(2026, 11, 28)


def test_what_goes_beyond_a_limit_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MAX_ENTRIES", 3)
    offer = read(urlset(*((f"https://a.org/{n}", None) for n in range(5))))
    assert (len(offer.candidates), offer.left_out) == (3, 2)


def test_a_gzip_bomb_gives_what_stands_before_its_limit() -> None:
    head = urlset(("https://a.org/1", None)).removesuffix("</urlset>").encode()
    offer = read(gzip.compress(head + b"<!---->" * 9 * 2**20 + b"</urlset>", 1))
    assert [candidate.url for candidate in offer.candidates] == ["https://a.org/1"]
    assert (offer.problem or "").startswith("too_large: ")


def test_a_bomb_of_empty_elements_takes_no_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert read(gzip.compress(b"<urlset>" + b"<a/>" * 2**21 + b"</urlset>", 1)) == Offer()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_list_that_breaks_off_gives_whole_addresses() -> None:
    offer = read(gzip.compress(b"https://a.org/1 https://a.org/2")[:-9])
    assert [candidate.url for candidate in offer.candidates] == ["https://a.org/1"]
    assert (offer.problem or "").startswith("truncated: ")


def test_a_plain_list_of_addresses_is_a_sitemap_too() -> None:
    assert [
        candidate.url for candidate in read("https://a.org/1\nhttps://a.org/2\n").candidates
    ] == [
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
        (gzip.compress(b"<urlset><url><loc>https://a.org/1")[:-9], "truncated"),
        (gzip.compress(b"<urlset>" + b" " * 60 * 2**20), "too_large"),
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
    assert [candidate.url for candidate in offer.candidates] == ["https://a.org/1"]
    assert (offer.problem or "").startswith("truncated: ")


@pytest.mark.parametrize("levels", [2, 5, 11])
def test_an_entity_bomb_does_not_go_off(levels: int) -> None:
    """The small ones stay below what the parser refuses, and would be seen in the address."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels + 1))
    bomb = f'<?xml version="1.0"?><!DOCTYPE u [<!ENTITY e0 "ha">{entities}]><urlset {NS}><url><loc>https://a.org/&e{levels};</loc></url></urlset>'
    assert all("haha" not in candidate.url for candidate in read(bomb).candidates)


def test_a_file_is_not_read_through_an_entity() -> None:
    body = f'<?xml version="1.0"?><!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset {NS}><url><loc>https://a.org/&x;</loc></url></urlset>'
    assert not any("root" in candidate.url for candidate in read(body).candidates)


@pytest.mark.parametrize(
    "poison",
    [
        "<loc>https://a.org/3?a=1&b=2</loc>",
        "<loc>https://a.org/3</lc>",
        "<loc>https://a.org/3\x01</loc>",
        '<loc>https://a.org/3</loc><x a="1" a="1"/>',
    ],
)
def test_an_entry_that_cannot_be_read_costs_itself_alone(poison: str) -> None:
    entries = [f"<url><loc>https://a.org/{n}</loc></url>" for n in range(10)]
    entries[3] = f"<url>{poison}</url>"
    offer = read(f"<urlset>{''.join(entries)}</urlset>")
    left = [candidate.url for candidate in offer.candidates]
    assert left == [f"https://a.org/{n}" for n in range(10) if n != 3]
    assert (offer.problem or "").startswith(
        "left_out: 1 of 10 items cannot be read: https://a.org/3"
    )


def test_references_to_no_character_cost_nothing_wherever_a_piece_ends() -> None:
    url = "<url><loc>https://a.org/{}</loc><title>&#xD800;&#x110000;&#65;</title></url>"
    for shift in range(16):
        entries = "".join(url.format(n) for n in range(2_000))
        offer = read(f"<urlset>{' ' * shift}{entries}</urlset>")
        assert (len(offer.candidates), offer.problem) == (2_000, None)
        assert {candidate.title for candidate in offer.candidates} == {"\ufffd\ufffdA"}


def test_a_file_of_faults_is_no_sitemap_to_its_end() -> None:
    entries = "<url><loc>https://a.org/?a=1&b=2</loc></url>" * 50_000
    offer = read(f"<urlset><url><loc>https://a.org/1</loc></url>{entries}</urlset>")
    assert [candidate.url for candidate in offer.candidates] == ["https://a.org/1"]
    assert (offer.problem or "").startswith("truncated: ")
