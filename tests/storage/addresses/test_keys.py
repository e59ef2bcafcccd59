"""What tells addresses of documents apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.addresses.hosts import site_of
from storage.addresses.keys import key_of

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
