"""`publish FOLDER`: the register as a site that needs no server."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.commands.reading.export import publication, sure
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import SelectionOptions, print_unknown_names, typed_query
from scheduler.cli.output import counted, say, say_left_out
from scheduler.exchange.package import entries, new_folder, write_package
from scheduler.views.register_entries import Entry
from scheduler.web.static_site import MARK, NAMES, StaticSite, keep_times, write_site
from storage.database.session import Session
from storage.errors import ConfigurationError, ExportError
from storage.records import GradeBasis
from storage.register.agreements import resolve


def publish(
    folder: Annotated[Path, Parameter(help="A new folder, or one published before.")],
    /,
    *,
    filters: SelectionOptions | None = None,
) -> None:
    parsed, chosen, ids = typed_query("", filters), configuration(), list[str]()
    if parsed.as_of:
        raise ConfigurationError("--as-of: a site shows the register as it is today; leave it out")
    # All of a day, so that what has not changed is the same when it is published again.
    today = datetime.combine(datetime.now(UTC), time(), UTC)
    with (
        new_folder(folder, NAMES, mark=MARK) as part,
        opened_database(chosen) as database,
        database.read() as s,
    ):
        print_unknown_names(s, chosen, filters)
        parsed, left_out = sure(s, parsed)
        about = publication(chosen, parsed, today)
        (part / "data").mkdir()
        found = entries(s, parsed.filter, about.sources)
        write_package(_unsigned(found, ids), about, part / "data")
        if not ids:
            raise ExportError("no agreement is found, so that nothing is published")
        write_site(StaticSite(chosen, parsed, ids, part, today), _moved(s, folder / MARK, ids))
        files, new = keep_times(part, folder.resolve())
    entries_and_files = f"{counted(len(ids), 'agreement')}, {counted(files, 'file')}"
    say(f"{folder}: {entries_and_files}, {new:,} of them new or changed")
    say_left_out(left_out)
    if not chosen.settings.site.url:
        say("set site.url in the configuration for feeds and citable addresses")


def _unsigned(found: Iterable[Entry], ids: list[str]) -> Iterator[Entry]:
    """The entries without the name of who confirmed them; their ids come into `ids`."""
    for entry in found:
        ids.append(entry.agreement.id)
        is_person = entry.agreement.grade_basis is GradeBasis.PERSON
        shown = replace(entry.agreement, grade_by="") if is_person else entry.agreement
        yield replace(entry, agreement=shown)


def _moved(s: Session, mark: Path, ids: Collection[str]) -> Mapping[str, str]:
    """What became of entries that were published before and are merged into others now."""
    try:
        before = json.loads(mark.read_text(encoding="utf-8"))["agreements"]
    except (OSError, ValueError, LookupError, TypeError):  # there is none, or somebody wrote in it
        return {}
    there = set(ids)
    homes = ((one, resolve(s, one)) for one in before if one not in there)
    return {one: home for one, home in homes if home is not None and home in there}
