from __future__ import annotations

import io
from datetime import date

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest

from spiders.kinds import feed
from spiders.kinds.offer import Offer
from storage.records import Candidate
from storage.source import SourceKind
from tests.spiders.answers import fetched, source

RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>T</title><language>fr-FR</language>
<item><title>Accord &lt;b&gt;signé&lt;/b&gt; &amp;amp; publié</title><link>https://a.org/1?utm_source=rss</link>
<pubDate>Mon, 23 Nov 2026 23:30:00 -0200</pubDate></item>
<item><title>Deux</title><guid isPermaLink="true">https://a.org/2</guid></item>
<item><title>Sans lien</title><guid isPermaLink="false">tag:7</guid></item>
<item><title>Relatif</title><link>/3</link></item>
<item><title>Encore le premier</title><link>https://a.org/1</link></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar"><title>T</title>
<entry><title>خبر</title><id>tag:1</id><link rel="alternate" href="https://a.org/1"/>
<updated>2026-11-20T10:00:00Z</updated></entry></feed>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>T</title>
</channel><item rdf:about="https://a.org/1"><title>One</title><link>https://a.org/1</link><dc:date>2026-11-19</dc:date></item></rdf:RDF>"""
RSS_091 = """<?xml version="1.0"?><rss version="0.91"><channel><title>T</title>
<item><title>One</title><link>https://a.org/1</link></item></channel></rss>"""


def read(body: str | bytes, content_type: str = "application/rss+xml", **values: object) -> Offer:
    return feed.read(fetched(body, content_type), source(SourceKind.FEED, **values))


def test_rss_items_come_in_order_once_with_title_day_and_language() -> None:
    assert read(RSS) == Offer(
        (
            Candidate("https://a.org/1", "Accord signé & publié", date(2026, 11, 24), "fr"),
            Candidate("https://a.org/2", "Deux", None, "fr"),
            Candidate("https://a.org/3", "Relatif", None, "fr"),
        )
    )


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("<description>&lt;p&gt;Les deux pays …&lt;/p&gt;</description>", "Les deux pays"),
        ("<description></description>", None),
        (
            "<description>The talks ended. The post Talks appeared first on Gazette.</description>",
            "The talks ended.",
        ),
        (f"<description>{'word ' * 100}</description>", " ".join(["word"] * 60)),
        ("<content:encoded>All of it.</content:encoded>", "All of it."),
    ],
)
def test_the_beginning_of_what_an_item_says_comes_along(said: str, kept: str | None) -> None:
    body = RSS_091.replace("<link>", f"{said}<link>").replace(
        '<rss version="0.91"',
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"',
    )
    assert [candidate.summary for candidate in read(body).candidates] == [kept]


def test_atom_is_read() -> None:
    assert read(ATOM).candidates == (Candidate("https://a.org/1", "خبر", date(2026, 11, 20), "ar"),)


@pytest.mark.parametrize(("body", "day"), [(RDF, date(2026, 11, 19)), (RSS_091, None)])
def test_old_formats_are_read(body: str, day: date | None) -> None:
    assert read(body).candidates == (Candidate("https://a.org/1", "One", day, None),)


def test_a_charset_in_the_file_is_honoured() -> None:
    body = RSS.replace("utf-8", "iso-8859-1").encode("iso-8859-1")
    assert read(body, "text/xml").candidates[0].title == "Accord signé & publié"


def test_max_items_keeps_the_first() -> None:
    assert [candidate.url for candidate in read(RSS, max_items=2).candidates] == [
        "https://a.org/1",
        "https://a.org/2",
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("<!DOCTYPE html><html><body>Just a moment...</body></html>", "html"),
        ("{}", "not_a_feed"),
        (
            '<?xml version="1.0"?><rss version="2.0"><channel><item><title>T</title></item></channel></rss>',
            "no_items",
        ),
        ('<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>', "truncated"),
    ],
)
def test_what_is_no_feed_fails_with_a_name(body: str, reason: str) -> None:
    offer = read(body)
    assert offer.failed
    assert (offer.problem or "").startswith(f"{reason}: ")


@pytest.mark.parametrize(
    "body",
    [
        '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title></channel></rss>',
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>T</title></feed>',
    ],
)
def test_a_feed_without_items_is_a_feed(body: str) -> None:
    assert read(body) == Offer()


def test_a_feed_that_breaks_off_gives_what_arrived_and_says_so() -> None:
    offer = read(RSS[: RSS.index("<item><title>Relatif")])
    assert [candidate.url for candidate in offer.candidates] == [
        "https://a.org/1",
        "https://a.org/2",
    ]
    assert (offer.problem or "").startswith("truncated: ")
    assert not offer.failed


def test_entities_are_not_expanded_from_the_disk() -> None:
    body = (
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        + RSS_091.split("?>", 1)[1].replace("One", "One &x;")
    )
    assert [candidate.title for candidate in read(body).candidates] in (["One"], ["One &x;"])


@pytest.mark.parametrize(
    "charset",
    [
        "quopri",
        "uu",
        "hex",
        "rot-13",
        "zlib",
        "undefined",
        "idna",
        "punycode",
        "unicode_escape",
        "no-such",
        "x",
    ],
)
def test_a_charset_that_is_none_is_passed_over(charset: str) -> None:
    body = RSS.replace("utf-8", charset)
    for raw in (body.encode(), body.encode("cp1252")):
        assert (
            read(raw, f"text/xml; charset={charset}").candidates[0].title == "Accord signé & publié"
        )


@pytest.mark.parametrize(
    "charset", ["utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "utf-32-be", "utf-32"]
)
@pytest.mark.parametrize(
    "content_type", ["text/xml", "application/xml; charset=utf-16", "application/rss+xml"]
)
def test_wide_charsets_are_read_with_and_without_a_mark(charset: str, content_type: str) -> None:
    assert read(RSS.replace("utf-8", charset[:6]).encode(charset), content_type) == read(RSS)


def test_of_a_feed_without_end_no_more_is_parsed_than_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed: list[int] = []
    parse = feedparser.parse

    def counting(stream: io.BytesIO, **options: object) -> object:
        parsed.append(stream.getvalue().count(b"<item>"))
        return parse(stream, **options)

    monkeypatch.setattr(feedparser, "parse", counting)
    items = "".join(
        f"<item><title>{n}</title><link>https://a.org/{n}</link></item>" for n in range(20_000)
    )
    offer = read(
        f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>', max_items=50
    )
    assert [candidate.url for candidate in offer.candidates] == [
        f"https://a.org/{n}" for n in range(50)
    ]
    assert (offer.problem, parsed) == (None, [200])


def test_comments_after_the_end_are_no_riddle() -> None:
    assert (read(RSS + "<!---->" * 500 + "x").problem or "").startswith("truncated: ")
    assert read(RSS + "<!-- a -->\n" * 300).problem is None


def test_a_sign_in_a_headline_is_no_tag() -> None:
    body = RSS_091.replace("One", "Migration: 2025 &lt; 2024, says &lt;b&gt;Rabat&lt;/b&gt;")
    assert read(body).candidates[0].title == "Migration: 2025 < 2024, says Rabat"


def test_a_home_page_in_place_of_a_feed_says_which_feed_it_names_or_how_to_look() -> None:
    declared = '<link rel=alternate type="application/rss+xml" href="/rss.xml">'
    page = "<!doctype html><html><head>{}</head><body>Welcome</body></html>"
    assert (read(page.format(declared)).problem or "").endswith(
        "it names the feed https://a.org/rss.xml"
    )
    assert "accordwatch discover https://a.org/" in (read(page.format("")).problem or "")


# --- one item that cannot be read ----------------------------------------------------------------

RSS_ITEM = "<item><title>Item {0}</title><link>https://a.org/{0}</link>{1}</item>"
ATOM_ITEM = "<entry><title>Item {0}</title><link href='https://a.org/{0}'/>{1}</entry>"
RSS_FRAME = '<rss version="2.0" xmlns:gml="http://www.opengis.net/gml"><channel><title>T</title><language>fr</language>{}</channel></rss>'
ATOM_FRAME = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:gml="http://www.opengis.net/gml"><title>T</title>{}</feed>'
POISONS = {
    "half of a character": "<description>&#xD800;</description>",
    "beyond the last character": "<description>&#x110000;</description>",
    "a place without its frame": "<gml:pos>1 2</gml:pos>",
    "many categories": "".join(f"<category>{n}</category>" for n in range(30_000)),
    "many links": "<link href='https://a.org/x'/>" * 30_000,
    "nested": "<content type='xhtml'>" + "<div>" * 30_000 + "</div>" * 30_000 + "</content>",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
@pytest.mark.parametrize(
    ("frame", "item"), [(RSS_FRAME, RSS_ITEM), (ATOM_FRAME, ATOM_ITEM)], ids=["rss", "atom"]
)
def test_an_item_that_cannot_be_read_costs_itself_alone(frame: str, item: str, poison: str) -> None:
    items = "".join(item.format(n, poison if n == 3 else "") for n in range(10))
    offer = read(frame.format(items))
    left = [candidate.url for candidate in offer.candidates]
    assert left == [f"https://a.org/{n}" for n in range(10) if n != 3]
    assert offer.problem == "left_out: 1 of 10 items cannot be read: https://a.org/3"


def test_what_cannot_be_read_around_the_items_costs_none_of_them() -> None:
    items = "".join(RSS_ITEM.format(n, "") for n in range(3))
    for poison in ("<description>&#xD800;</description>", "<x/>" * 6_000):
        offer = read(RSS_FRAME.format(poison + items))
        assert len(offer.candidates) == 3
        assert len(read(RSS_FRAME.format(items + poison)).candidates) == 3


def test_of_many_items_that_cannot_be_read_some_are_named() -> None:
    items = "".join(RSS_ITEM.format(n, "<a>&#xD800;</a>" if n % 2 else "") for n in range(10))
    line = "left_out: 5 of 10 items cannot be read: https://a.org/1, https://a.org/3, https://a.org/5 and 2 more"
    assert read(RSS_FRAME.format(items)).problem == line


def test_of_a_feed_of_nothing_else_it_is_said_that_it_has_failed() -> None:
    offer = read(RSS_FRAME.format(RSS_ITEM.format(1, "<a>&#xD800;</a>")))
    assert (offer.failed, offer.problem) == (
        True,
        "left_out: 1 of 1 items cannot be read: https://a.org/1",
    )
