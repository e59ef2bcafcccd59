"""Saved searches, found by their name in any letter case."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select

from storage.database.session import Session
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
    owner_id: int | None = None  # the user for whom alone it is

    @property
    def items_a_week(self) -> float:
        return self.items / WEEKS


def add_search(s: Session, search: SavedSearch) -> bool:
    """Save a search. Returns False if its name is taken."""
    values = {
        "name": search.name,
        "name_key": _key(search.name, search.owner_id),
        "owner_id": search.owner_id,
        "address": search.address,
        "who": search.who,
        "saved_at": search.saved_at,
        "items": search.items,
    }
    adding = upsert(s, SavedSearches).values(values).on_conflict_do_nothing()
    return s.scalar(adding.returning(SavedSearches.id)) is not None


def search_named(s: Session, name: str, user_id: int | None = None) -> SavedSearch | None:
    """Return the search of this name, a user's own before that of the team, or None."""
    for owner_id in dict.fromkeys((user_id, None)):
        row = s.execute(_ROWS.where(SavedSearches.name_key == _key(name, owner_id))).one_or_none()
        if row is not None:
            return _search(row)
    return None


def searches(s: Session, user_id: int | None = None) -> list[SavedSearch]:
    """The searches of the team, and a user's own, by their names."""
    shared, owner = SavedSearches.owner_id.is_(None), SavedSearches.owner_id
    seen = shared if user_id is None else or_(shared, owner == user_id)
    found = [_search(row) for row in s.execute(_ROWS.where(seen))]
    return sorted(found, key=lambda one: _key(one.name, None))


def remove_search(s: Session, name: str, owner_id: int | None = None) -> bool:
    """Remove a search of the team, or one of a user's own. Returns False if there is none of this
    name.
    """
    result = s.execute(delete(SavedSearches).where(SavedSearches.name_key == _key(name, owner_id)))
    return rows_changed(result) > 0


def remove_searches_of(s: Session, user_id: int) -> None:
    """Remove all searches that are for one user alone."""
    s.execute(delete(SavedSearches).where(SavedSearches.owner_id == user_id))


_ROWS = select(
    SavedSearches.name,
    SavedSearches.address,
    SavedSearches.who,
    SavedSearches.saved_at,
    SavedSearches.items,
    SavedSearches.id,
    SavedSearches.owner_id,
)


def _search(row: Any) -> SavedSearch:
    return SavedSearch(*row)


def _key(name: str, owner_id: int | None) -> str:
    """How names are compared. No name holds a slash, so that one user's names take none of the
    team's.
    """
    key = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return key if owner_id is None else f"{owner_id}/{key}"
