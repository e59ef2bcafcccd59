from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from spiders.kinds.json_api import PER_PAGE, posts_url, read_posts
from spiders.kinds.offer import Offer
from spiders.kinds.table import guess_kind
from storage.records import Candidate
from storage.source import SourceKind
from tests.spiders.answers import fetched, source

FIELDS = "_fields=link,title,date_gmt,date,excerpt&per_page=50"
POSTS = f"https://a.org/wp-json/wp/v2/posts?{FIELDS}"


def post(number: int, **values: Any) -> dict[str, Any]:
    title = {"rendered": f"Accord &#8217;{number}&#8217;"}
    day = {"date_gmt": "2026-11-23T23:30:00", "date": "2026-11-24T00:30:00"}
    return {"link": f"https://a.org/{number}/", "title": title} | day | values


def read(data: Any, url: str = POSTS) -> Offer:
    body = data if isinstance(data, str) else json.dumps(data)
    return read_posts(fetched(body, "application/json", url), source(SourceKind.WORDPRESS))


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://a.org", POSTS),
        ("https://a.org/", POSTS),
        ("https://a.org/fr/", f"https://a.org/fr/wp-json/wp/v2/posts?{FIELDS}"),
        ("https://a.org/wp-json/wp/v2/press", f"https://a.org/wp-json/wp/v2/press?{FIELDS}"),
        (
            "https://a.org/?rest_route=/wp/v2/posts",
            f"https://a.org/?rest_route=/wp/v2/posts&{FIELDS}",
        ),
        (POSTS, POSTS),
    ],
)
def test_the_list_of_posts_is_asked_for_what_we_read(url: str, asked: str) -> None:
    assert posts_url(url) == asked


def test_the_excerpt_of_a_post_comes_along() -> None:
    said = {"rendered": "<p>Both ministers signed. [&hellip;]</p>", "protected": False}
    found = read([post(1, excerpt=said), post(2, excerpt=None)]).candidates
    assert [candidate.summary for candidate in found] == ["Both ministers signed.", None]


def test_posts_are_documents() -> None:
    offer = read([post(1), post(2, title={"rendered": None}, date_gmt=None)])
    assert offer == Offer(
        (
            Candidate("https://a.org/1/", "Accord ’1’", date(2026, 11, 23)),
            Candidate("https://a.org/2/", None, date(2026, 11, 24)),
        )
    )
    assert guess_kind(fetched(json.dumps([post(1)]))) is SourceKind.WORDPRESS


def test_a_full_page_is_followed_by_the_next_one() -> None:
    full = [post(n) for n in range(PER_PAGE)]
    assert read(full).following == f"{POSTS}&page=2"
    assert read(full, f"{POSTS}&page=2").following == f"{POSTS}&page=3"
    assert read(full[1:]).following is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"code": "rest_no_route", "message": "No route was found"}, "not_wordpress"),
        ([{"id": 1}], "not_wordpress"),
        ("<!doctype html><html>", "html"),
        ("[{", "broken"),
        ("", "empty"),
    ],
)
def test_what_is_no_list_of_posts_fails_with_a_name(data: Any, reason: str) -> None:
    assert (read(data).problem or "").startswith(f"{reason}: ")


def test_a_site_without_posts_is_no_failure() -> None:
    assert read([]) == read({"code": "rest_post_invalid_page_number"}) == Offer()
