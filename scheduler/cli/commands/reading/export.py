"""`export FOLDER`: the register as a data set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from crawler.judgement.judge import load_rules
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import SelectionOptions, option, print_unknown_names, typed_query
from scheduler.cli.output import counted, say, say_left_out
from scheduler.configuration.query import Query
from scheduler.exchange.package import FILES, Publication, entries, new_folder, write_package
from scheduler.views.register_entries import Entry
from storage.database.session import Session
from storage.lists.queries import SURE, count_agreements
from storage.records import Grade

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration

_PROGRESS_EVERY = 5_000  # agreements; some seconds apart


def export(
    folder: Annotated[Path, Parameter(help="A new or empty folder.")],
    /,
    *,
    filters: SelectionOptions | None = None,
    excel: Annotated[
        bool, Parameter(negative="", help="CSV that Excel opens with its accents and Arabic.")
    ] = False,
    parquet: Annotated[
        bool, Parameter(negative="", help="Also Parquet files of the tables; needs pyarrow.")
    ] = False,
    force: Annotated[
        bool, Parameter(negative="", help="Replace an earlier export that stands there.")
    ] = False,
) -> None:
    parsed, chosen = typed_query("", filters), configuration()
    with (
        new_folder(folder, FILES, force=force) as part,
        opened_database(chosen) as database,
        database.read() as s,
    ):
        print_unknown_names(s, chosen, filters)
        parsed, left_out = sure(s, parsed)
        about = publication(chosen, parsed)
        agreements = _counted_aloud(
            entries(s, parsed.filter, about.sources), count_agreements(s, parsed.filter)
        )
        counts = write_package(agreements, about, part, excel=excel, parquet=parquet)
    things = [counted(counts[f"{thing}s"], thing) for thing in ("agreement", "report")]
    say(f"{folder}: {', '.join([*things, f'version {about.version}'])}")
    say_left_out(left_out)
    missing = [name for name in ("publisher", "license") if not getattr(about.owner, name)]
    if missing:
        keys = " and ".join(f"dataset.{name}" for name in missing)
        say(f"before you publish it, set {keys} in the configuration and export it again")


def publication(chosen: Configuration, query: Query, at: datetime | None = None) -> Publication:
    """What a data set of the agreements that a query finds says of itself."""
    pairs = (
        ("query", repr(value)) if name == "q" else (name, value) for name, value in query.parameters
    )
    return Publication(
        created_at=at or datetime.now(UTC),
        rules=load_rules(chosen.settings.rules.packs, chosen.rule_files).version,
        owner=chosen.settings.dataset,
        sources=chosen.sources,
        chosen=" ".join(f"{option(name)} {value}" for name, value in pairs),
    )


def sure(s: Session, parsed: Query) -> tuple[Query, int]:
    """The query for what is confirmed or likely, if it names no grades, and how many that drops."""
    certain = parsed.but(grades=SURE)
    if parsed.grades or not count_agreements(s, certain.filter):
        return parsed, 0
    return certain, count_agreements(s, parsed.filter.but(grades=(Grade.UNCONFIRMED,)))


def _counted_aloud(agreements: Iterator[Entry], total: int) -> Iterator[Entry]:
    for number, entry in enumerate(agreements, 1):
        yield entry
        if number % _PROGRESS_EVERY == 0:
            say(f"{number:,} of {total:,} agreements")
