"""How well documents match the words of a search: BM25 on SQLite, ts_rank on PostgreSQL."""

from __future__ import annotations

from sqlalchemy import CTE, Float, Integer, Select, column, func, select, text
from sqlalchemy.orm import Session

from storage.database.statements import is_sqlite
from storage.documents.search_words import Clause, clauses_of, postgresql_match, sqlite_match
from storage.documents.tables import Texts

_LESS_FOR_LONG = 1  # divides by the logarithm of the length: 12.3.3 of PostgreSQL's manual


def ranks(s: Session, query: str, candidates: Select[int]) -> CTE | None:
    """A table of `document_id` and `points`, the more the better, of the candidates (ids of
    documents that match the words). None if a query says only what must not occur.
    """
    wanted = [clause for clause in clauses_of(query) if not clause.excluded]
    if not wanted:
        return None
    found = _bm25(wanted) if is_sqlite(s) else _ts_rank(wanted, candidates)
    # Once for all rows: to look a single row up in the index costs as much as the whole.
    return found.prefix_with("MATERIALIZED")


def _bm25(wanted: list[Clause]) -> CTE:
    # FTS5 gives the best a number below zero: https://sqlite.org/fts5.html#the_bm25_function
    found = text(
        "SELECT rowid AS document_id, -bm25(texts_fts) AS points "
        "FROM texts_fts WHERE texts_fts MATCH :ranked"
    )
    bound = found.bindparams(ranked=sqlite_match(wanted))
    return bound.columns(column("document_id", Integer), column("points", Float)).cte("ranks")


def _ts_rank(wanted: list[Clause], candidates: Select[int]) -> CTE:
    # PostgreSQL reads each text anew to rank it.
    simple = text("'simple'")
    vector = func.to_tsvector(simple, func.left(Texts.folded, 200_000))
    asked = func.to_tsquery(simple, postgresql_match(wanted))
    points = func.ts_rank(vector, asked, _LESS_FOR_LONG, type_=Float).label("points")
    found = select(Texts.document_id, points).where(Texts.document_id.in_(candidates))
    return found.cte("ranks")
