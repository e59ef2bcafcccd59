"""`sources packs`: which sources come with us, and which of them the configuration chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from cyclopts import Parameter

from scheduler.cli.context import configuration
from scheduler.cli.output import Format, print_csv, print_jsonl, print_table, say
from storage.errors import ConfigurationError
from storage.records import Trust

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
