"""Addresses: the canonical form that is requested, the key that distinguishes documents, the
site and host, and the places where texts of agreements are published.

One article is offered under many addresses: with the session of a reader, with tracking parameters,
as http and https, with and without "www.", for telephones and for printers. All of these have one
key. It is used to compare and never to fetch, so a key need not be an address that exists. Only
what cannot distinguish two articles of one site is left out of it. Older systems number articles
with `sid=` and `s=`, so under these names only what looks like the random name of a session is left
out.

From the canonical form only what no server can need is removed. courlan's `clean_url` was tried and
removes too much: `cid=`, `eid=` and `uid=`, which number the articles of older sites, and queries
without a value (`?12345`).
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

if TYPE_CHECKING:
    from tldextract import TLDExtract

PORTS = {"http": 80, "https": 443}

# RFC 3986, section 3.2.1; a password may hold an @ that nobody escaped. The scheme is looked for
# where its letters begin alone: at each of them, "a.a.a." of 16 KB would take a second.
_USER = re.compile(r"((?<![a-z0-9+.-])[a-z0-9+.-]+://)[^\s/?#]*@", re.IGNORECASE)
_TWIN_HOST = re.compile(r"(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)", re.IGNORECASE)
# "amp.gob.pa" is the maritime authority of Panama, and not the government's pages for telephones.
_SUFFIXES = frozenset({"gob", "gouv", "gov", "go", "govt", "com", "co", "org", "net", "ac", "edu"})


def without_users(text: str) -> str:
    """Return a text without the user names and passwords in its addresses."""
    return _USER.sub(r"\1", text)


def host_and_port(url: str) -> str:
    """Return "host:port" of a URL: servers are treated politely by this name. The default ports of
    http and https are one server to its owner, so both are written as 443.
    """
    parts = urlsplit(url)
    is_usual = parts.port in (None, PORTS.get(parts.scheme))
    return f"{(parts.hostname or '').lower()}:{443 if is_usual else parts.port}"


def site_of(url: str) -> str:
    """Return the host, and the port if it is unusual, without "www." and its like; "" for none."""
    try:
        return site_in(urlsplit(url)) or ""
    except ValueError:
        return ""


def site_in(parts: SplitResult) -> str | None:
    """Return the site of an address that was taken apart; None if it is not of the web."""
    host, port = parts.hostname, parts.port
    if parts.scheme not in PORTS or not host:
        return None
    while (twin := _TWIN_HOST.match(host)) and host[twin.end() :].split(".")[0] not in _SUFFIXES:
        host = host[twin.end() :]
    shown = f"[{host}]" if ":" in host else host
    return shown if port in (None, *PORTS.values()) else f"{shown}:{port}"


@cache
def _list() -> TLDExtract:
    """What takes names apart, by the list that comes with the package. It would download the newest
    one, from a host of which our address gate knows nothing. It is imported when it is first used:
    with its list it takes 0.15 s and 10 MB.
    """
    from tldextract import TLDExtract

    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


def is_public_suffix(domain: str) -> bool:
    """Whether the names below this one belong to different owners, as those below co.uk do."""
    return not _list()(domain).domain


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


@lru_cache(maxsize=200)  # each document needs its own five times, soon after another
def key_of(url: str) -> str:
    """The key of an address, and of a key the key itself. What is not of the web is its own key."""
    try:
        parts = urlsplit(url)
        site = site_in(parts)
    except ValueError:
        return url
    if site is None:
        return url
    path = _ESCAPE.sub(lambda escape: escape[0].upper(), _plain_path(parts.path))
    query = "&".join(sorted(pair for pair in parts.query.split("&") if _is_significant(pair)))
    return urlunsplit(("https", site, path, query, parts.fragment))


def _plain_path(path: str) -> str:
    """Return a path without session, dress and final slash."""
    before = None
    while before != path:  # what is left may again end in one of these
        before = path
        path = _DRESS_IN_PATH.sub("", _SESSION_IN_PATH.sub("", path)).rstrip("/")
    return path


def _is_significant(pair: str) -> bool:
    """Whether a parameter may distinguish two articles of a site."""
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
    """Whether an address is a list of articles: further pages, archives, a tag, an author."""
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


# The fragment names the document on single-page sites; any other one is a place in the document.
KEPT_FRAGMENT = re.compile(r"^!?/")
UNTOUCHED = "/%:=&?~#+!$,;'@()*[]|-._"
# Servers reject longer URLs, and Scrapy silently drops requests above 2,083 characters. URLs of
# articles have a few hundred.
MAX_LENGTH = 2000
# Most addresses are in canonical form; a sitemap has a hundred thousand of them.
_CANONICAL = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(?::[1-9][0-9]{3})?/[A-Za-z0-9/_.~-]*")


def canonical_url(url: str, base: str = "") -> str | None:
    """Return the canonical form of `url`, resolved against `base`; None if it is not http or https.
    Scheme and host are in lower case, spaces and non-ASCII letters are percent-encoded. The default
    port, user name, tracking parameters and fragment are removed.
    """
    if _CANONICAL.fullmatch(url):
        return url
    try:
        url.encode()  # half a character, as JSON may spell it, is in no address
        parts = urlsplit(urljoin(base, "".join(url.split("\n")).strip()))
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not host:
        return None
    netloc = f"[{host}]" if ":" in host else _ascii_host(host)
    if port is not None and port != PORTS[parts.scheme]:
        netloc = f"{netloc}:{port}"
    fragment = parts.fragment if KEPT_FRAGMENT.match(parts.fragment) else ""
    path = quote(parts.path or "/", safe=UNTOUCHED)
    query = quote(_without_trackers(parts.query), safe=UNTOUCHED)
    return urlunsplit((parts.scheme, netloc, path, query, fragment))


def _without_trackers(query: str) -> str:
    """Return the other parameters as they are: to sort or decode them might confuse a server."""
    names = ((unquote(pair.partition("=")[0]), pair) for pair in query.split("&"))
    return "&".join(pair for name, pair in names if pair and not TRACKERS.fullmatch(name))


def _ascii_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return host


# --- checking the addresses of sources in the configuration ---------------------------------------

MAIL_SCHEMES = ("imaps", "imap")


def web_address(value: str) -> str:
    parts = _parts(value)
    if parts.scheme in MAIL_SCHEMES:
        raise ValueError(f"{value!r} is a mailbox: its kind is imap, with username and password")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is not an address that begins with http:// or https://")
    if parts.username is not None:
        raise ValueError(
            "an address with a user name or password is not supported; write it without"
        )
    return value


def mail_address(value: str) -> str:
    parts = _parts(value)
    if parts.scheme not in MAIL_SCHEMES or not parts.hostname:
        raise ValueError(
            f"{value!r} is not an address such as imaps://mail.example.org/Newsletters"
        )
    if parts.username is not None:
        raise ValueError("the address holds a name; write it as username, and password beside it")
    if parts.query or parts.fragment:
        raise ValueError("? and # of a mailbox's name are written %3F and %23")
    return value


def _parts(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        hint = "a port is a number from 1 to 65535"
        raise ValueError(f"{value[:200]!r} is not an address; {hint}") from None
    if port == 0:
        raise ValueError(f"{value[:200]!r} has the port 0; a port is a number from 1 to 65535")
    if len(value) > MAX_LENGTH:
        limit = f"an address of more than {MAX_LENGTH:,} is not asked for"
        raise ValueError(f"has {len(value):,} characters; {limit}")
    return parts


# --- where the texts of agreements are published: `text-places.toml` ------------------------------

_FILE = Path(__file__).with_name("text-places.toml")


def is_series(url: str | None) -> bool:
    """Whether an address is a page of a treaty series or a treaty database that comes with us."""
    return _stands_in(url, "series")


def is_gazette(url: str | None) -> bool:
    """Whether an address is a page of an official journal that comes with us."""
    return _stands_in(url, "gazettes")


def official_places() -> tuple[str, ...]:
    """The treaty series and official journals that come with us: hosts, some with a path."""
    return (*_places()["series"], *_places()["gazettes"])


def version_of_places() -> str:
    return hashlib.sha256(_FILE.read_bytes()).hexdigest()[:16]


def _stands_in(url: str | None, kind: str) -> bool:
    where = _place(url)
    hosts = _places()[kind]
    return bool(where) and any(f"{where}/".startswith(f"{place}/") for place in hosts)


def _place(url: str | None) -> str:
    try:
        parts = urlsplit(url or "")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return f"{host}{parts.path}" if host and parts.scheme in ("http", "https") else ""


@cache
def _places() -> dict[str, tuple[str, ...]]:
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {kind: tuple(table[kind]) for kind in ("series", "gazettes")}
