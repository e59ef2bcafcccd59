"""Whether an address, by its words alone, is that of a list of articles."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_PAGING = re.compile(
    r"[?&](?:page|paged|pagina|seite|start|offset|pageindex)=\d{1,5}(?:&|$)|/page/?\d+/?$",
    re.IGNORECASE,
)
_MONTH = re.compile(r"/(?:19|20)\d\d[-/_](?:0?[1-9]|1[0-2])(?:\.\w{3,5})?/*$")
_YEAR = re.compile(r"/((?:19|20)\d\d)(?:\.\w{3,5})?/*$")
_LIST_OF = re.compile(
    r"tags?|topics?|themes?|themen|temas?|categor\w+|rubri\w+|sections?|authors?|auteurs?|autor\w*"
    r"|archiv\w*|arquivo|search|recherche|suche|busca|buscar|keywords?|mots-cles|schlagwort\w*"
    r"|etiquet\w+|dossiers?|series|labels?",
    re.IGNORECASE,
)
_WORDS_OF_A_HEADLINE = 4  # in the last part of an address: a name or a topic has fewer


def names_a_list(url: str, title: str) -> bool:
    """Whether an address is that of a list of articles.

    Such are further pages, the archive of a month, of a year that the title names too, of a tag or
    of an author.
    """
    parts = urlsplit(url)
    if _PAGING.search(path_and_query(url)) or _MONTH.search(parts.path):
        return True
    year = _YEAR.search(parts.path)  # else it is the number of an article
    if year is not None and year[1] in title:
        return True
    *before, last = [one for one in parts.path.split("/") if one] or [""]
    if len(re.split(r"[-_]", last)) >= _WORDS_OF_A_HEADLINE or re.search(r"\d{3}", last):
        return False
    names = (*before[-2:], last.partition(".")[0])
    return any(_LIST_OF.fullmatch(name) for name in names)


def path_and_query(url: str) -> str:
    """Return what comes after the host in an address."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
