"""One redirect at a time, as the middleware follows it."""

from __future__ import annotations

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from spiders.fetch.redirects import RedirectMiddleware
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
