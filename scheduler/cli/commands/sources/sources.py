"""`sources list|remove|disable|enable`: what is polled, and how each source is
doing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import (
    Format,
    counted,
    moment,
    print_csv,
    print_jsonl,
    print_table,
    say,
)
from storage.errors import ConfigurationError
from storage.records import SourceKind, Trust

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from scheduler.schedule.sources_due import Turn
    from spiders.catalog.sources import SourceSettings
    from storage.sources.checks import SourceCheck
    from storage.sources.states import SourceState


def list_sources(
    *,
    format: Annotated[
        Format, Parameter(help="table for people; jsonl and csv for programs.")
    ] = "table",
) -> None:
    """List the configured sources: when each is looked at, and how it is doing."""
    from scheduler.jobs.health.source_findings import changes_of_sources
    from scheduler.schedule.sources_due import polls_of, turns_of, why_then
    from storage.sources.checks import source_checks
    from storage.sources.states import SourceState, source_states

    chosen, now = configuration(), datetime.now(UTC)
    with opened_database(chosen) as database, database.read() as s:
        states, checks, changes = source_states(s), source_checks(s), changes_of_sources(s)
        turns = turns_of(s, chosen.sources, now)
        rows = []
        for turn in turns:
            state = states.get(turn.source.id) or SourceState(turn.source.id)
            why = why_then(turn.source, state, polls_of(s, turn.source))
            row = _row(turn, state, why, checks.get(turn.source.id))
            rows.append(row | {"changes": changes.get(turn.source.id, [])})
    if format == "jsonl":
        print_jsonl(rows)
        return
    if format == "csv":
        print_csv(rows)
        return
    if not rows:
        say("no sources yet; `sources add URL` adds one, `sources packs` lists what comes with us")
        return
    columns = ("id", "kind", "lang", "schedule", "next", "why then", "state", "address")
    cells = [
        (
            row["id"],
            row["kind"],
            row["language"] or "",
            row["schedule"],
            _next(turn, now),
            row["why"],
            _state(row, now),
            row["url"],
        )
        for row, turn in zip(rows, turns, strict=True)
    ]
    print_table("", columns, cells)
    say(f"{counted(len(rows), 'source')}; accordwatch sources check ID looks at one now")


SourceId = Annotated[str, Parameter(help="Id of a source, as `sources list` shows it.")]


def remove(source: SourceId, /) -> None:
    """Take a source out of the configuration. The documents that came from it stay."""
    from scheduler.configuration.edit import remove_source

    remove_source(configuration().path, source)
    say(f"{source} is removed; what was collected from it stays")


def disable(source: SourceId, /) -> None:
    """Stop checking a source, but leave it in the list."""
    from scheduler.configuration.edit import enable_source

    enable_source(configuration().path, source, False)
    say(f"{source} is switched off; on again: accordwatch sources enable {source}")


def enable(source: SourceId, /) -> None:
    """Check a source again."""
    from scheduler.configuration.edit import enable_source

    enable_source(configuration().path, source, True)
    say(f"{source} is switched on; look at it once with: accordwatch sources check {source}")


def _row(turn: Turn, state: SourceState, why: str, check: SourceCheck | None) -> dict[str, Any]:
    from scheduler.schedule.sources_due import schedule_of

    source = turn.source
    check = check if check is not None and check.url == source.url else None
    last_at = state.last_success_at
    return {
        "id": source.id,
        "kind": source.kind,
        "language": source.language,
        "country": source.country,
        "url": source.url,
        "enabled": source.enabled,
        "official": source.official,
        "trust": source.trust,
        "verified": source.verified,
        "schedule": schedule_of(source),
        "next_due_at": turn.due_at.isoformat() if source.enabled else None,
        "why": why,
        "moved_to": state.moved(source.url),
        "last_success_at": last_at.isoformat() if last_at else None,
        "last_error": state.last_error,
        "failures": state.failures,
        "last_poll_at": _iso(state.last_poll_at),
        "checked_at": _iso(check.checked_at if check else None),
        "check_alive": check.alive if check else None,
        "check_problem": check.problem if check else None,
    }


def _next(turn: Turn, now: datetime) -> str:
    """When a source is looked at next, in the local time of the person who asks."""
    if not turn.source.enabled:
        return "never"
    minutes = round((turn.due_at - now).total_seconds() / 60)
    if minutes < 1:
        return "now"
    local = turn.due_at.astimezone()
    if minutes >= 20 * 60:
        return moment(turn.due_at)
    near = f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
    return f"in {near}, {local:%H:%M}"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _state(row: Mapping[str, Any], now: datetime) -> str:
    """How a source is doing: as the last poll or the last check saw it, whichever came later."""
    checked, polled = row["checked_at"], row["last_poll_at"]
    check = _check(row, now) if checked and (not polled or checked > polled) else ""
    if not row["enabled"]:
        return "; ".join(filter(None, ("switched off", check)))
    if check:
        return check
    if row["moved_to"]:
        return f"moved to {row['moved_to']}"
    if row["failures"]:
        return f"failed {row['failures']}x: {row['last_error']}"
    if row["changes"]:
        return str(row["changes"][0])
    if row["last_success_at"]:
        return f"well, {moment(datetime.fromisoformat(row['last_success_at']))}"
    return "not looked at yet" + ("" if row["verified"] else ", unverified")


def _check(row: Mapping[str, Any], now: datetime) -> str:
    when = _ago(datetime.fromisoformat(row["checked_at"]), now)
    found = "active" if row["check_alive"] else "inactive"
    return f"checked {when}: {found}" + (
        f"; {row['check_problem']}" if row["check_problem"] else ""
    )


def _ago(at: datetime, now: datetime) -> str:
    """ "today", "yesterday", "3 days ago", by the calendar of the person who asks."""
    days = (now.astimezone().date() - at.astimezone().date()).days
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"


# --- `sources import|export` ----------------------------------------------------------------------


def import_pack(
    file: Annotated[
        str,
        Parameter(
            help="A pack file, an OPML file, or the name of a pack that comes with us: see "
            "`sources packs`."
        ),
    ],
    /,
) -> int:
    """Add the sources of a file to the configuration. Those whose id or address is there already
    are left out. Exit 1 if some cannot be sources; these are named, and the others are added.
    """
    from scheduler.configuration.edit import add_sources
    from storage.addresses.keys import key_of

    chosen = configuration()
    given, faults = _sources_of(file, chosen)
    given, twins = _without_twins(given)
    faults += twins
    ids = {source.id for source in chosen.sources}
    addresses = {key_of(source.url) for source in chosen.sources if source.url}
    fresh = [one for one in given if one.id not in ids and key_of(one.url) not in addresses]
    if fresh:
        add_sources(chosen.path, fresh)
    for fault in faults:
        say(f"accordwatch: {fault}")
    refused = f", {len(faults)} cannot be sources" if faults else ""
    added, known = counted(len(fresh), "source"), len(given) - len(fresh)
    say(f"{added} added, {known} were there already{refused}")
    return 1 if faults else 0


def _without_twins(given: list[SourceSettings]) -> tuple[list[SourceSettings], list[str]]:
    """(the sources with addresses of their own, those that are left out, in words)."""
    from storage.addresses.canonical import canonical_url

    first: dict[tuple[SourceKind, str | None], SourceSettings] = {}
    twins = []
    for one in given:
        key = (one.kind, canonical_url(one.url) or one.url or one.path)
        if first.setdefault(key, one) is not one:
            twins.append(f"{one.url}: is the address of {first[key].id}, too; it was left out")
    return list(first.values()), twins


def _sources_of(file: str, chosen: Configuration) -> tuple[list[SourceSettings], list[str]]:
    from spiders.catalog.opml import is_opml, read_opml
    from spiders.catalog.packs import PACKS, bundled_pack
    from spiders.catalog.sources import usable_sources

    if file in PACKS:
        return list(bundled_pack(file)), []
    try:
        body = Path(file).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from error
    if is_opml(body):
        return read_opml(body, file, [source.id for source in chosen.sources])
    return usable_sources(Path(file))


def export(
    *,
    format: Annotated[
        Literal["pack", "opml"],
        Parameter(help="pack: all sources, for `sources import`; opml: feeds, for feed readers."),
    ] = "pack",
) -> None:
    """Print the configured sources as a pack, or the feeds among them as OPML."""
    from scheduler.configuration.edit import as_yaml
    from spiders.catalog.opml import write_opml

    settings, now = configuration().settings, datetime.now(UTC)
    sources = settings.all_sources
    if format == "opml":
        sys.stdout.write(write_opml(sources, now))
        others = sum(source.kind is not SourceKind.FEED for source in sources)
        if others:
            say(f"{others} sources are no feeds and left out: OPML has no place for them")
        return
    sys.stdout.write(f"# {now:%Y-%m-%d}: sources of an Accordwatch\nschema: 1\nsources:\n")
    for source in sources:
        for line in as_yaml(_with_own_zone(source, settings.schedule.timezone)):
            sys.stdout.write(line + "\n")


def _with_own_zone(source: SourceSettings, zone: str | None) -> SourceSettings:
    """The source with its time zone written out: elsewhere another zone may be the default."""
    needs = source.cron is not None and source.timezone is None
    return source.model_copy(update={"timezone": zone}) if needs else source


# --- `sources packs` ------------------------------------------------------------------------------

_MOST_NAMED = 5  # languages of a pack in the table; the other formats have all


def packs(
    *,
    format: Annotated[
        Format, Parameter(help="table for people; jsonl and csv for programs.")
    ] = "table",
) -> None:
    """List the packs of sources that come with us, by who speaks, in which language, of where."""
    from spiders.catalog.packs import PACKS, counts_of

    chosen = _chosen()
    rows: list[dict[str, Any]] = [
        {
            "pack": counts.name,
            "about": counts.about,
            "chosen": counts.name in chosen,
            "sources": counts.sources,
            "trust": counts.trust,
            "languages": counts.languages,
            "countries": counts.countries,
        }
        for counts in map(counts_of, PACKS)
    ]
    if format == "jsonl":
        print_jsonl(rows)
    elif format == "csv":
        print_csv([row | {key: _listed(row[key]) for key in _COUNTED} for row in rows])
    else:
        columns = ("pack", "sources", "trust", "states", "languages", "holds")
        print_table("", columns, [_cells(row) for row in rows])
        say("choose some with a line in accordwatch.yaml, such as: packs: [maghreb, international]")


_COUNTED = ("trust", "languages", "countries")


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    states = set(row["countries"]) - {"EU", "INT"}
    return (
        row["pack"] + (" (chosen)" if row["chosen"] else ""),
        str(row["sources"]),
        "\n".join(f"{name} {row['trust'][name]}" for name in Trust if row["trust"].get(name)),
        str(len(states)),
        _listed(row["languages"], _MOST_NAMED),
        row["about"],
    )


def _listed(counted: Mapping[str, int], most: int | None = None) -> str:
    named = [f"{name} {times}" for name, times in counted.items()]
    return ", ".join(named[:most] + ["..."] * (most is not None and len(named) > most))


def _chosen() -> tuple[str, ...]:
    """The packs that the configuration chooses; none where there is no configuration."""
    try:
        return configuration().settings.packs
    except ConfigurationError:
        return ()
