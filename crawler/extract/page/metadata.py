"""What a page declares about itself: JSON-LD, meta elements, headings, canonical link, authors.

It is only collected here, without being judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from crawler.extract.fields import clean
from crawler.extract.page_words import words_pattern

_ARTICLE_TYPE = re.compile(r"(?:Article|Posting|Report|Review|Recipe|VideoObject)$")
_OPENING = re.compile(r"^\s*(?:<!--|(?://\s*)?<!\[CDATA\[|/\*.*?\*/)+", re.DOTALL)
_CLOSING = re.compile(r"(?:-->|(?://\s*)?\]\]>|;)+\s*$")
# Characters from the end. Searching the whole script for the pattern would take minutes for a long
# row of semicolons.
_CLOSES_WITHIN = 200
_BROKEN_FIELD = re.compile(r'"(headline|datePublished)"\s*:\s*"((?:[^"\\\n]|\\.){1,400})"')
# The most headings, and contents under one name. Each is compared with each, and pages have a
# handful.
_MOST_OF_A_NAME = 100
_HEADINGS = ("h1", "h2", "h3", "h4")
_HEADLINE_MARKS = {"headline", "entry-title", "post-title"}  # of schema.org and of microformats
_DESCRIPTIONS = ("description", "og:description", "twitter:description")
_MAX_NODES = 5_000  # of JSON-LD to look at; shops list thousands of products


@dataclass(frozen=True, slots=True)
class LinkedArticle:
    """One article of a page's JSON-LD. There may be several (teasers, live tickers)."""

    headline: str
    published: str
    author: str
    url: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page declares: contents by lower-case name, absolute URLs, types of JSON-LD."""

    articles: tuple[LinkedArticle, ...]
    meta: Mapping[str, tuple[str, ...]]
    page_title: str
    headings: tuple[str, ...]
    canonical_url: str | None
    kinds: frozenset[str] = frozenset()

    @property
    def descriptions(self) -> tuple[str, ...]:
        """Return the sentences in which the page describes itself, each wording once."""
        descriptions = [text for name in _DESCRIPTIONS for text in self.meta.get(name, ())]
        return tuple(dict.fromkeys(descriptions))

    def first(self, *names: str) -> str:
        """Return the first content under any of `names`, or ""."""
        return next((content for name in names for content in self.meta.get(name, ())), "")


def read_metadata(tree: lxml.html.HtmlElement, url: str) -> Metadata:
    by_tag: dict[str, list[lxml.html.HtmlElement]] = {
        "script": [],
        "meta": [],
        "title": [],
        "link": [],
    }
    headings: list[lxml.html.HtmlElement] = []
    by_tag |= dict.fromkeys(_HEADINGS, headings)
    for element in tree.iter(*by_tag):  # in one walk over the page
        by_tag[element.tag].append(element)
    linked = list(_linked_data(by_tag["script"]))
    titles = by_tag["title"]  # later ones belong to SVG pictures
    return Metadata(
        articles=tuple(_linked_articles(linked, url)),
        meta=_meta(by_tag["meta"]),
        page_title=clean(str(titles[0].text_content()) if titles else ""),
        headings=tuple(islice(_headings(headings), _MOST_OF_A_NAME)),
        canonical_url=_canonical(by_tag["link"], by_tag["meta"], url),
        kinds=frozenset(kind for _, nodes in linked for node in nodes for kind in _kinds(node)),
    )


def _meta(metas: Sequence[lxml.html.HtmlElement]) -> dict[str, tuple[str, ...]]:
    contents: dict[str, tuple[str, ...]] = {}
    for element in metas:
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = clean(element.get("content"))
        key = (name or "").strip().lower()
        if key and content and len(contents.get(key, ())) < _MOST_OF_A_NAME:
            contents[key] = (*contents.get(key, ()), content)
    return contents


def _headings(headings: Sequence[lxml.html.HtmlElement]) -> Iterator[str]:
    """Yield what may be the headline: a heading that is marked as such, which some blogs have in an
    h3; then h1, or h2 on a page without any. Several with a mark are a list of articles.
    """
    marked = list(_texts(filter(_is_marked, headings)))
    if len(marked) == 1:
        yield marked[0]
    found = list(_texts(heading for heading in headings if heading.tag == "h1"))
    yield from found or _texts(heading for heading in headings if heading.tag == "h2")


def _texts(elements: Iterable[lxml.html.HtmlElement]) -> Iterator[str]:
    for element in elements:
        text = clean(" ".join(element.itertext()))
        if text:
            yield text


def _is_marked(element: lxml.html.HtmlElement) -> bool:
    marks = f"{element.get('itemprop') or ''} {element.get('class') or ''}".split()
    return not _HEADLINE_MARKS.isdisjoint(marks)


def _canonical(
    links: Sequence[lxml.html.HtmlElement], metas: Sequence[lxml.html.HtmlElement], url: str
) -> str | None:
    linked = [
        element.get("href")
        for element in links
        if (element.get("rel") or "").strip().lower() == "canonical"
    ]
    named = [
        element.get("content")
        for element in metas
        if (element.get("property") or "").strip().lower() == "og:url"
    ]
    for address in (*linked, *named):
        try:
            target: str = urljoin(url, (address or "").strip())
            if address and urlsplit(target).scheme in ("http", "https"):
                return target
        except ValueError:  # not a URL
            continue
    return None


# A script of JSON-LD, and its objects: none if it cannot be parsed.
_LinkedData = tuple[str, tuple[Mapping[str, Any], ...]]


def _linked_data(scripts: Sequence[lxml.html.HtmlElement]) -> Iterator[_LinkedData]:
    for element in scripts:
        if (element.get("type") or "").strip().lower() != "application/ld+json":
            continue
        opened = _OPENING.sub("", element.text or "")
        raw = opened[:-_CLOSES_WITHIN] + _CLOSING.sub("", opened[-_CLOSES_WITHIN:])
        try:
            yield raw, tuple(_nodes(json.loads(raw, strict=False)))
        except (ValueError, RecursionError):
            yield raw, ()


def _linked_articles(linked: Sequence[_LinkedData], url: str) -> Iterator[LinkedArticle]:
    for raw, nodes in linked:
        if not nodes:
            # An unescaped quote is enough to break it. The first of each field counts.
            fields = dict(reversed(_BROKEN_FIELD.findall(raw)))
            headline, published = clean(fields.get("headline")), fields.get("datePublished", "")
            if fields:
                yield LinkedArticle(headline, published, "", "")
        yield from (
            _linked_article(node)
            for node in nodes
            if any(name == "WebPage" or _ARTICLE_TYPE.search(name) for name in _kinds(node))
        )


def _nodes(root: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every object of a JSON document, outer ones first, wherever it is nested."""
    queue = [root]
    for seen, value in enumerate(queue):
        if seen > _MAX_NODES:
            return
        if isinstance(value, dict):
            yield value
            queue.extend(value.values())
        elif isinstance(value, list):
            queue.extend(value)


def _kinds(node: Mapping[str, Any]) -> list[str]:
    kinds = node.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return [name for name in names if isinstance(name, str)]


def _linked_article(node: Mapping[str, Any]) -> LinkedArticle:
    entity = node.get("mainEntityOfPage") or node.get("url")
    if isinstance(entity, dict):
        entity = entity.get("@id")
    return LinkedArticle(
        headline=_string(node.get("headline")),
        published=_string(node.get("datePublished")),
        author=", ".join(_names(node.get("author"))),
        url=entity if isinstance(entity, str) else "",
        body=body if isinstance(body := node.get("articleBody"), str) else "",
    )


def _names(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    names = [item.get("name") if isinstance(item, dict) else item for item in values]
    return list(dict.fromkeys(name for name in map(_string, names) if name))


def _string(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    return clean(value) if isinstance(value, str) else ""


_META_NAMES = (
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
)
_NOT_A_NAME = re.compile(r"https?:|www\.|@|[{}<>]|^\d+$")
_MAX_NAMES = 150  # characters; longer ones are descriptions


def find_author(metadata: Metadata) -> str | None:
    """Return the names as the page writes them; None if there are none."""
    by = words_pattern(r"^(<authors>)\s*:?\s+", ignore_case=True)
    texts = [article.author for article in metadata.articles]
    texts += [text for name in _META_NAMES for text in metadata.meta.get(name, ())]
    for text in texts:
        name = by.sub("", text).strip(" ,;|-")
        if name and len(name) <= _MAX_NAMES and not _NOT_A_NAME.search(name):
            return name
    return None
