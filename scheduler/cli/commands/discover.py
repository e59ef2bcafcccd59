"""`discover`: what a feed, sitemap or listing offers. Needs no configuration and no database."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.output import print_jsonl, say
from scheduler.cli.places import Place, fetch_place
from storage.records import Candidate, SourceKind


def discover(
    place: Place,
    /,
    *,
    kind: Annotated[
        Literal["feed", "sitemap", "listing", "page"] | None,
        Parameter(help="What it is; it is guessed if this is left out."),
    ] = None,
    url: Annotated[
        str | None, Parameter(help="Where the file came from, for relative links.")
    ] = None,
) -> int:
    """Print what a feed, sitemap or listing offers, a JSON line each: url, title, published."""
    from spiders.kinds.discover import discover as read

    offer = read(fetch_place(place, url), SourceKind(kind) if kind else None)
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
