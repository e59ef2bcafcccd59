"""`sources add`: finds the sources of a site, shows what each would have given, and adds the best
of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from cyclopts import Parameter
from rich.progress import TimeElapsedColumn

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import (
    Shape,
    counted,
    print_jsonl,
    print_list,
    print_table,
    say,
    shown,
    stderr,
)
from scheduler.cli.places import Place, crawl_settings, fetch_place, is_url, one_worker
from scheduler.cli.progress import moving_line
from scheduler.cli.rules import configured_rules
from scheduler.configuration.config import Configuration
from scheduler.configuration.edit import add_sources, as_yaml, checked_source, refuse_known
from scheduler.views.operations import CHECKS
from spiders.catalog.opml import is_opml, read_opml
from spiders.catalog.packs import PACKS, bundled_pack
from spiders.catalog.sources import SourceSettings, usable_sources
from spiders.checks.source_tries import check_sources
from spiders.finding.finder import (
    MOST_SHOWN,
    SiteSources,
    SourcePreview,
    find_at,
    nothing_in,
    preview_sources,
    settings_of,
    why_dead,
)
from spiders.kinds.table import discover as read
from spiders.kinds.table import largest_size
from storage.addresses import canonical_url, key_of
from storage.errors import AccordwatchError, ConfigurationError, FetchError
from storage.records import Candidate
from storage.source import LOCAL_SOURCES, Source, SourceKind
from storage.sources.states import save_check
from storage.sources.tables import SourceCheck

if TYPE_CHECKING:
    from spiders.fetch.settings import CrawlSettings
    from spiders.kinds.offer import Offer

# Kinds by name, as help and errors list them: those that have an address, and those on the web.
_WITH_ADDRESS = tuple(str(kind) for kind in SourceKind if kind not in LOCAL_SOURCES)
if TYPE_CHECKING:
    Kind: TypeAlias = str
    WebKind: TypeAlias = str
else:
    Kind = Literal[_WITH_ADDRESS]
    WebKind = Literal[tuple(name for name in _WITH_ADDRESS if name != SourceKind.IMAP)]


def sources_add(
    place: Annotated[
        str,
        Parameter(
            help="Address of a site or of a source itself, a file of sources (a pack or OPML), or "
            "the name of a pack that comes with us."
        ),
    ],
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
) -> int:
    """Takes at most six requests, robots.txt included; with --kind none. Of a list, the sources
    that are not known yet are added.
    """
    options = {"every": every, "cron": cron, "timezone": timezone, "jitter": jitter}
    login = {"username": username, "password": {"env": password_env} if password_env else None}
    known = {"id": id, "url": place, "language": language, "kind": kind, "javascript": javascript}
    if place in PACKS or ("://" not in place and Path(place).is_file()):
        if any((known | {"url": None} | options | login).values()):
            raise ConfigurationError(f"{place} says itself what its sources are: leave out options")
        return _add_list(place, dry_run=dry_run)
    _add(known | options | login, dry_run=dry_run)
    return 0


def _add(written: dict[str, Any], *, dry_run: bool) -> None:
    """Add a source as it was written, completed by what its site shows where no kind was given."""
    chosen, url = configuration(), written["url"]
    source = checked_source(written | {"kind": written["kind"] or "feed"}, chosen.sources)
    if written["kind"] is None:
        refuse_known(url, chosen.sources)
        site_sources = _look(url, chosen)
        best = site_sources.sources[0]
        refuse_known(best.url, chosen.sources)
        guessed = settings_of(site_sources, best)
        main_language = written["language"] or guessed["language"]
        source = checked_source(written | guessed | {"language": main_language}, chosen.sources)
    if dry_run:
        sys.stdout.write("\n".join(as_yaml(source)) + "\n")
        say("nothing was added; to add it: the same without --dry-run")
        return
    add_sources(chosen.path, [source])
    say(f"added as {source.id}; look at it once with: accordwatch sources check {source.id}")


# --- the sources of a site ----------------------------------------------------------------------


def _look(url: str, chosen: Configuration) -> SiteSources:
    """What the site offers, shown as a table. Raises AccordwatchError if that is nothing."""
    today = datetime.now(UTC).date()
    try:
        site_sources = find_at(url, chosen.settings.crawl, today)
    except FetchError as error:
        advice = "nothing was added; to add it unseen, say what it is with --kind"
        raise FetchError(f"{error}; {advice}") from error
    if not site_sources.sources:
        raise AccordwatchError(f"{url}: {nothing_in(site_sources)}")
    previews = list(preview_sources(site_sources, today, configured_rules(chosen)))
    _show(previews, site_sources)
    return site_sources


def _show(previews: Sequence[SourcePreview], site_sources: SiteSources) -> None:
    columns = ("", "kind", "newest", "offers", "last 7 days", "would alert", "texts", "address")
    print_table(
        "", columns, [_row(preview, best=number == 0) for number, preview in enumerate(previews)]
    )
    for tried_source in site_sources.dead:
        say(f"left out: {tried_source.kind} {tried_source.url}, {why_dead(tried_source)}")
    for tried_source in site_sources.empty:
        say(f"left out: {tried_source.kind} {tried_source.url}, it has no items yet")
    for alert in previews[0].alerts[:MOST_SHOWN]:
        say(f"would have alerted: {alert.title}")
    if previews[0].alerts:
        say("judged by headline and summary; the whole text decides later")
    say(f"looked with {counted(site_sources.requests, 'request')}")


def _row(preview: SourcePreview, *, best: bool) -> tuple[str, ...]:
    tried = preview.tried
    return (
        "*" if best else "",
        str(tried.kind),
        tried.newest_on.isoformat() if tried.newest_on else "no dates",
        str(len(tried.candidates) or counted(len(tried.offer.more), "part")),
        str(len(preview.lately)) if preview.is_dated else "",
        str(len(preview.alerts)),
        f"{tried.full_texts:.0%} whole" if tried.kind is SourceKind.FEED else "",
        tried.url,
    )


# --- packs and OPML files -------------------------------------------------------------------------


def _add_list(file: str, *, dry_run: bool) -> int:
    """Add what is not there already. Exit 1 if some cannot be sources; these are named."""
    chosen = configuration()
    sources, faults = _sources_of(file, chosen)
    sources, twins = _without_twins(sources)
    faults += twins
    ids = {source.id for source in chosen.sources}
    addresses = {key_of(source.url) for source in chosen.sources if source.url}
    fresh = [
        source for source in sources if source.id not in ids and key_of(source.url) not in addresses
    ]
    if dry_run:
        sys.stdout.writelines(f"{line}\n" for source in fresh for line in as_yaml(source))
    elif fresh:
        add_sources(chosen.path, fresh)
    for fault in faults:
        say(f"accordwatch: {fault}")
    refused = f", {len(faults)} cannot be sources" if faults else ""
    added, known = counted(len(fresh), "source"), len(sources) - len(fresh)
    say(f"{added} {'would be ' if dry_run else ''}added, {known} were there already{refused}")
    return 1 if faults else 0


def _without_twins(sources: list[SourceSettings]) -> tuple[list[SourceSettings], list[str]]:
    """(the sources with addresses of their own, those that are left out, in words)."""
    first: dict[tuple[SourceKind, str | None], SourceSettings] = {}
    twins = []
    for source_settings in sources:
        key = (
            source_settings.kind,
            canonical_url(source_settings.url) or source_settings.url or source_settings.path,
        )
        if first.setdefault(key, source_settings) is not source_settings:
            twins.append(
                f"{source_settings.url}: is the address of {first[key].id}, too; it was left out"
            )
    return list(first.values()), twins


def _sources_of(file: str, chosen: Configuration) -> tuple[list[SourceSettings], list[str]]:
    if file in PACKS:
        return list(bundled_pack(file)), []
    try:
        body = Path(file).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from error
    if is_opml(body):
        return read_opml(body, file, [source.id for source in chosen.sources])
    return usable_sources(Path(file))


# --- `sources check` ------------------------------------------------------------------------------


def sources_check(
    source: Annotated[tuple[str, ...], Parameter(help="Ids; none: all that are switched on.")] = (),
    /,
    *,
    pack: Annotated[
        tuple[str, ...],
        Parameter(help="All of a pack that comes with us, chosen or not: `sources list --packs`."),
    ] = (),
    format: Shape = "table",
) -> int:
    """No document is fetched or stored. Exit 1 if some are not active."""
    chosen = configuration()
    sources = _chosen_sources(chosen, source, pack)
    with opened_database(chosen) as database:
        checks = []
        for source_check in _watched(chosen, sources):
            with database.begin() as s:
                save_check(s, source_check)
            checks.append(source_check)
    checks.sort(key=lambda check: (check.alive, check.problem is None, check.source_id))
    print_list(CHECKS, checks, format)
    dead = sum(not check.alive for check in checks)
    say(f"{len(checks) - dead} of {counted(len(checks), 'source')} active")
    return 1 if dead else 0


def _chosen_sources(
    chosen: Configuration, ids: Sequence[str], packs: Sequence[str]
) -> tuple[Source, ...]:
    """The named sources and those of the named packs; without names all that are switched on."""
    known = {source.id: source for source in chosen.sources}
    if strange := [name for name in packs if name not in PACKS]:
        listed = ", ".join(PACKS)
        raise ConfigurationError(f"{strange[0]!r} is not a pack of sources; there is {listed}")
    in_packs = [source.to_source() for name in packs for source in bundled_pack(name)]
    of_packs = {pack.id: known.get(pack.id, pack) for pack in in_packs}
    there = of_packs | known
    if unknown := [name for name in ids if name not in there]:
        raise ConfigurationError(
            f"no source has the id {', '.join(unknown)}; see: accordwatch sources list"
        )
    if ids:
        return tuple(there[name] for name in dict.fromkeys(ids))
    looked_at = of_packs if packs else known
    return tuple(source for source in looked_at.values() if source.enabled)


def _watched(chosen: Configuration, sources: Sequence[Source]) -> Iterator[SourceCheck]:
    """The checks as they come: a moving line on a terminal, a line each in a log."""
    console = stderr()
    columns = "{task.completed:.0f}/{task.total:.0f}  {task.fields[alive]} active"
    with moving_line(console, "checking", columns, TimeElapsedColumn()) as progress:
        task = progress.add_task("check", total=len(sources), alive=0)
        alive = 0
        for source_check in check_sources(sources, chosen.settings.crawl):
            alive += source_check.alive
            progress.update(task, advance=1, alive=alive)
            if not console.is_terminal:
                active = f"active: {counted(source_check.items, 'document')} offered"
                parts = (active if source_check.alive else "", source_check.problem)
                line = "; ".join(str(part) for part in parts if part)
                say(f"{source_check.source_id}: {shown(line)}")
            yield source_check


# --- `discover` -----------------------------------------------------------------------------------


def discover(
    place: Place,
    /,
    *,
    kind: Annotated[
        WebKind | None,
        Parameter(help="What it is; it is guessed if this is left out."),
    ] = None,
    url: Annotated[
        str | None, Parameter(help="Where the file came from, for relative links.")
    ] = None,
) -> int:
    """Of a home page the best source is looked for, in at most six requests."""
    with one_worker() as work:
        if is_url(place) and kind is None:
            site_sources: SiteSources = work(look, place, crawl_settings())
            if site_sources.sources:
                best, *others = site_sources.sources
                if best.url != place:
                    say(f"read as {best.kind}: {best.url}")
                for other in others:
                    say(f"more to read: {other.kind} {other.url}")
                _print_offer(best.url, best.offer, best.candidates)
                return 0
            offer: Offer = site_sources.first
        else:
            fetched = fetch_place(place, url, share=largest_size())
            offer = work(read, fetched, SourceKind(kind) if kind else None)
    _print_offer(place, offer, offer.candidates)
    if not (offer.problem or offer.candidates):
        advice = "if its kind was guessed wrong, say what it is with --kind"
        say(f"accordwatch: {place}: nothing is offered here; {advice}")
    return 1 if offer.failed else 0


def look(place: str, settings: CrawlSettings) -> SiteSources:
    """The sources of a site. Only a worker imports what reads them, which takes 0.2 s."""
    return find_at(place, settings, datetime.now(UTC).date())


def _print_offer(place: str, offer: Offer, candidates: Sequence[Candidate]) -> None:
    print_jsonl(map(_row_of_offer, candidates))
    for more in offer.more:
        say(f"more to read: {more}")
    if offer.problem:
        say(f"accordwatch: {place}: {offer.problem}")


def _row_of_offer(candidate: Candidate) -> dict[str, str | None]:
    published = candidate.published_on.isoformat() if candidate.published_on else None
    return {"url": candidate.url, "title": candidate.title, "published": published}
