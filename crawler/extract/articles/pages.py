"""Articles of several pages: which page an address is, and which one comes next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urljoin, urlsplit, urlunsplit

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from storage.addresses import key_of

# `p` and `id` are not among them: WordPress numbers its posts with `?p=`.
_IN_QUERY = re.compile(
    r"(?P<name>page|paged|pg|pageno|page_no|seite|pagina|pag)=(?P<number>\d{1,2})", re.IGNORECASE
)
# ".../page/2", ".../headline-of-the-story/2", ".../headline,page-2.html"
_IN_PATH = re.compile(
    r"(?:/(?:page|seite|pagina)[/-]?|(?<=[^\W\d_]{3})/|[,_-](?:page|seite|pagina)[_-]?)"
    r"(?P<number>\d{1,2})(?P<end>\.\w{3,5})?/?$",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)  # a page's own address is asked for several times
def page_of(url: str) -> tuple[str, int]:
    """Return the key of the first page, and the number of this one (1 for an address without)."""
    parts = urlsplit(key_of(url))
    pairs = parts.query.split("&")
    for pair in pairs:
        if match := _IN_QUERY.fullmatch(pair):
            others = "&".join(one for one in pairs if one != pair)
            return urlunsplit(parts._replace(query=others)), int(match["number"])
    if match := _IN_PATH.search(parts.path):
        path = parts.path[: match.start()] + (match["end"] or "")
        return urlunsplit(parts._replace(path=path)), int(match["number"])
    return key_of(url), 1


def is_later_page(tree: lxml.html.HtmlElement, url: str, canonical_url: str | None) -> bool:
    """Whether this is page 2 or a later one of an article, by its address and what it declares."""
    first, number = page_of(url)
    if number < 2:
        return False
    before = [page_of(other) for other in _before(tree, url)]
    return page_of(canonical_url or "") == (first, 1) or (first, number - 1) in before


def next_page(tree: lxml.html.HtmlElement, url: str) -> str | None:
    """Return the address of the next page of the same article. `rel=next` often leads to the next
    article: the address has to be that of this one, with the next number.
    """
    first, number = page_of(url)
    # "/news/7.html" may be page 7 of something, or an article with a small number.
    following = {(first, number + 1), (key_of(url), 2)}
    after = {str(page) for _, page in following}
    for element in tree.iter("link", "a"):
        # A page has hundreds of links: most have neither a relation nor a short text.
        relation, text = element.get("rel"), element.text
        is_next = relation is not None and "next" in relation.lower().split()
        if is_next or (text is not None and text.strip() in after):
            for link in _absolute(url, element.get("href")):
                if page_of(link) in following:
                    return link
    return None


def _before(tree: lxml.html.HtmlElement, url: str) -> Iterator[str]:
    for element in tree.iter("link", "a"):
        if "prev" in (element.get("rel") or "").lower().split():
            yield from _absolute(url, element.get("href"))


def _absolute(url: str, href: str | None) -> Iterator[str]:
    try:
        target = urljoin(url, (href or "").strip())
        if urlsplit(target).scheme in ("http", "https"):
            yield urlunsplit(urlsplit(target)._replace(fragment=""))
    except ValueError:  # not a URL
        return
