"""How well documents match the words of a search: BM25 on SQLite, ts_rank on PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Float, Select, column, func, literal_column, select, table, text

from storage.database.session import Session
from storage.database.statements import is_sqlite
from storage.documents.tables import Texts
from storage.query_words import Clause, clauses_of, postgresql_match, sqlite_match

_LESS_FOR_LONG = 1  # divides by the logarithm of the length: 12.3.3 of PostgreSQL's manual
_REPORTS = table("texts_fts_reports", column("document_id"), column("words"))


def ranks(s: Session, query: str, candidates: Any, *, reports: bool) -> CTE | None:
    """A table of `document_id` and `points`, the more the better, of the candidates: a selection of
    documents that match the words, with `reports` of such that the rules find relevant. None if a
    query says only what must not occur.
    """
    wanted = [clause for clause in clauses_of(query) if not clause.excluded]
    if not wanted:
        return None
    rank = _bm25 if is_sqlite(s) else _ts_rank
    found = rank(wanted, candidates, reports)
    # Once for all rows: to look a single row up in the index costs as much as the whole.
    return found.cte("ranks").prefix_with("MATERIALIZED")


def _bm25(wanted: list[Clause], candidates: Any, reports: bool) -> Select[Any, Any]:
    # FTS5 gives the best a number below zero: https://sqlite.org/fts5.html#the_bm25_function
    name = "texts_fts_reports" if reports else "texts_fts"
    fts = table(name, column("rowid"))
    points = literal_column(f"-bm25({name})", Float).label("points")
    found = select(fts.c.rowid.label("document_id"), points)
    match = text(f"{name} MATCH :ranked").bindparams(ranked=sqlite_match(wanted))
    # With a plus, the candidates are picked from the hits, not looked up one after the other.
    return found.where(match, literal_column(f"+{name}.rowid").in_(candidates))


def _ts_rank(wanted: list[Clause], candidates: Any, reports: bool) -> Select[Any, Any]:
    # Of reports the words are kept; other texts are split into words again.
    simple = text("'simple'")
    document_id = _REPORTS.c.document_id if reports else Texts.document_id
    split = func.to_tsvector(simple, func.left(Texts.folded, 200_000))
    asked = func.to_tsquery(simple, postgresql_match(wanted))
    vector = _REPORTS.c.words if reports else split
    points = func.ts_rank(vector, asked, _LESS_FOR_LONG, type_=Float).label("points")
    return select(document_id.label("document_id"), points).where(document_id.in_(candidates))
