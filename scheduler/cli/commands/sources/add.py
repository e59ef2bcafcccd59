"""`sources add`: finds the sources of a site, shows what each would have given, and adds the best
of them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration, configured_rules
from scheduler.cli.output import counted, print_table, say
from storage.errors import AccordwatchError, FetchError
from storage.records import SourceKind

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from spiders.finding.finder import SiteSources
    from spiders.finding.sights import Sight

Kind = Literal["feed", "sitemap", "listing", "page", "wordpress", "json", "imap"]


def add(
    url: Annotated[str, Parameter(help="Address of a site, or of a source itself.")],
    /,
    *,
    kind: Annotated[
        Kind | None,
        Parameter(help="What the address is; it is then added as it is, without any request."),
    ] = None,
    id: Annotated[str | None, Parameter(help="Its short name; else made from the address.")] = None,
    language: Annotated[str | None, Parameter(help="Its main language, two letters.")] = None,
    every: Annotated[
        str | None, Parameter(help="How often it is looked at: 30m, 1h, 1d, auto.")
    ] = None,
    cron: Annotated[str | None, Parameter(help="Or when: minute hour day month weekday.")] = None,
    timezone: Annotated[
        str | None, Parameter(help="Time zone of --cron, like Europe/Madrid.")
    ] = None,
    jitter: Annotated[
        str | None, Parameter(help="How much later it may be, by chance: 10m.")
    ] = None,
    javascript: Annotated[
        bool, Parameter(negative="", help="Scripts build its pages: a browser opens them.")
    ] = False,
    username: Annotated[str | None, Parameter(help="imap: who opens the mailbox.")] = None,
    password_env: Annotated[
        str | None, Parameter(help="imap: the environment variable that holds the password.")
    ] = None,
    dry_run: Annotated[
        bool, Parameter(negative="", help="Print what would be added, and add nothing.")
    ] = False,
) -> None:
    """Find the best source of a site and add it to the configuration, whose comments and order
    stay.

    Takes at most six requests, robots.txt included. With --kind none is sent.
    """
    options = {"every": every, "cron": cron, "timezone": timezone, "jitter": jitter}
    login = {"username": username, "password": {"env": password_env} if password_env else None}
    known = {"id": id, "url": url, "language": language, "kind": kind, "javascript": javascript}
    _add(known | options | login, dry_run=dry_run)


def _add(written: dict[str, Any], *, dry_run: bool) -> None:
    """Add a source as it was written, completed by what its site shows where no kind was given."""
    from scheduler.configuration.added import checked_source
    from scheduler.configuration.edit import add_sources, as_yaml

    chosen, url = configuration(), written["url"]
    source = checked_source(written | {"kind": written["kind"] or "feed"}, chosen.sources)
    if written["kind"] is None:
        guessed = _guessed(url, chosen)
        spoken = written["language"] or guessed["language"]
        source = checked_source(written | guessed | {"language": spoken}, chosen.sources)
    if dry_run:
        sys.stdout.write("\n".join(as_yaml(source)) + "\n")
        say("nothing was added; to add it: the same without --dry-run")
        return
    add_sources(chosen.path, [source])
    say(f"added as {source.id}; look at it once with: accordwatch sources check {source.id}")


def _guessed(url: str, chosen: Configuration) -> dict[str, Any]:
    """The settings of the best source of a site. Raises AccordwatchError if there is nothing to
    add.
    """
    from scheduler.configuration.added import refuse_known
    from spiders.finding.sights import settings_of

    refuse_known(url, chosen.sources)
    found = _look(url, chosen)
    best = found.sources[0]
    refuse_known(best.url, chosen.sources)
    return settings_of(found, best)


# --- looking ------------------------------------------------------------------------------------


def _look(url: str, chosen: Configuration) -> SiteSources:
    """What the site offers, shown as a table. Raises AccordwatchError if that is nothing."""
    from spiders.fetch.session import FetchSession
    from spiders.finding.finder import find
    from spiders.finding.sights import nothing_in, sights_of

    today = datetime.now(UTC).date()
    with FetchSession(chosen.settings.crawl) as session:
        try:
            found = find(url, session, today)
        except FetchError as error:
            advice = "nothing was added; to add it unseen, say what it is with --kind"
            raise FetchError(f"{error}; {advice}") from error
    if not found.sources:
        raise AccordwatchError(f"{url}: {nothing_in(found)}")
    sights = list(sights_of(found, today, configured_rules(chosen)))
    _show(sights, found)
    return found


def _show(sights: Sequence[Sight], found: SiteSources) -> None:
    from spiders.finding.sights import MOST_SHOWN, why_dead

    columns = ("", "kind", "newest", "offers", "last 7 days", "would alert", "texts", "address")
    print_table("", columns, [_row(sight, best=number == 0) for number, sight in enumerate(sights)])
    for one in found.dead:
        say(f"left out: {one.kind} {one.url}, {why_dead(one)}")
    for one in found.empty:
        say(f"left out: {one.kind} {one.url}, it has no items yet")
    for alert in sights[0].alerts[:MOST_SHOWN]:
        say(f"would have alerted: {alert.title}")
    if sights[0].alerts:
        say("judged by headline and summary; the whole text decides later")
    say(f"looked with {counted(found.asked, 'request')}")


def _row(sight: Sight, *, best: bool) -> tuple[str, ...]:
    tried = sight.tried
    return (
        "*" if best else "",
        str(tried.kind),
        tried.newest_on.isoformat() if tried.newest_on else "no dates",
        str(len(tried.candidates) or counted(len(tried.offer.more), "part")),
        str(len(sight.lately)) if sight.is_dated else "",
        str(len(sight.alerts)),
        f"{tried.full_texts:.0%} whole" if tried.kind is SourceKind.FEED else "",
        tried.url,
    )
