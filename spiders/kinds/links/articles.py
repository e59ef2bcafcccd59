"""Which links of a page lead to articles, and which to archives, sections, tags and authors.

The decision is by structure: an address that other links of the page continue is a section, one
that ends in a month is an archive, and links whose texts differ in a number or a name only are a
menu, unless the page has nothing else.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from storage.addresses.lists import names_a_list
from storage.records import Candidate

_ALIKE = 0.6  # share of words that links of one menu have in common
_SERIES = 4  # as many links make a series
_BELOW = 3  # as many links below an address make it a section; an article has comments and pictures


def articles_of(links: Sequence[Candidate], here: str) -> list[Candidate]:
    """Those of the links that lead to articles, in their order. `here` is the page itself."""
    paths = Counter(_path(link.url) for link in links)
    above = _parents(_path(here))
    found = [
        link
        for link in links
        if _path(link.url) not in above and (link.published_on or not _is_list(link, paths))
    ]
    return _without_menus(found or list(links))


def _is_list(link: Candidate, paths: Counter[str]) -> bool:
    return _is_continued(_path(link.url), paths) or names_a_list(link.url, link.title or "")


def _path(url: str) -> str:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return re.sub(r"/(?:index|default)\.\w{3,5}$", "/", parts.path).rstrip("/") + query


def _parents(path: str) -> set[str]:
    """The paths above one, and the path itself."""
    names = path.split("?")[0].split("/")
    return {"/".join(names[:length]) for length in range(len(names) + 1)} | {path}


def _is_continued(path: str, paths: Counter[str]) -> bool:
    """Whether several other links lie below this one."""
    below = re.sub(r"\.\w{3,5}$", "", path) + "/"
    return sum(other.startswith(below) for other in paths) >= _BELOW


def _without_menus(links: list[Candidate]) -> list[Candidate]:
    """The links without series whose texts are alike and that have no dates, unless nothing else is
    on the page: a ministry may call each of its reports by the same name.
    """
    series: dict[str, list[Candidate]] = defaultdict(list)
    for link in links:
        series[_shape(link.url)].append(link)
    menus = {shape for shape, members in series.items() if _is_menu(members)}
    others = [link for link in links if _shape(link.url) not in menus]
    return others if len(others) >= _SERIES else links


def _is_menu(links: Sequence[Candidate]) -> bool:
    if len(links) < _SERIES or any(link.published_on for link in links):
        return False
    alike = sorted(_alikeness(links))
    return alike[len(alike) // 2] >= _ALIKE


def _alikeness(links: Sequence[Candidate]) -> Iterator[float]:
    words = [set(re.findall(r"[^\W\d_]+", (link.title or "").lower())) for link in links]
    for one, other in pairwise(words):
        yield len(one & other) / max(1, len(one | other))


def _shape(url: str) -> str:
    """The form of an address: where it stands, with names and numbers left out."""
    path = urlsplit(url).path
    folder, _, name = path.rstrip("/").rpartition("/")
    return re.sub(r"\d+", "9", folder) + ("/9" if re.search(r"\d", name) else "/a")
