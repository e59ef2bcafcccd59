from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.addresses import (
    canonical_url,
    host_and_port,
    is_gazette,
    is_series,
    key_of,
    site_of,
    without_users,
)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://A.Org:443/x?utm_source=rss&id=7&fbclid=z#top", "https://a.org/x?id=7"),
        ("http://a.org:80", "http://a.org/"),
        ("http://a.org:8080/x", "http://a.org:8080/x"),
        ("https://a.org/?b=2&a=1", "https://a.org/?b=2&a=1"),
        ("https://a.org/details?cid=5&eid=9&uid=3", "https://a.org/details?cid=5&eid=9&uid=3"),
        ("https://a.org/index.php?12345", "https://a.org/index.php?12345"),
        ("https://a.org/#!/news/5", "https://a.org/#!/news/5"),
        ("https://user:secret@a.org/x", "https://a.org/x"),
        ("https://a.org/أخبار/1", "https://a.org/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/1"),
        ("https://a.org/%D8%A3?q=a%20b", "https://a.org/%D8%A3?q=a%20b"),
        ("https://a.org/go?u=https://b.org/x", "https://a.org/go?u=https://b.org/x"),
        ("https://münchen.example/x", "https://xn--mnchen-3ya.example/x"),
        ("https://a.org/x\n", "https://a.org/x"),
    ],
)
def test_one_address_has_one_form(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "mailto:a@b.org",
        "javascript:void(0)",
        "ftp://a.org/x",
        "",
        "http://[bad",
        "http://a.org:99999/",
        "http://a.org/\ud800x",
    ],
)
def test_what_is_no_web_address_has_none(url: str) -> None:
    assert canonical_url(url) is None


def test_relative_links_are_resolved() -> None:
    assert canonical_url("../b?x=1", "https://a.org/news/a/") == "https://a.org/news/b?x=1"


@given(st.text(max_size=60))
def test_the_form_is_stable(path: str) -> None:
    once = canonical_url(f"https://a.org/{path}")
    if once is not None:
        assert canonical_url(once) == once


def test_slots_are_named_by_host_and_port() -> None:
    assert host_and_port("https://A.org/x") == "a.org:443"
    assert host_and_port("http://a.org:8080/") == "a.org:8080"
    assert host_and_port("https://a.org:80/") == "a.org:80"


def test_http_and_https_of_a_host_share_their_slot() -> None:
    assert host_and_port("http://a.org/") == host_and_port("https://a.org/")
    assert host_and_port("http://a.org:80/") == host_and_port("https://a.org:443/")


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("see http://u:p@h/x, https://u@h:1", "see http://h/x, https://h:1"),
        ("http://u:a@b@h/?q=x@y", "http://h/?q=x@y"),
        ("ftp://h/a@b and mail a@b.example", "ftp://h/a@b and mail a@b.example"),
    ],
)
def test_a_text_is_told_without_users_and_passwords(text: str, without: str) -> None:
    assert without_users(text) == without


def test_a_long_address_is_freed_of_users_in_no_time() -> None:
    long = "http://x.example/" + "a." * 30_000
    before = time.process_time()
    assert without_users(f"{long} x-http://ana:pw@y.example/") == f"{long} x-http://y.example/"
    assert without_users("(-https://ana@y.example/)") == "(-https://y.example/)"
    assert time.process_time() - before < 0.5


ARTICLE = "https://ministry.example/news/article.aspx?id=4711"


@pytest.mark.parametrize(
    "url",
    [
        "http://ministry.example/news/article.aspx?id=4711",
        "https://www.ministry.example/news/article.aspx?id=4711",
        "https://m.ministry.example/news/article.aspx?id=4711",
        "https://ministry.example:443/news/article.aspx?id=4711",
        "https://ministry.example/news/article.aspx;jsessionid=0A1B2C3D.node1?id=4711",
        "https://ministry.example/(S(zq1mbh45gkzrfk55hb0xbq45))/news/article.aspx?id=4711",
        "https://ministry.example/news/article.aspx?PHPSESSID=c0ffee&id=4711",
        "https://ministry.example/news/article.aspx?id=4711&sid=9f86d081884c7d659a2feaa0c55ad015",
        "https://ministry.example/news/article.aspx?utm_source=rss&id=4711&fbclid=x&_=1700000001",
        "https://ministry.example/news/article.aspx?id=4711&print=1&tmpl=component",
        "https://ministry.example/news/article.aspx?id=4711&outputType=amp",
        "https://ministry.example/amp/news/article.aspx?id=4711",
        "https://ministry.example/news/article.aspx/amp/?id=4711",
        "https://ministry.example/news/article.aspx/print?id=4711",
    ],
)
def test_one_article_has_one_key(url: str) -> None:
    assert key_of(url) == key_of(ARTICLE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/modules.php?sid=4711", "https://a.example/modules.php?sid=4712"),
        ("https://a.example/?cid=1", "https://a.example/?cid=2"),
        ("https://a.example/?12345", "https://a.example/?12346"),
        ("https://a.example/x?page=1", "https://a.example/x?page=2"),
        ("https://a.example/x", "https://b.a.example/x"),
        ("https://amp.gob.example/x", "https://gob.example/x"),
        ("https://a.example/example", "https://a.example/"),
        ("https://a.example/x", "https://a.example:8080/x"),
        ("https://a.example/x#part-2", "https://a.example/x"),
        ("https://a.example/camp", "https://a.example/c"),
        ("https://a.example/watch?v=aB3dE6gH9kL", "https://a.example/watch?v=zZ3dE6gH9kL"),
    ],
)
def test_two_articles_have_two_keys(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


def test_escapes_and_the_order_of_parameters_do_not_matter() -> None:
    assert key_of("https://a.example/%d8%a3?b=2&a=1") == key_of("https://a.example/%D8%A3?a=1&b=2")


@pytest.mark.parametrize(
    "url", ["", "urn:x:1", "http://[bad", "http://a.example:99999/", "mailto:a@b"]
)
def test_what_is_no_address_is_its_own_key(url: str) -> None:
    assert (key_of(url), site_of(url)) == (url, "")


def test_a_site_is_a_host_with_its_twins() -> None:
    twins = ("www.a.example", "m.a.example", "amp.a.example", "www.m.a.example", "A.example")
    assert {site_of(f"http://{host}/x") for host in twins} == {"a.example"}
    assert site_of("http://a.example:8080/") == "a.example:8080"


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_the_key_of_a_key_is_the_key(host: str, path: str, query: str) -> None:
    once = key_of(f"http://{host}/{path}?{query}")
    assert key_of(once) == once


@pytest.mark.parametrize(
    "url",
    [
        "https://treaties.un.org/pages/showDetails.aspx?objid=1",
        "http://www.treaties.fcdo.gov.uk/awweb/1",
        "https://www.consilium.europa.eu/en/documents-publications/treaties-agreements/agreement/?id=2011051",
    ],
)
def test_pages_of_treaty_series(url: str) -> None:
    assert is_series(url)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://www.consilium.europa.eu/en/press/press-releases/1",
        "https://treaties.un.org.evil.example/1",
        "https://evil.example/treaties.un.org/1",
        "ftp://treaties.un.org/1",
        "https://[broken/1",
    ],
)
def test_other_addresses_are_none(url: str | None) -> None:
    assert not is_series(url)
    assert not is_gazette(url)


def test_an_official_journal_is_no_treaty_series() -> None:
    assert is_gazette("https://eur-lex.europa.eu/eli/dec/2026/1")
    assert not is_series("https://eur-lex.europa.eu/eli/dec/2026/1")
