"""Which cookies go where, decided by the jar of a request."""

from __future__ import annotations

import time

import pytest
from scrapy import Request
from scrapy.http import Response

from spiders.fetch.manners.cookies import CookiesMiddleware


def sent_later(domain: str, url: str, jar_of: Request | None = None) -> bytes | None:
    """The cookie that goes to `url` after www.ministry.gov.ma has set one for `domain`."""
    cookies = CookiesMiddleware()
    first = Request("https://www.ministry.gov.ma/")
    cookies.process_request(first)
    headers = {"Set-Cookie": f"a=1; Domain={domain}" if domain else "a=1"}
    cookies.process_response(first, Response(first.url, headers=headers))
    later = Request(url, meta={"cookiejar": first.meta["cookiejar"]} if jar_of is None else {})
    cookies.process_request(later)
    return later.headers.get("Cookie")


@pytest.mark.parametrize(
    ("domain", "url", "cookie"),
    [
        ("", "https://www.ministry.gov.ma/news", b"a=1"),
        ("", "https://media.ministry.gov.ma/", None),
        ("ministry.gov.ma", "https://media.ministry.gov.ma/", b"a=1"),
        ("other.gov.ma", "https://other.gov.ma/", None),
    ],
)
def test_a_cookie_goes_where_its_site_may_send_it(
    domain: str, url: str, cookie: bytes | None
) -> None:
    assert sent_later(domain, url) == cookie


def test_a_cookie_for_all_of_a_state_goes_to_its_own_host_alone() -> None:
    assert sent_later("gov.ma", "https://other.gov.ma/") is None
    assert sent_later("gov.ma", "https://www.ministry.gov.ma/news") == b"a=1"


def test_a_request_of_another_host_has_another_jar() -> None:
    other = Request("https://other.gov.ma/")
    assert sent_later("gov.ma", other.url, jar_of=other) is None


def test_a_jar_takes_as_much_as_a_browser_takes_and_no_more() -> None:
    cookies, url = CookiesMiddleware(), "https://www.ministry.gov.ma/"
    for first_number, value in ((0, "old"), (100, "old"), (0, "new")):
        first = Request(url)
        cookies.process_request(first)
        numbers = range(first_number, first_number + 150)
        lines = [f"large={'a' * 5000}", *(f"c{number}={value}" for number in numbers)]
        cookies.process_response(first, Response(url, headers={"Set-Cookie": lines}))
    later = Request(url)
    cookies.process_request(later)
    sent = (later.headers.get("Cookie") or b"").split(b"; ")
    assert len(sent) == 180
    assert {b"c0=new", b"c149=new", b"c179=old"} <= set(sent)
    assert not any(one.startswith(b"large") for one in sent)


def test_an_answer_with_thousands_of_cookies_does_not_hold_up_the_crawl() -> None:
    cookies, first = CookiesMiddleware(), Request("https://www.ministry.gov.ma/")
    cookies.process_request(first)
    lines = [f"c{number}=1" for number in range(13_000)]  # as many as a head has room for
    before = time.process_time()
    cookies.process_response(first, Response(first.url, headers={"Set-Cookie": lines}))
    assert time.process_time() - before < 1
