"""`sources list|check|add|import|export`: what is polled, and how each source is doing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import print_jsonl, print_table, say
from storage.errors import AccordwatchError, ConfigurationError
from storage.records import SourceKind


def list_sources(
    *,
    format: Annotated[Literal["table", "jsonl"], Parameter(help="table for people; jsonl for programs.")] = "table",
) -> None:
    """List the configured sources and how each is doing."""
    from storage import sources

    chosen = configuration()
    with opened_database(chosen) as database, database.read() as s:
        states = sources.source_states(s)
    rows = []
    for source in chosen.sources:
        state = states.get(source.id)
        rows.append(
            {
                "id": source.id,
                "kind": source.kind,
                "language": source.language,
                "country": source.country,
                "url": source.url,
                "enabled": source.enabled,
                "verified": source.verified,
                "last_success_at": state.last_success_at.isoformat() if state and state.last_success_at else None,
                "last_error": state.last_error if state else None,
                "failures": state.failures if state else 0,
            }
        )
    if format == "jsonl":
        print_jsonl(rows)
        return
    cells = [(str(r["id"]), str(r["kind"]), str(r["language"] or ""), _state(r), str(r["url"])) for r in rows]
    print_table("", ("id", "kind", "lang", "state", "address"), cells)
    say(f"{len(rows)} sources; accordwatch sources check ID looks at one now")


def check(source: Annotated[tuple[str, ...], Parameter(help="Ids; none: all of them.")] = (), /) -> int:
    """Fetch sources once and say what each offers; nothing is stored. Exit 1 if one fails."""
    from crawler.fetch.once import fetch_once
    from spiders.kinds import KINDS, read_source

    chosen = configuration()
    known = {item.id: item for item in chosen.sources}
    unknown = [name for name in source if name not in known]
    if unknown:
        raise ConfigurationError(f"no source has the id {', '.join(unknown)}; see: accordwatch sources list")
    failed = 0
    for item in [known[name] for name in source] or known.values():
        try:
            fetched = fetch_once(KINDS[item.kind].requests(item)[0], chosen.settings.crawl)
            offer = read_source(fetched, item)
            line = offer.problem or f"well: {len(offer.candidates)} documents offered" + (
                f", {len(offer.more)} parts to read" if offer.more else ""
            )
            failed += offer.failed
        except AccordwatchError as error:
            line = str(error)
            failed += 1
        say(f"{item.id}: {line}")
    return 1 if failed else 0


def add(
    url: Annotated[str, Parameter(help="Address of a feed, sitemap, listing or page.")],
    /,
    *,
    kind: Annotated[Literal["feed", "sitemap", "listing", "page"], Parameter(help="What it is.")] = "feed",
    id: Annotated[str | None, Parameter(help="Its short name; else made from the address.")] = None,
    language: Annotated[str | None, Parameter(help="Its main language, two letters.")] = None,
) -> None:
    """Add a source to the configuration; comments and order of the file stay."""
    from pydantic import ValidationError

    from scheduler.config_edit import add_sources
    from spiders.catalog import SourceSettings

    name = id or _id_from(url)
    try:
        source = SourceSettings(id=name, kind=SourceKind(kind), url=url, language=language)
    except ValidationError as error:
        faults = (str(fault["msg"]).removeprefix("Value error, ") for fault in error.errors())
        raise ConfigurationError(*(f"{url}: {fault}" for fault in faults)) from error
    add_sources(configuration().path, [source])
    say(f"added; look at it once with: accordwatch sources check {name}")


def import_pack(
    file: Annotated[str, Parameter(help="A pack file, or `all` or `default` for the ones that come with us.")], /
) -> None:
    """Add the sources of a pack to the configuration; those whose id or address is there already are left out."""
    from scheduler.config_edit import add_sources
    from spiders.catalog import PACKS, bundled_pack, load_pack

    chosen = configuration()
    pack = load_pack(bundled_pack(file) if file in PACKS else Path(file))
    there = {source.id for source in chosen.sources} | {source.url for source in chosen.sources}
    fresh = [source for source in pack if source.id not in there and source.url not in there]
    add_sources(chosen.path, fresh)
    say(f"{len(fresh)} sources added, {len(pack) - len(fresh)} were there already")


def export() -> None:
    """Print the configured sources as a pack that `sources import` reads."""
    from scheduler.config_edit import as_yaml

    sys.stdout.write(f"# {datetime.now(UTC):%Y-%m-%d}: sources of an Accordwatch\nschema: 1\nsources:\n")
    for source in configuration().settings.sources:
        for line in as_yaml(source):
            sys.stdout.write(line + "\n")


def _id_from(url: str) -> str:
    host = (urlsplit(url).hostname or "source").removeprefix("www.")
    return "".join(character if character.isalnum() else "-" for character in host).strip("-").lower()


def _state(row: Mapping[str, object]) -> str:
    if not row["enabled"]:
        return "switched off"
    if row["last_error"]:
        return f"failed {row['failures']}x: {row['last_error']}"
    if row["last_success_at"]:
        return f"well, {str(row['last_success_at'])[:16].replace('T', ' ')}"
    return "not looked at yet" + ("" if row["verified"] else ", unverified")
