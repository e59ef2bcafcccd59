"""One redirect at a time, as the middleware follows it."""

from __future__ import annotations

import time

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from spiders.fetch.redirects import CookiesMiddleware, RedirectMiddleware
from spiders.fetch.refusals import Refusal
from spiders.fetch.settings import CrawlSettings, scrapy_settings

FEED = "http://a.example/feed"


def middleware(redirects: int = 5) -> RedirectMiddleware:
    settings = scrapy_settings(CrawlSettings(redirects=redirects))
    return RedirectMiddleware.from_crawler(get_crawler(settings_dict=settings))


def followed(request: Request, *locations: str, redirects: int = 5) -> Request:
    """The request that is left after an answer with each of these addresses in turn."""
    following = middleware(redirects)
    for location in locations:
        response = Response(request.url, status=302, headers={"Location": location})
        answer = following.process_response(request, response)
        assert isinstance(answer, Request)
        request = answer
    return request


def test_an_answer_that_sends_nowhere_is_passed_on() -> None:
    answer = Response(FEED, status=200, headers={"Location": "http://b.example/"})
    assert middleware().process_response(Request(FEED), answer) is answer


def test_neither_a_password_nor_where_we_come_from_goes_along() -> None:
    asked = Request(FEED, headers={"Referer": "http://here.example/"})
    sent_on = followed(asked, "http://user:sesame@a.example/new")
    assert sent_on.url == "http://a.example/new"
    assert "Referer" not in sent_on.headers


def test_conditions_go_to_the_address_that_they_are_from_and_to_no_other() -> None:
    asked = Request(FEED, headers={"If-None-Match": '"a"', "Accept": "text/html"})
    away = followed(asked, "http://a.example/consent")
    assert "If-None-Match" not in away.headers
    assert away.headers["Accept"] == b"text/html"
    back = followed(asked, "http://a.example/consent", FEED)
    assert back.headers["If-None-Match"] == b'"a"'
    assert "If-Modified-Since" not in back.headers


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        (["http://a.example/other"], "redirect_loop"),
        (["http://a.example/cookies"], "consent_wall"),
        (["http://consent.example/"], "consent_wall"),
        (["http://wall.example/?back=http%3A%2F%2Fa.example%2Ffeed"], "consent_wall"),
    ],
)
def test_a_loop_ends_when_an_address_is_asked_again(others: list[str], reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        followed(Request(FEED), *others, FEED, *others)
    assert caught.value.reason == reason
    assert str(caught.value).startswith(f"{FEED}: ")


def test_a_home_page_stands_in_every_address_and_makes_none_a_consent_page() -> None:
    home, other = "http://a.example/", "http://a.example/login?back=http%3A%2F%2Fa.example%2F"
    with pytest.raises(Refusal) as caught:
        followed(Request(home), other, home, other)
    assert caught.value.reason == "redirect_loop"


def test_an_address_that_is_asked_again_with_a_cookie_is_no_loop() -> None:
    once = followed(Request(FEED), "http://a.example/consent", FEED)
    agreed = once.replace(headers={"Cookie": "agreed=1"})
    assert followed(agreed, "http://a.example/read").url == "http://a.example/read"


@pytest.mark.parametrize("most", [0, 2])
def test_no_more_redirects_are_followed_than_configured(most: int) -> None:
    steps = [f"http://a.example/{number}" for number in range(most)]
    assert followed(Request(FEED), *steps, redirects=most).url == [FEED, *steps][-1]
    with pytest.raises(Refusal, match="redirects endlessly"):
        followed(Request(FEED), *steps, "http://a.example/more", redirects=most)


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
