"""The rows of files: agreements and documents, a page of them at a time.

Each page is a transaction of its own: a reader on a slow line would otherwise keep one open for
minutes, and SQLite could not tidy up behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scheduler.words.labels import Labels
from scheduler.words.names import name_of, name_parts
from storage import export, queries
from storage.database.session import Database, Session
from storage.filter import Filter
from storage.first_voices import heard_of
from storage.register.given_names import given_names
from storage.register.records import Agreement, documents_of
from storage.search.document_rows import report_rows

_PAGE = 200


def agreement_rows(
    database: Database, flt: Filter, words: Labels, *, by_day: bool = False
) -> Iterator[dict[str, Any]]:
    """The agreements of a selection as the API writes them, in the order of the register."""
    after: str | None = None
    while True:
        with database.read() as s:
            found = queries.agreements(s, flt, _PAGE, after, by_day)
            rows = named_rows(s, found, words)
        yield from rows
        if len(found) < _PAGE:
            return
        after = found[-1].id


def named_rows(s: Session, found: list[Agreement], words: Labels) -> list[dict[str, Any]]:
    """Agreements with their reports, each under its name in the reader's language."""
    ids = {document for one in found for document in documents_of(one)}
    reports, given = report_rows(s, ids), given_names(s, [one.id for one in found])
    heard = heard_of(s, found, reports)
    return [
        export.agreement_row(
            one, reports, name_of(name_parts(one, given.get(one.id)), words), heard[one.id]
        )
        for one in found
    ]


def document_rows(
    database: Database, flt: Filter, *, everything: bool, by_relevance: bool
) -> Iterator[dict[str, Any]]:
    """The documents of a selection as the API writes them, in the order of the search."""
    after: int | None = None
    while True:
        with database.read() as s:
            found = list(
                queries.search(
                    s,
                    flt,
                    everything=everything,
                    by_relevance=by_relevance,
                    limit=_PAGE,
                    after=after,
                )
            )
        yield from map(export.document_row, found)
        if len(found) < _PAGE:
            return
        after = found[-1].id
