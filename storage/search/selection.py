"""Which documents a search lists: chosen once for lists, counts and facets.

Reports are chosen from the narrow `search_rows` alone; all that is stored, from `documents`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_

from storage.database.session import Session
from storage.documents.tables import Documents, Matches
from storage.filter import Filter
from storage.search.filtering import asks_of_verdicts, document_condition, no_one_ruled_out
from storage.search.hits import Scope, Stretch
from storage.search.tables import REPORTS, STORED, Rows


@dataclass(frozen=True, slots=True)
class ChosenRows:
    """The documents for which `condition` holds, of the rows that their columns stand in."""

    rows: Rows
    condition: ColumnElement[bool]
    asks_of_verdicts: bool = False

    def select(self, *columns: Any, verdicts: bool = False) -> Select[*tuple[Any, ...]]:
        """Select columns of them; `verdicts`: some that stand with the verdict."""
        found = select(*columns).where(self.condition)
        if self.rows is STORED and (verdicts or self.asks_of_verdicts):
            return found.join(Matches, Matches.document_id == Documents.id)
        return found

    @property
    def ids(self) -> Select[*tuple[Any, ...]]:
        return self.select(self.rows.id)

    @property
    def newest_first(self) -> tuple[Any, ...]:
        return self.rows.listed_on.desc(), self.rows.id.desc()

    def after(self, document_id: int) -> ChosenRows:
        """Those of them that a list, the newest first, has after a document."""
        last = select(Documents.listed_on).where(Documents.id == document_id).scalar_subquery()
        key = tuple_(self.rows.listed_on, self.rows.id)
        following = self.condition & (key < tuple_(last, document_id))
        return ChosenRows(self.rows, following, self.asks_of_verdicts)


def chosen(
    s: Session,
    flt: Filter,
    *,
    everything: bool,
    among: Stretch | None = None,
    last: int | None = None,
) -> ChosenRows:
    """The documents that `storage.queries.search` lists, of a stretch if it is given. `last`: of
    the last that were stored with the words.
    """
    scope = Scope(not everything, among=among, last=last)
    condition = document_condition(s, flt, scope)
    if everything:
        return ChosenRows(STORED, condition, asks_of_verdicts(flt))
    return ChosenRows(REPORTS, condition & no_one_ruled_out(REPORTS.id))
