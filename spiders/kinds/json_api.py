"""Any API that answers with JSON, such as the one behind a page of scripts. Paths in the
configuration say where its documents are. And the REST API of WordPress, for sites whose feed is
closed or too short.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

from crawler.extract.encoding import decode
from spiders.kinds.feed import HTML
from spiders.kinds.json_feed import item_name, loads
from spiders.kinds.json_paths import day_at, text_at, values_at
from spiders.kinds.offer import Kind, Offer, and_left_out, first_of, iso_date, plain, summary
from storage.addresses import canonical_url
from storage.records import Candidate, Fetched
from storage.source import JsonPaths, Source

# In the order in which they are looked for; what names an article in one API is its id in another.
URLS = ("url", "link", "permalink", "href", "canonicalUrl", "web_url", "webUrl", "path", "uri")
TITLES = ("title", "headline", "name", "titre", "titulo", "title.rendered", "titolo")
DAYS = (
    "published",
    "publishedAt",
    "published_at",
    "date",
    "datePublished",
    "publicationDate",
    "publication_date",
    "pubDate",
    "date_published",
    "createdAt",
    "created_at",
    "created",
)
NEXTS = ("next", "links.next", "paging.next", "meta.next", "_links.next.href", "pagination.next")
DEEPEST = 4  # keys above the list of documents


def read(fetched: Fetched, source: Source) -> Offer:
    """The documents to which `source.paths` leads; without paths they are guessed."""
    data, problem = parsed(fetched)
    if problem is not None:
        return Offer(problem=problem)
    paths = source.paths or guess_paths(data)
    if paths is None:
        return Offer(problem="no_items: no list of documents is seen in it; name `paths`")
    items = list(_flat(values_at(data, paths.items)))
    here = fetched.final_url
    offer = first_of(_candidates(items, paths, source), here, source)
    if not offer.candidates and (items or source.paths is None):
        line = f"no address at {paths.url!r} of its {len(items)} items; the API may have changed"
        return Offer(problem=f"no_items: {line}")
    if not items and not _is_list(data, paths.items):
        return Offer(problem=f"no_items: there is no list at {paths.items!r}")
    following = text_at(data, paths.next) if paths.next else None
    next_url = canonical_url(following, here) if following else None
    others = [item_name(item) for item in items if not isinstance(item, dict)]
    problem = and_left_out(None, others, len(items))
    return replace(offer, problem=problem, following=next_url)


def parsed(fetched: Fetched) -> tuple[Any, str | None]:
    text = decode(fetched.body, fetched.content_type).strip()
    if not text:
        return None, "empty: the answer has no bytes"
    if HTML.search(fetched.body[:1024]):
        return None, "html: a web page came instead of JSON"
    try:
        return loads(text), None
    except (ValueError, RecursionError):
        return None, "broken: the answer is not readable as JSON"


def guess_paths(data: Any) -> JsonPaths | None:
    """Where the documents are: the longest list of objects with an address and a headline."""
    best: tuple[int, JsonPaths] | None = None
    for path, items in _lists(data, "", 0):
        url = _first_key(items, URLS)
        title = _first_key(items, TITLES)
        if url is None or title is None or (best is not None and len(items) <= best[0]):
            continue
        best = (len(items), JsonPaths(path, url, title, _first_key(items, DAYS), _next(data)))
    return best[1] if best is not None else None


def _candidates(items: list[Any], paths: JsonPaths, source: Source) -> Iterator[Candidate]:
    for item in items:
        if url := text_at(item, paths.url):
            title = plain(text_at(item, paths.title)) if paths.title else None
            day = day_at(item, paths.published) if paths.published else None
            yield Candidate(url, title, day, source.language)


def _flat(values: Iterator[Any]) -> Iterator[Any]:
    for value in values:
        yield from value if isinstance(value, list) else (value,)


def _is_list(data: Any, path: str) -> bool:
    return any(isinstance(value, list) for value in values_at(data, path)) or "[" in path


def _lists(data: Any, path: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(data, list):
        if data and 2 * sum(isinstance(one, dict) for one in data[:50]) > len(data[:50]):
            yield path, data
    elif isinstance(data, dict) and depth < DEEPEST:
        for key, value in data.items():
            if key and not set(key) & set(".[]{}"):
                yield from _lists(value, f"{path}.{key}" if path else key, depth + 1)


def _first_key(items: list[Any], keys: tuple[str, ...]) -> str | None:
    """The first key at which most of the items have a text or a number."""
    for key in keys:
        found = sum(text_at(item, key) is not None for item in items[:50])
        if found > min(len(items), 50) / 2:
            return key
    return None


def _next(data: Any) -> str | None:
    return next(
        (key for key in NEXTS if (text_at(data, key) or "").startswith(("/", "http"))), None
    )


# --- the REST API of WordPress (developer.wordpress.org/rest-api) ---------------------------------

POSTS = "wp-json/wp/v2/posts"
PER_PAGE = 50
FIELDS = "_fields=link,title,date_gmt,date,excerpt"


def posts_url(url: str) -> str:
    """The list of posts of a site. Other kinds of posts are named in full: .../wp/v2/press."""
    is_api = "/wp-json/" in url or "rest_route=" in url
    base = url if is_api else urljoin(url if url.endswith("/") else f"{url}/", POSTS)
    sign = "&" if urlsplit(base).query else "?"
    return base if "_fields=" in base else f"{base}{sign}{FIELDS}&per_page={PER_PAGE}"


def read_posts(fetched: Fetched, source: Source) -> Offer:
    """The posts in one answer; the next page follows as long as pages are full."""
    data, problem = parsed(fetched)
    if problem is not None:
        return Offer(problem=problem)
    if isinstance(data, dict) and data.get("code") == "rest_post_invalid_page_number":
        return Offer()
    if not is_posts(data):
        came = data.get("message") if isinstance(data, dict) else None
        return Offer(problem=f"not_wordpress: no list of posts came: {str(came or 'JSON')[:200]}")
    posts = [post for post in data if _is_post(post)]
    candidates = (_candidate(post, source) for post in posts if isinstance(post["link"], str))
    others = [item_name(one) for one in data if not _is_post(one)]
    problem = and_left_out(None, others, len(data))
    following = _page_after(fetched.url) if len(data) >= PER_PAGE else None
    offer = first_of(candidates, fetched.final_url, source)
    return replace(offer, problem=problem, following=following)


def is_posts(data: Any) -> bool:
    """Whether JSON is a list of posts: most of it is. An empty one is, too."""
    return isinstance(data, list) and 2 * sum(map(_is_post, data)) >= len(data)


def _is_post(post: Any) -> bool:
    return isinstance(post, dict) and "link" in post and isinstance(post.get("title"), dict)


def _candidate(post: dict[str, Any], source: Source) -> Candidate:
    title = post["title"].get("rendered")
    headline = plain(title) if isinstance(title, str) else None
    excerpt = post.get("excerpt")
    text = summary(excerpt.get("rendered")) if isinstance(excerpt, dict) else None
    return Candidate(post["link"], headline, _day_of_post(post), source.language, text)


def _day_of_post(post: dict[str, Any]) -> date | None:
    days = (post.get(key) for key in ("date_gmt", "date"))
    return next((iso_date(day) for day in days if isinstance(day, str)), None)


def _page_after(url: str) -> str:
    first, _, number = url.partition("&page=")
    return f"{first}&page={int(number) + 1 if number.isdigit() else 2}"


KIND = Kind(read)
WORDPRESS = Kind(read_posts, lambda source: posts_url(source.url), end_status=400)
