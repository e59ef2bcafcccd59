"""`discover`: what a feed, sitemap or listing offers. Needs no configuration and no database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.one_worker import one_worker
from scheduler.cli.output import print_jsonl, say
from scheduler.cli.places import Place, crawl_settings, fetch_place, is_url
from storage.records import Candidate, SourceKind

if TYPE_CHECKING:
    from spiders.fetch.settings import CrawlSettings
    from spiders.finding.finder import SiteSources
    from spiders.kinds.offer import Offer


def discover(
    place: Place,
    /,
    *,
    kind: Annotated[
        Literal["feed", "sitemap", "listing", "page", "wordpress", "json"] | None,
        Parameter(help="What it is; it is guessed if this is left out."),
    ] = None,
    url: Annotated[
        str | None, Parameter(help="Where the file came from, for relative links.")
    ] = None,
) -> int:
    """Print what a feed, sitemap or listing offers, a JSON line each: url, title, published.

    Of a home page the best source is looked for, in at most six requests.
    """
    from spiders.kinds.table import SITEMAP_SHARE
    from spiders.kinds.table import discover as read

    with one_worker() as work:
        if is_url(place) and kind is None:
            found: SiteSources = work(look, place, crawl_settings())
            if found.sources:
                return _print_found(place, found)
            offer: Offer = found.first
        else:
            fetched = fetch_place(place, url, share=SITEMAP_SHARE)
            offer = work(read, fetched, SourceKind(kind) if kind else None)
    return _print_offer(place, offer)


def look(place: str, settings: CrawlSettings) -> SiteSources:
    """The sources of a site. A worker asks for them, too, since each answer leads to others."""
    from spiders.fetch.session import FetchSession
    from spiders.finding.finder import find

    with FetchSession(settings) as session:
        return find(place, session, datetime.now(UTC).date())


def _print_found(place: str, found: SiteSources) -> int:
    best, *others = found.sources
    print_jsonl(map(_row, best.candidates))
    if best.url != place:
        say(f"read as {best.kind}: {best.url}")
    for one in others:
        say(f"more to read: {one.kind} {one.url}")
    for part in best.offer.more:
        say(f"more to read: {part}")
    if best.offer.problem:
        say(f"accordwatch: {best.url}: {best.offer.problem}")
    return 0


def _print_offer(place: str, offer: Offer) -> int:
    print_jsonl(map(_row, offer.candidates))
    for more in offer.more:
        say(f"more to read: {more}")
    if offer.problem:
        say(f"accordwatch: {place}: {offer.problem}")
    elif not offer.candidates:
        advice = "if its kind was guessed wrong, say what it is with --kind"
        say(f"accordwatch: {place}: nothing is offered here; {advice}")
    return 1 if offer.failed else 0


def _row(candidate: Candidate) -> dict[str, str | None]:
    published = candidate.published_on.isoformat() if candidate.published_on else None
    return {"url": candidate.url, "title": candidate.title, "published": published}
