"""What an address asks for: its filters, numbers of rows and language, and what it may not; and
where a question is answered that no list answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from scheduler.configuration.counting import MOST_COMPARED
from scheduler.configuration.query import Query, read_query
from scheduler.configuration.search_words import view_meant
from scheduler.views.words.labels import Labels
from scheduler.views.words.page import DEFAULT, filter_value_in_words
from spiders.catalog.secrets import hide
from storage.errors import AccordwatchError
from storage.filter import load_party_groups
from storage.languages import SPOKEN_LANGUAGES
from storage.records import Grade


class Link(NamedTuple):
    """What stands on a link, and the address below the root to which it leads."""

    text: str
    address: str


RELEVANCE = "relevance"
# What may stand in the address of any page, with the values that it takes; none for any.
EVERYWHERE: dict[str, Sequence[str]] = {"lang": SPOKEN_LANGUAGES, "format": (), "done": ()}
_OF_SEARCHES: dict[str, Sequence[str]] = {
    **EVERYWHERE,
    **{"everything": ("0", "1"), "sort": ("newest", RELEVANCE), "after": ()},
}


# Options of a search for documents besides its filter, as parameters of an address: the value that
# switches each on, or None.
SearchOptions = dict[str, str | None]


def search_options(given: Mapping[str, str]) -> SearchOptions:
    known = {"everything": "1", "sort": RELEVANCE}
    return {name: value if given.get(name) == value else None for name, value in known.items()}


def query_at(address: str) -> Query:
    """What a stored address, or the hidden field of a form, asks for. Raises QueryError."""
    pairs = parse_qsl(address, keep_blank_values=True)
    everything = ("everything", "1") in pairs
    return read_query(pairs, _OF_SEARCHES, everything=everything)


class Untidy(AccordwatchError):
    """An address has empty parameters, as forms send them, or the like; its text is the same in
    order. `code` is that of the redirect.
    """

    code = 303


class Moved(Untidy):
    """An address is written in another way for good."""

    code = 301


def tidy_parameters(request: Request) -> list[tuple[str, str]]:
    """The parameters of an address. Raises Untidy."""
    pairs = request.query_params.multi_items()
    filled = [(name, value) for name, value in pairs if value]
    if filled != pairs:
        raise Untidy(f"{request.url.path}?{urlencode(filled)}" if filled else request.url.path)
    return pairs


# What PostgreSQL compares with the number of a row; a larger one is an error there.
LARGEST_ROW = 2**31 - 1


def row_number(written: str) -> int | None:
    """The number of a row; None for what is none."""
    is_number = written.isascii() and written.isdigit() and len(written) < 20
    return int(written) if is_number and int(written) <= LARGEST_ROW else None


LANGUAGE_COOKIE = "language"


def language_for(request: Request) -> str:
    """What the address asks for, else what this browser chose before, the user, the browser."""
    own = getattr(getattr(request.state, "visitor", None), "language", "")
    requested, before = request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)
    for chosen in (requested, before, own):
        if chosen in SPOKEN_LANGUAGES:
            return chosen
    accepted = []  # RFC 9110, section 12.5.4
    for part in request.headers.get("accept-language", "").split(",")[:20]:
        tag, _, parameters = part.partition(";")  # spaces may stand around each
        name, _, weight = parameters.partition("=")
        try:
            weighed = float(weight) if name.strip().lower() == "q" else 1.0
            accepted.append((weighed, tag.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    ranked = sorted(accepted, key=lambda one: -one[0])
    return next((tag for weight, tag in ranked if weight and tag in SPOKEN_LANGUAGES), DEFAULT)


class NotHere(AccordwatchError):
    """Nothing is stored under this address."""


class Forbidden(AccordwatchError):
    """The page may only be read, or a form came back without its token."""


# --- addresses of our own -------------------------------------------------------------------------

_LONGEST_PATH = 2000
_IN_TEXT = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s<>\"']+", re.IGNORECASE)
HIDDEN = "***"


class Prefix:
    """ASGI middleware: the page lies under `root_path`, whether a proxy strips that or not."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app, self._root = app, root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._root and scope["type"] == "http":
            path: str = scope["path"]
            whole = path if path.startswith(f"{self._root}/") else self._root + path
            if path == self._root:
                whole = f"{path}/"
            scope = {**scope, "root_path": self._root, "path": whole}
        await self._app(scope, receive, send)


class TrustedProxy:
    """ASGI middleware: of `proxies`, X-Forwarded-For and -Proto are believed, and the name of who
    has logged in there, in the header `login_header` ("" for none). Nobody else may say either.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[str], login_header: str) -> None:
        trusting = ProxyHeadersMiddleware(app, list(proxies))  # type: ignore[arg-type]  # as ASGI
        self._app: Any = trusting if proxies else app
        self._networks = [ip_network(proxy, strict=False) for proxy in proxies]
        self._header = login_header.lower().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "proxy_login": self._login(scope)}
        await self._app(scope, receive, send)

    def _login(self, scope: Scope) -> str:
        peer = scope["client"][0] if scope.get("client") else ""
        try:
            is_trusted = any(ip_address(peer) in network for network in self._networks)
        except ValueError:  # a socket of this machine has no address
            return ""
        values = [value for name, value in scope["headers"] if name == self._header]
        if not self._header or not is_trusted or len(values) != 1:
            return ""  # of two, one is a stranger's that the proxy let through
        return str(values[0].decode("utf-8", "replace")).strip()


def own_path(request: HTTPConnection) -> str:
    """The path without what the page lies under."""
    root, path = request.scope.get("root_path", ""), request.scope["path"]
    is_below = root and (path == root or path.startswith(f"{root}/"))
    return path[len(root) :] or "/" if is_below else path


def client_of(request: HTTPConnection) -> str:
    """From which address a request comes; "" where that is unknown."""
    return request.client.host if request.client else ""


def requested_address(request: HTTPConnection) -> str:
    """The whole address that was asked for, as RFC 3986 has it: quoted anew, since what arrives is
    decoded, or holds what its sender did not quote.
    """
    path = str(request.base_url).rstrip("/") + quote(own_path(request))
    query = urlencode(request.query_params.multi_items(), errors="replace")
    return f"{path}?{query}" if query else path


def safe_next(wanted: str) -> str:
    """Where to go after logging in: a path of our own, else the front page."""
    is_plain = wanted.isprintable() and "\\" not in wanted and len(wanted) <= _LONGEST_PATH
    is_path = wanted.startswith("/") and not wanted.startswith("//")
    if not (is_plain and is_path) or wanted.partition("?")[0] in ("/login", "/logout"):
        return "/"
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else wanted


def without_secrets(url: str) -> str:
    """The address of a source without user, password, parameters and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, HIDDEN if parts.query else "", ""))


def error_without_secrets(text: str, url: str) -> str:
    """What went wrong at an address, without the parameters of that and of other addresses."""
    shown = _IN_TEXT.sub(lambda match: without_secrets(match[0]), text)
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    user = parts.netloc.rpartition("@")[0]
    for secret in (parts.query, user, parts.fragment):
        shown = hide(shown, secret) if secret else shown
    return shown.replace(unquote(user), HIDDEN) if user else shown


# --- where questions are answered that no list answers --------------------------------------------


def answer_link(typed: str, selection: Query, words: Labels) -> Link | None:
    """Where the page shows what the words of a search ask to see, if that is no list."""
    view, detail = view_meant(typed)
    if selection.query == typed:
        selection = (selection.besides or selection).but(query="")
    if view == "none":
        return _with_none(selection, words)
    said = {"map": "Map", "timeline": "Timeline", "changes": "What is new"}
    said |= {"compare": "Compare", "durations": "Days between two stages"}
    said |= {"briefing": "Print", "subscribe": "Subscribe", "sources": "Sources"}
    said |= {"pending": "Pending ratification"}
    if view in ("states", "sources") and len(selection.parties) == 1:
        (party,) = selection.parties
        text = words.say("{party}: coverage", party=words.party(party))
        return Link(text, f"/states/{party}")
    if view in ("states", "sources"):
        return Link(words.say("Sources"), "/sources")
    text = words.say(said.get(view, "Count these agreements"))
    if view == "compare" and selection.any_parties:
        compared = ",".join(selection.any_parties[:MOST_COMPARED])
        others = selection.but(any_parties=())
        if not others.parameters:  # the list has the unconfirmed entries, since parties are chosen
            others = others.but(grades=tuple(Grade))
        return Link(text, others.address("/count", rows=detail, compare=compared))
    if view == "compare":
        return Link(text, selection.address("/count", rows=detail, columns="topic"))
    if view == "durations":
        begin, _, end = (detail or "").partition("-")
        at = {"count": "durations", "from": begin, "to": end}
        return Link(text, selection.address("/count", **at))
    if view == "changes":
        return Link(text, selection.but(by=None).address("/changes"))
    rows, _, columns = (detail or "").partition("-")
    return Link(text, selection.address(f"/{view}", rows=rows, columns=columns)) if view else None


def _with_none(selection: Query, words: Labels) -> Link:
    """The count of all members of a group, also of those with nothing: of the group that is asked
    for, or of the one that a question without any most likely means.
    """
    asked = {*selection.parties, *selection.any_parties}
    is_of_members = not asked.isdisjoint(load_party_groups().parties["eu-members"])
    group = (*selection.groups, "africa" if is_of_members else "eu-members")[0]
    of_group = selection.but(groups=(group,))
    text = words.say(
        "Who has none: the table with zeros ({group})",
        group=filter_value_in_words("group", group, words),
    )
    return Link(text, of_group.address("/count", rows="party", zeros="1"))
