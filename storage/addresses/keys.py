"""The key of an address: what tells documents apart, while the address itself says what is fetched.

One article is offered under many addresses: with the session of a reader, with tracking parameters,
as http and https, with and without "www.", for telephones and for printers. All of these have one
key. It is used to compare and never to fetch, so a key need not be an address that exists.

Only what cannot tell two articles of one site apart is left out. Older systems number articles with
`sid=` and `s=`, so under these names only what looks like the random name of a session is left out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit, urlunsplit

from storage.addresses.hosts import site_in

# Parameters that say where a reader came from, but not what is read.
TRACKERS = re.compile(
    r"(utm|mtm|pk|piwik|matomo|itm|hsa|at|mkt|vero|oly)_\w+"
    r"|(fb|g|dc|gb|w|ms|tw|yc)?cl(ick)?id|[gw]braid|mc_[ce]id|igshid|_ga|_gl|xtor|xtref|srsltid"
    r"|ref_src|ref_url|cmpid|ocid",
    re.IGNORECASE,
)
# More of these, and sessions and guards against caches. They are known by their names alone.
_OF_THE_READER = re.compile(
    r"jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|cfid|cftoken|sess(ion)?_?id|zenid"
    r"|oscsid|xtcsid|wt[._]\w+|s_cid|icid|smid|_hs(enc|mi)|guccounter|guce_referrer\w*|yclid|ysclid"
    r"|__twitter_impression|_|_dc|no_?cache|cache_?buster|rnd|rand(om)?",
    re.IGNORECASE,
)
_MAYBE_SESSION = re.compile(r"s|sid|ssid|sess|session|token", re.IGNORECASE)
_RANDOM = re.compile(r"[0-9a-f]{24,}|(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}", re.IGNORECASE)
# The same article in another dress: for printers, for telephones, as AMP.
_DRESS = re.compile(
    r"(amp|m|mobile|print|printable)(=(1|true|yes|y|print|amp)?)?"
    r"|(view|format|output|outputtype|mode|layout)=(print|amp|mobile)|tmpl=component",
    re.IGNORECASE,
)
_SESSION_IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sid)=[^/;?#]*|/\((?:[A-Z]\([^()/]*\))+\)(?=/)", re.IGNORECASE
)
_DRESS_IN_PATH = re.compile(
    r"/(?:amp|print|imprimer|imprimir|stampa|drucken)/*$|\.amp(?=\.html?$|$)|^/amp(?=/.)",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"%[0-9a-f]{2}")


@lru_cache(maxsize=200)  # it is asked for that of each document five times, soon after another
def key_of(url: str) -> str:
    """Return the key of an address. What is no address of the web is its own key.

    The key of a key is the key itself.
    """
    try:
        parts = urlsplit(url)
        site = site_in(parts)
    except ValueError:
        return url
    if site is None:
        return url
    path = _ESCAPE.sub(lambda escape: escape[0].upper(), _plain_path(parts.path))
    query = "&".join(sorted(pair for pair in parts.query.split("&") if _tells_apart(pair)))
    return urlunsplit(("https", site, path, query, parts.fragment))


def _plain_path(path: str) -> str:
    """Return a path without session, dress and final slash."""
    before = None
    while before != path:  # what is left may again end in one of these
        before = path
        path = _DRESS_IN_PATH.sub("", _SESSION_IN_PATH.sub("", path)).rstrip("/")
    return path


def _tells_apart(pair: str) -> bool:
    """Whether a parameter may tell two articles of a site apart."""
    name, _, value = pair.partition("=")
    name = unquote(name)
    if not pair or TRACKERS.fullmatch(name) or _OF_THE_READER.fullmatch(name):
        return False
    if _MAYBE_SESSION.fullmatch(name) and _RANDOM.fullmatch(value):
        return False
    return not _DRESS.fullmatch(pair)


# --- whether an address, by its words alone, is that of a list of articles ------------------------

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
