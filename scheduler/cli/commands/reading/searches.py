"""`searches list|remove`: the searches that were saved under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.listing import Shape
from scheduler.cli.output import moment, print_csv, print_jsonl, print_table, say, shown
from storage.errors import ConfigurationError

if TYPE_CHECKING:
    from storage.search.saved import SavedSearch


def list_searches(*, format: Shape = "table") -> None:
    """List the saved searches: what for, by whom, and how many items a week they would bring."""
    from storage.search.saved import searches

    with opened_database(configuration()) as database, database.read() as s:
        found = searches(s)
    if format == "jsonl":
        print_jsonl(map(_row, found))
    elif format == "csv":
        print_csv(map(_row, found))
    elif found:
        print_table("", ("name", "search", "items a week", "who", "saved"), map(_cells, found))
    else:
        say("no saved searches; save one: accordwatch search visa --party MA --save NAME")


def remove(name: Annotated[str, Parameter(help="Name of the search.")], /) -> None:
    """Remove a saved search; its documents stay."""
    from storage.search.saved import remove_search

    with opened_database(configuration()) as database, database.begin() as s:
        if not remove_search(s, name):
            raise ConfigurationError(
                f"there is no search named {shown(name[:60])!r}; accordwatch searches list"
            )
    say(f"the search {shown(name)} is gone")


def _row(saved: SavedSearch) -> dict[str, Any]:
    return {
        "name": saved.name,
        "search": saved.address,
        "items_last_year": saved.items,
        "items_a_week": round(saved.items_a_week, 2),
        "who": saved.who,
        "saved_at": saved.saved_at.isoformat(),
    }


def _cells(saved: SavedSearch) -> tuple[str, ...]:
    from urllib.parse import unquote_plus

    a_week = f"{saved.items_a_week:.2g}"
    return (saved.name, unquote_plus(saved.address), a_week, saved.who, moment(saved.saved_at))
