"""Counts over the register and the documents."""

from __future__ import annotations

from sqlalchemy import func, select

from storage.database.session import Session
from storage.filter import Filter
from storage.register.tables import Pins
from storage.search.counting.columns import (
    AgreementOverview,
    Columns,
    chosen_agreements,
    read_columns,
)
from storage.search.filtering import ruled_out
from storage.search.hits import Scope, count_up_to, count_with_words, has_words
from storage.search.rows import REPORTS
from storage.search.selection import chosen
from storage.search.tables import SEARCH_ROWS


def agreement_overview(
    s: Session, flt: Filter, most: int = 12, columns: Columns | None = None
) -> AgreementOverview:
    """Count the parties, topics, statuses, texts and certainties of agreements that match a filter.

    `columns` are those of the register, if the caller has read them already.
    """
    columns = columns or read_columns(s)
    return columns.overview(chosen_agreements(s, flt, columns), most)


def count_documents(
    s: Session, flt: Filter, *, everything: bool = False, most: int | None = None
) -> int:
    """Return how many documents match a filter; see `storage.queries.search`. With `most`, of so
    many it may say that number.
    """
    if flt == Filter() and not everything:
        return _count_reports(s)
    if flt.query and flt == Filter(query=flt.query):
        if everything:
            return count_with_words(s, flt.words, most=most)
        found = count_with_words(s, flt.words, reports=True)
        return found - _count_ruled_out(s, flt.words)
    return count_up_to(s, chosen(s, flt, everything=everything).ids, most)


def _count_reports(s: Session) -> int:
    """Count all that is listed, without a look at each document: few of them were ruled out."""
    relevant = select(func.count()).select_from(SEARCH_ROWS)
    return s.execute(relevant).scalar_one() - _count_ruled_out(s)


def _count_ruled_out(s: Session, query: str = "") -> int:
    """Count what the rules find relevant, and have the words of a query, but a curator does not."""
    decided = REPORTS.id.in_(select(Pins.document_id))
    conditions = [decided, ruled_out(REPORTS.id)]
    if query:
        conditions.append(has_words(s, query, REPORTS.id, Scope(reports=True)))
    out = select(func.count()).select_from(SEARCH_ROWS).where(*conditions)
    return s.execute(out).scalar_one()
