from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.addresses.canonical import canonical_url


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
