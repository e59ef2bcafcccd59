"""Saved searches, found by their name in any letter case."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.database.statements import rows_changed, upsert
from storage.search.tables import SavedSearches

WEEKS = 52  # of the year that `items` counts


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A selection with a name. `address` is what follows the question mark of an address; `items`
    what a subscription to it would have told in the 52 weeks before it was saved.
    """

    name: str
    address: str
    who: str
    saved_at: datetime
    items: int
    id: int = 0

    @property
    def items_a_week(self) -> float:
        return self.items / WEEKS


def add_search(s: Session, search: SavedSearch) -> bool:
    """Save a search. Returns False if its name is taken."""
    values = {
        "name": search.name,
        "name_key": _key(search.name),
        "address": search.address,
        "who": search.who,
        "saved_at": search.saved_at,
        "items": search.items,
    }
    adding = upsert(s, SavedSearches).values(values).on_conflict_do_nothing()
    return s.scalar(adding.returning(SavedSearches.id)) is not None


def search_named(s: Session, name: str) -> SavedSearch | None:
    """Return the search of this name, or None."""
    row = s.execute(_ROWS.where(SavedSearches.name_key == _key(name))).one_or_none()
    return None if row is None else _search(row)


def searches(s: Session) -> list[SavedSearch]:
    """All saved searches by their names."""
    return [_search(row) for row in s.execute(_ROWS.order_by(SavedSearches.name_key))]


def remove_search(s: Session, name: str) -> bool:
    """Remove a search. Returns False if there is none of this name."""
    result = s.execute(delete(SavedSearches).where(SavedSearches.name_key == _key(name)))
    return rows_changed(result) > 0


_ROWS = select(
    SavedSearches.name,
    SavedSearches.address,
    SavedSearches.who,
    SavedSearches.saved_at,
    SavedSearches.items,
    SavedSearches.id,
)


def _search(row: Any) -> SavedSearch:
    return SavedSearch(*row)


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
