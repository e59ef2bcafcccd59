"""Any API that answers with JSON, such as the one behind a page of scripts. Paths in the
configuration say where its documents are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawler.extract.encoding import decode
from spiders.kinds.feed import HTML
from spiders.kinds.json_feed import item_name, loads
from spiders.kinds.json_paths import day_at, text_at, values_at
from spiders.kinds.offer import MOST_ITEMS, Offer, and_left_out, first, plain, tidy
from storage.addresses import canonical_url
from storage.records import Candidate, Fetched, JsonPaths, Source

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


def requests(source: Source) -> list[str]:
    """The answer with the newest documents."""
    return [source.url]


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
    every = tidy(_candidates(items, paths, source), here, MOST_ITEMS)
    candidates, cut = first(every, source.max_items)
    if not candidates and (items or source.paths is None):
        line = f"no address at {paths.url!r} of its {len(items)} items; the API may have changed"
        return Offer(problem=f"no_items: {line}")
    if not items and not _is_list(data, paths.items):
        return Offer(problem=f"no_items: there is no list at {paths.items!r}")
    following = text_at(data, paths.next) if paths.next else None
    next_url = canonical_url(following, here) if following else None
    others = [item_name(item) for item in items if not isinstance(item, dict)]
    problem = and_left_out(None, others, len(items))
    return Offer(candidates, problem=problem, following=next_url, cut=cut)


def parsed(fetched: Fetched) -> tuple[Any, str | None]:
    """(the answer, what is wrong with it)."""
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
