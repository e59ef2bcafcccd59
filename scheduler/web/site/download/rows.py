"""What files of lists are made of: agreements and documents, a page of them at a time.

Each page is a transaction of its own: a reader on a slow line would otherwise keep one open for
minutes, and SQLite could not tidy up behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from scheduler.views.agreements import Entry, entries_of, pending_entries
from storage import queries
from storage.database.session import Database, Session
from storage.filter import Filter
from storage.search.document_rows import DocumentRow

_PAGE = 200
Item = TypeVar("Item")
Key = TypeVar("Key", str, int)


def all_agreements(
    database: Database, flt: Filter, language: str, *, by_day: bool = False
) -> Iterator[Entry]:
    """The agreements of a selection, in the order of the register."""

    def read(s: Session, after: str | None) -> list[Entry]:
        return entries_of(s, queries.agreements(s, flt, _PAGE, after, by_day), language)

    return _paged(database, read, lambda entry: entry.agreement.id)


def all_pending(
    database: Database, flt: Filter, language: str, today: date, *, longest_first: bool
) -> Iterator[Entry]:
    """The agreements of a selection that wait."""

    def read(s: Session, after: str | None) -> list[Entry]:
        return pending_entries(s, flt, today, language, _PAGE, after, longest_first=longest_first)

    return _paged(database, read, lambda entry: entry.agreement.id)


def all_documents(
    database: Database, flt: Filter, *, everything: bool, by_relevance: bool
) -> Iterator[DocumentRow]:
    """The documents of a selection, in the order of the search."""

    def read(s: Session, after: int | None) -> list[DocumentRow]:
        found = queries.search(
            s, flt, everything=everything, by_relevance=by_relevance, limit=_PAGE, after=after
        )
        return list(found)

    return _paged(database, read, lambda row: row.id)


def _paged(
    database: Database,
    read: Callable[[Session, Key | None], Sequence[Item]],
    key: Callable[[Item], Key],
) -> Iterator[Item]:
    after = None
    while True:
        with database.read() as s:
            found = read(s, after)
        yield from found
        if len(found) < _PAGE:
            return
        after = key(found[-1])
