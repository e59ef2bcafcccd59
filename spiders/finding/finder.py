"""Finding the sources of a site, given its home page, in a handful of requests."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from crawler.judgement.judge import Rules, judge
from spiders.fetch.session import FetchSession
from spiders.fetch.settings import CrawlSettings
from spiders.finding.site_clues import (
    DECLARED,
    FEW,
    NEWS_SITEMAP,
    SECTION,
    Clue,
    Side,
    clues_of,
    feed_clues,
    language_of,
)
from spiders.kinds.feed import texts
from spiders.kinds.json_api import guess_paths, parsed
from spiders.kinds.listing import SCRIPTED, base_url, parse
from spiders.kinds.offer import Offer, known_language, plain
from spiders.kinds.table import guess_kind, read_source
from storage.addresses import canonical_url, host_and_port
from storage.errors import FetchError
from storage.languages import UNKNOWN_LANGUAGE
from storage.records import Candidate, Document, Fetched
from storage.source import JsonPaths, Source, SourceKind

MOST_REQUESTS = 6  # robots.txt and redirects included
MOST_HEADLINES = 40
_FEEDS = (SourceKind.FEED, SourceKind.WORDPRESS)
# How pages mark an article for search engines; a list of articles has an ItemList around them.
_ARTICLE = re.compile(
    r"^(?!.{0,100000}\"(?:ItemList|CollectionPage)\").{0,100000}"
    r"\"@type\"\s*:\s*\[?\s*\"(?:News|Report|Blog)?(?:Article|Posting)\"",
    re.DOTALL,
)
_WHOLE_TEXT = 600  # characters; summaries are shorter


@dataclass(frozen=True, slots=True)
class SiteSources:
    """The sources of a site, the best first. `dead` sources have nothing recent. `empty` ones are
    well-formed and have nothing at all. `first` is what the given address itself offers, and
    `given` is its kind.
    """

    sources: tuple[TriedSource, ...] = ()
    dead: tuple[TriedSource, ...] = ()
    empty: tuple[TriedSource, ...] = ()
    first: Offer = field(default_factory=Offer)
    given: SourceKind = SourceKind.LISTING
    name: str = ""
    language: str = ""
    requests: int = 0


@dataclass(slots=True)
class _Search:
    """What is known of a site so far."""

    session: FetchSession
    before: int  # requests of the session before this search
    most: int
    today: date
    home: Fetched
    clues: list[Clue] = field(default_factory=list)
    tried: list[TriedSource] = field(default_factory=list)
    looked_at: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)  # whose robots.txt was requested

    @property
    def left(self) -> int:
        return self.most + self.before - self.session.requests


def find(url: str, session: FetchSession, today: date, most: int = MOST_REQUESTS) -> SiteSources:
    """The sources of a site. Raises FetchError if nothing comes from `url`."""
    before = session.requests
    home, headers, sitemaps = session.get(url, most=most - 1)
    search = _Search(session, before, most, today, home, looked_at={url, home.final_url})
    search.hosts |= {host_and_port(url), host_and_port(home.final_url)}
    clue = Clue(home.final_url, DECLARED, "given")
    kind = guess_kind(home)
    search.tried.append(_tried(home, kind, clue))
    if kind is SourceKind.LISTING:
        search.clues += clues_of(home, headers, sitemaps)
        _try_all(search)
    elif kind is SourceKind.SITEMAP:
        _read_a_part(search, search.tried[0])
    return _found(search)


def find_at(url: str, settings: CrawlSettings, today: date) -> SiteSources:
    """`find` with a session of its own, for a worker with limits of memory and time."""
    with FetchSession(settings) as session:
        return find(url, session, today)


def _found(search: _Search) -> SiteSources:
    ranked = sorted(search.tried, key=lambda tried: -tried.score(search.today))
    alive = [tried for tried in ranked if tried.is_alive(search.today)]
    dead = [tried for tried in ranked if tried.candidates and tried not in alive]
    name, language = _name_and_language(search.home)
    return SiteSources(
        sources=tuple(alive),
        dead=tuple(dead),
        empty=tuple(tried for tried in ranked if tried.kind in _FEEDS and tried.offer == Offer()),
        first=search.tried[0].offer,
        given=search.tried[0].kind,
        name=name,
        language=language,
        requests=search.session.requests - search.before,
    )


def _try_all(search: _Search) -> None:
    """Try the clues, the likeliest first, until the main feed is found or no request is left."""
    while search.left > 0 and (clue := _next(search)) is not None:
        search.looked_at.add(clue.url)
        search.hosts.add(host_and_port(clue.url))
        try:
            fetched, _, _ = search.session.get(clue.url, most=search.left)
        except FetchError:
            continue
        if fetched.final_url in search.looked_at - {clue.url}:
            continue  # it leads back to the home page
        search.looked_at.add(fetched.final_url)
        _take(search, fetched, clue)


def _take(search: _Search, fetched: Fetched, clue: Clue) -> None:
    kind = guess_kind(fetched)
    is_section = SECTION - 10 < clue.weight <= SECTION
    if kind is SourceKind.LISTING and not is_section:
        tree = parse(fetched)  # a page about feeds, or one that answers at every address
        if clue.why == "linked":
            known = {one.url for one in search.clues}
            fresh = feed_clues(tree, base_url(tree, fetched.final_url))
            search.clues += [one for one in fresh if one.url not in known]
        return
    if kind is SourceKind.LISTING and _is_article(fetched, search.tried[0]):
        return
    tried = _tried(fetched, kind, clue, search.tried[0])
    if kind is SourceKind.SITEMAP and not tried.candidates:
        tried = _read_a_part(search, tried)
    else:
        search.tried.append(tried)


def _is_article(fetched: Fetched, home: TriedSource) -> bool:
    """Whether a page says that it is an article, or the home page has it among its headlines."""
    if any(candidate.url == canonical_url(fetched.final_url) for candidate in home.candidates):
        return True
    tree = parse(fetched)
    kind = tree.css_first("meta[property='og:type'][content]")
    if kind is not None and (kind.attributes.get("content") or "").strip().lower() == "article":
        return True
    scripts = (node.text() for node in tree.css("script[type='application/ld+json']"))
    return any(_ARTICLE.search(text) for text in scripts)


def _next(search: _Search) -> Clue | None:
    """The clue to follow now; None if what was found cannot be bettered."""
    best = max(search.tried, key=lambda tried: tried.score(search.today))
    fits = [
        one for one in search.clues if one.url not in search.looked_at and _affordable(one, search)
    ]
    if not fits:
        return None
    clue = max(fits, key=lambda one: one.weight)
    is_alive = best.is_alive(search.today)
    if is_alive and best.kind is SourceKind.FEED and best.clue.side is Side.MAIN:
        rivals = [fit for fit in fits if _rivals(fit, best.clue)]
        return rivals[0] if rivals and len(search.tried) < 4 else None
    sections = [fit for fit in fits if SECTION - 10 < fit.weight <= SECTION]
    is_last = search.left == 1 and best.kind is SourceKind.LISTING
    return sections[0] if is_last and sections and clue.weight <= NEWS_SITEMAP else clue


def _rivals(clue: Clue, best: Clue) -> bool:
    """Whether a site declares both, and they are not one feed in two formats."""
    if clue.why != "declared" or clue.side is not Side.MAIN:
        return False
    return _without_format(clue.url) != _without_format(best.url)


def _without_format(url: str) -> str:
    return re.sub(r"rss\d?|atom|rdf|json|xml|feed|[^a-z]", "", urlsplit(url).path.lower())


def _affordable(clue: Clue, search: _Search) -> bool:
    """Another host has a robots.txt of its own, which is requested first."""
    return search.left >= (1 if host_and_port(clue.url) in search.hosts else 2)


def _tried(
    fetched: Fetched, kind: SourceKind, clue: Clue, home: TriedSource | None = None
) -> TriedSource:
    url = (
        clue.url
        if host_and_port(clue.url) != host_and_port(fetched.final_url)
        else fetched.final_url
    )
    url = re.sub(r"[?&]_fields=.*", "", url) if kind is SourceKind.WORDPRESS else url
    offer = read_source(fetched, Source("found", kind, url, max_items=500))
    bodies = texts(fetched) if kind is SourceKind.FEED else {}
    whole = sum(len(text) >= _WHOLE_TEXT for text in bodies.values())
    share = covered(offer.candidates, home.candidates[:MOST_HEADLINES]) if home else 0.0
    full = whole / len(bodies) if bodies else 0.0
    paths = guess_paths(parsed(fetched)[0]) if kind is SourceKind.JSON else None
    return TriedSource(kind, url, clue, offer, offer.candidates, bodies, full, share, paths)


def _read_a_part(search: _Search, index: TriedSource) -> TriedSource:
    """Read the newest part of a sitemap index, which itself has no documents."""
    enough = 1 if not index.offer.changed_at else 2  # dates alone show whether it is alive
    if index.candidates or not index.offer.more or search.left < enough:
        search.tried.append(index)
        return index
    parts = index.offer.more
    dated = [one for one in parts if one in index.offer.changed_at]
    likely = [one for one in dated or parts if re.search(r"news|post|article|press", one, re.I)]
    part = (likely or dated or parts)[0]
    try:
        fetched, _, _ = search.session.get(part, most=search.left)
    except FetchError:
        search.tried.append(index)
        return index
    read = _tried(
        fetched, SourceKind.SITEMAP, index.clue, search.tried[0] if search.tried else None
    )
    whole = replace(index, candidates=read.candidates, covered=read.covered)
    search.tried.append(whole)
    return whole


def _name_and_language(home: Fetched) -> tuple[str, str]:
    """(the name of a site, its language) as its home page gives them."""
    if guess_kind(home) is not SourceKind.LISTING:
        return "", ""
    tree = parse(home)
    node = tree.css_first("meta[property='og:site_name'][content]")
    name = plain(node.attributes.get("content")) if node is not None else None
    return (name or "")[:80], language_of(tree)


# --- which of the sources that a site offers is the best one --------------------------------------

# A ministry may say nothing for a season; a feed that says nothing for longer is left behind.
ALIVE = timedelta(days=120)
# A feed that is alive beats a sitemap, which beats a listing; what is dead loses to all of them.
BASE = {
    SourceKind.FEED: 30.0,
    SourceKind.WORDPRESS: 25.0,
    SourceKind.SITEMAP: 20.0,
    SourceKind.JSON: 15.0,
    SourceKind.LISTING: 10.0,
}
DEAD = 29.0


@dataclass(frozen=True, slots=True)
class TriedSource:
    """A source that was looked at. `texts` holds what its items say, by address. `full_texts` is
    the share of them that are whole articles, `covered` the share of the home page's headlines that
    the source has.
    """

    kind: SourceKind
    url: str
    clue: Clue
    offer: Offer
    candidates: tuple[Candidate, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    full_texts: float = 0.0
    covered: float = 0.0
    paths: JsonPaths | None = None

    @property
    def newest_on(self) -> date | None:
        days = [candidate.published_on for candidate in self.candidates if candidate.published_on]
        if not self.candidates:  # an index, of whose parts none was read
            days = [when.date() for when in self.offer.changed_at.values()]
        return max(days, default=None)

    def since(self, day: date) -> list[Candidate]:
        return [
            candidate
            for candidate in self.candidates
            if candidate.published_on and candidate.published_on >= day
        ]

    def is_alive(self, today: date) -> bool:
        """Whether it has something of the last months, or something without a date."""
        offered = len(self.candidates) or len(self.offer.more)
        if offered < (FEW if self.kind is SourceKind.LISTING else 1):
            return False
        newest = self.newest_on
        return newest is None or newest >= today - ALIVE

    def score(self, today: date) -> float:
        points = BASE[self.kind]
        if not self.is_alive(today):
            points -= DEAD
        newest = self.newest_on
        if newest is not None:
            points += max(0.0, 1 - (today - newest).days / ALIVE.days)
        points += 4 * self.covered + self.full_texts + min(len(self.candidates), 20) / 40
        return points - self.clue.side / 6


def covered(candidates: Collection[Candidate], headlines: Collection[Candidate]) -> float:
    known = {candidate.url for candidate in candidates}
    return (
        sum(headline.url in known for headline in headlines) / len(headlines) if headlines else 0.0
    )


# --- what each source offered lately, and what of that would alert --------------------------------

LATELY = timedelta(days=7)
UNDATED = 20  # items of a source without dates that are judged, as if they were of these days
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SourcePreview:
    """A source, what it had in the last days, and what of that would have been alerts."""

    tried: TriedSource
    lately: Sequence[Candidate]
    alerts: Sequence[Candidate]

    @property
    def is_dated(self) -> bool:
        return any(candidate.published_on for candidate in self.tried.candidates)


def preview_sources(
    site_sources: SiteSources, today: date, rules: Rules
) -> Iterator[SourcePreview]:
    """The best sources of a site, judged by headline and summary."""
    relevant: dict[str, bool] = {}
    for tried in site_sources.sources[:MOST_SHOWN]:
        undated = [one for one in tried.candidates if one.published_on is None][:UNDATED]
        lately = tried.since(today - LATELY)
        for candidate in [*lately, *undated]:
            if candidate.url not in relevant:
                text = tried.texts.get(candidate.url, "")
                language = (
                    candidate.language or known_language(site_sources.language) or UNKNOWN_LANGUAGE
                )
                document = Document(
                    candidate.title or "", text, language, candidate.published_on, candidate.url
                )
                relevant[candidate.url] = judge(document, rules).relevant
        alerts = [one for one in [*lately, *undated] if relevant[one.url]]
        yield SourcePreview(tried, lately, alerts)


def settings_of(site_sources: SiteSources, chosen: TriedSource) -> dict[str, Any]:
    """The entry of one of its sources, without its id."""
    paths = {} if chosen.paths is None else {"paths": asdict(chosen.paths)}
    known = {"name": site_sources.name, "language": known_language(site_sources.language)}
    return {"kind": str(chosen.kind), "url": chosen.url} | known | paths


def nothing_in(site: SiteSources) -> str:
    """Why a site has no source that could be added, as a line with what to do instead."""
    if site.given is not SourceKind.LISTING:
        what = site.first.problem or "it is whole, and has no items yet"
        if site.dead:
            what = why_dead(site.dead[0])
        return f"read as {site.given}, {what}; to add it all the same: --kind {site.given}"
    requests = f"{site.requests} request{'' if site.requests == 1 else 's'}"
    if site.empty:
        tried = site.empty[0]
        add = f"to add it all the same: accordwatch sources add {tried.url} --kind {tried.kind}"
        return f"its {tried.kind} {tried.url} has no items yet ({requests}); {add}"
    looked = f"no feed, sitemap or list of links in {requests}"
    if site.dead:
        tried = site.dead[0]
        poor = f"{looked}, but a {tried.kind}: {tried.url}, {why_dead(tried)}"
        purpose, kind = "add it all the same", tried.kind
        if kind is SourceKind.LISTING and tried.newest_on is None:  # it hardly leads anywhere
            purpose, kind = "watch what that page itself says", SourceKind.PAGE
        return f"{poor}; to {purpose}: accordwatch sources add {tried.url} --kind {kind}"
    if SCRIPTED in (site.first.problem or ""):
        advice = "open it in a browser with --kind listing --javascript"
        return f"{looked}; scripts may build its list: {advice}"
    ways = "--kind listing for what it leads to, --kind page for what it says itself"
    return f"{looked}; name its page of news, or add this one: {ways}"


def why_dead(one: TriedSource) -> str:
    return f"its newest is of {one.newest_on}" if one.newest_on else "it has too few links"
