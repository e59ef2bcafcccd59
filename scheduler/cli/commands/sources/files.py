"""`sources import|export`: lists of sources as files, packs of ours and OPML."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration
from scheduler.cli.output import counted, say
from storage.errors import ConfigurationError
from storage.records import SourceKind

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from spiders.catalog.sources import SourceSettings


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
