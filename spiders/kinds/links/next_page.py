"""Where a list of articles goes on: the page that comes after this one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from storage.addresses.canonical import canonical_url
from storage.addresses.lists import path_and_query

_LONGEST = 40  # characters of such a link's text
_NEXT = re.compile(
    r"^\W*(?:next|older|suivante?s?|plus anciens|siguientes?|anteriores|weiter|nächste\w*|ältere\w*"
    r"|successiv[aoie]|avanti|meno recenti|più vecchi|próxim[ao]s?|seguintes?|mais antig[ao]s"
    r"|التالي|التالية|الأقدم|more news|load more|voir plus|ver más|mehr laden)\b"
    r"|(?:older|plus anciens|antiguas|antig[ao]s|vecchi|precedenti) *\W*$|^[›»→>]+$",
    re.IGNORECASE,
)
_NEXT_CLASS = re.compile(r"(?:^|[\s_-])(?:next|older)(?:$|[\s_-])", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<before>[?&](?:page|paged|pg|p|pagina|seite|pageindex)=|/page/?|/p|/)(?P<number>\d{1,4})"
    r"(?=[/&.?]|$)",
    re.IGNORECASE,
)


def next_page(tree: LexborHTMLParser, base: str, here: str) -> str | None:
    """The address of the next page of this list; None if there is none that can be seen."""
    host = urlsplit(here).netloc
    for url in (*_declared(tree, base), *_told(tree, base), *_numbered(tree, base, here)):
        if urlsplit(url).netloc == host and url != canonical_url(here):
            return url
    return None


def _declared(tree: LexborHTMLParser, base: str) -> Iterator[str]:
    for node in tree.css("link[rel~=next][href], a[rel~=next][href]"):
        yield from _address(node, base)


def _told(tree: LexborHTMLParser, base: str) -> Iterator[str]:
    """Links that say so in their text, their label or their class, and whose address has a number:
    a gallery has a "next", too.
    """
    for node in tree.css("a[href]"):
        text = " ".join(node.text(separator=" ").split())
        label = node.attributes.get("aria-label") or node.attributes.get("title") or ""
        classes = node.attributes.get("class") or ""
        if len(text) > _LONGEST:
            continue
        if _NEXT.search(text) or _NEXT.search(label) or _NEXT_CLASS.search(classes):
            found = _address(node, base)
            yield from (url for url in found if re.search(r"\d", path_and_query(url)))


def _numbered(tree: LexborHTMLParser, base: str, here: str) -> Iterator[str]:
    """Links whose text is the number of the next page, with that number in their address."""
    wanted = str(_number_of(here) + 1)
    for node in tree.css("a[href]"):
        if node.text(strip=True) != wanted:
            continue
        for url in _address(node, base):
            if any(found["number"] == wanted for found in _NUMBER.finditer(path_and_query(url))):
                yield url


def _number_of(url: str) -> int:
    found = re.search(
        r"[?&](?:page|paged|pg|p|pagina|seite|pageindex)=(\d{1,4})(?:&|$)|/page/?(\d{1,4})/?$",
        url,
        re.IGNORECASE,
    )
    return int(found[1] or found[2]) if found else 1


def _address(node: LexborNode, base: str) -> Iterator[str]:
    href = (node.attributes.get("href") or "").strip()
    if not href or href.startswith(("#", "javascript:")):
        return
    if (url := canonical_url(href, base)) is not None:
        yield url
