"""The register as rows for programs and as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scheduler.cli.listing import say_count
from scheduler.cli.output import print_table, say
from scheduler.cli.wording import (
    agreement_names,
    certainty_name,
    columns,
    label,
    place_name,
    status_name,
    topic_names,
)
from storage import export
from storage.database.session import Session
from storage.first_voices import heard_of
from storage.register.given_names import given_names
from storage.register.records import Agreement
from storage.search import document_rows

_COLUMNS = ("id", "name", "status", "certainty", "day", "place", "topics", "reports")


def register_rows(s: Session, found: Sequence[Agreement]) -> list[dict[str, object]]:
    """Agreements as rows with their reports, each under its name in the reader's language."""
    documents = [
        document
        for agreement in found
        for document in (*agreement.document_ids, *agreement.mentions)
    ]
    reports = document_rows.report_rows(s, documents)
    called = agreement_names(found, given_names(s, [agreement.id for agreement in found]))
    heard = heard_of(s, found, reports)
    return [export.agreement_row(one, reports, called[one.id], heard[one.id]) for one in found]


def print_agreements(
    rows: Sequence[dict[str, object]], most: int | None = None, *, pages: bool = True
) -> None:
    """Print the table; `most` is the limit that the rows were asked for with."""
    if not rows:
        say("No agreement fits. Widen the filters, or collect first: accordwatch run")
        return
    numbered = ((str(number), *_cells(row)) for number, row in enumerate(rows, 1))
    print_table("", ("#", *columns(*_COLUMNS)), numbered, pages=pages)
    say_count(len(rows), "agreements", most)


def original_of(row: dict[str, object]) -> str | None:
    """The address of a report: of the latest step that has one, else of a mention."""
    steps, reports = _list(row["history"]), _list(row["reports"])
    addresses = {one["document_id"]: one["url"] for one in map(_dict, reports) if one["url"]}
    told = [number for step in reversed(steps) for number in _list(_dict(step)["document_ids"])]
    found = (addresses.get(number) for number in (*told, *addresses))
    return next((address for address in found if address), None)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _cells(row: dict[str, object]) -> tuple[str, ...]:
    return (
        str(row["id"]),
        str(row["name"]),
        status_name(row["status"], row["instrument"]) or label("unknown"),
        certainty_name(row["certainty"]),
        str(row["event_date"] or label("unknown")),
        place_name(row["place"], row["place_key"]),
        topic_names(_list(row["topics"])),
        str(len(_list(row["reports"])) - len(_list(row["listed"]))),
    )


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
