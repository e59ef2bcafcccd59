"""The REST API of WordPress (developer.wordpress.org/rest-api), for sites whose feed is closed or
too short.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

from spiders.kinds.json_api import parsed
from spiders.kinds.json_feed import item_name
from spiders.kinds.offer import (
    MOST_ITEMS,
    Offer,
    and_left_out,
    first,
    iso_date,
    plain,
    summary,
    tidy,
)
from storage.records import Candidate, Fetched, Source

POSTS = "wp-json/wp/v2/posts"
PER_PAGE = 50
FIELDS = "_fields=link,title,date_gmt,date,excerpt"


def requests(source: Source) -> list[str]:
    """The newest posts. `source.url` is the site, or its list of posts."""
    return [posts_url(source.url)]


def posts_url(url: str) -> str:
    """The list of posts of a site, without what we do not read. Other kinds of posts, such as
    press releases, are named in full: .../wp-json/wp/v2/press.
    """
    is_api = "/wp-json/" in url or "rest_route=" in url
    base = url if is_api else urljoin(url if url.endswith("/") else f"{url}/", POSTS)
    sign = "&" if urlsplit(base).query else "?"
    return base if "_fields=" in base else f"{base}{sign}{FIELDS}&per_page={PER_PAGE}"


def read(fetched: Fetched, source: Source) -> Offer:
    """The posts in one answer; the next page follows as long as pages are full."""
    data, problem = parsed(fetched)
    if problem is not None:
        return Offer(problem=problem)
    if isinstance(data, dict) and data.get("code") == "rest_post_invalid_page_number":
        return Offer()
    if not is_posts(data):
        told = data.get("message") if isinstance(data, dict) else None
        return Offer(problem=f"not_wordpress: no list of posts came: {str(told or 'JSON')[:200]}")
    posts = [post for post in data if _is_post(post)]
    found = (_candidate(post, source) for post in posts if isinstance(post["link"], str))
    every = tidy(found, fetched.final_url, MOST_ITEMS)
    candidates, cut = first(every, source.max_items)
    others = [item_name(one) for one in data if not _is_post(one)]
    problem = and_left_out(None, others, len(data))
    following = _page_after(fetched.url) if len(data) >= PER_PAGE else None
    return Offer(candidates, problem=problem, following=following, cut=cut)


def is_posts(data: Any) -> bool:
    """Whether JSON is a list of posts: most of it is. An empty one is, too."""
    return isinstance(data, list) and 2 * sum(map(_is_post, data)) >= len(data)


def _is_post(post: Any) -> bool:
    return isinstance(post, dict) and "link" in post and isinstance(post.get("title"), dict)


def _candidate(post: dict[str, Any], source: Source) -> Candidate:
    title = post["title"].get("rendered")
    headline = plain(title) if isinstance(title, str) else None
    excerpt = post.get("excerpt")
    said = summary(excerpt.get("rendered")) if isinstance(excerpt, dict) else None
    return Candidate(post["link"], headline, _day(post), source.language, said)


def _day(post: dict[str, Any]) -> date | None:
    days = (post.get(key) for key in ("date_gmt", "date"))
    return next((iso_date(day) for day in days if isinstance(day, str)), None)


def _page_after(url: str) -> str:
    first, _, number = url.partition("&page=")
    return f"{first}&page={int(number) + 1 if number.isdigit() else 2}"
