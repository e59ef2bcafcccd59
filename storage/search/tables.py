"""The columns that filters look at: of all documents those of `documents` and `matches`, of reports
narrow rows of their own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    ColumnCollection,
    ColumnElement,
    Date,
    Float,
    Integer,
    MetaData,
    SQLColumnExpression,
    String,
    Table,
    select,
)

from storage.database.columns import CleanText, UtcDateTime
from storage.documents.tables import Documents, Matches

# What filters look at in relevant documents, a row each: columns of `documents` and `matches`,
# whose rows are wide. Triggers write it, so it is none of the tables that are written, copied or
# compared.
SEARCH_ROWS = Table(
    "search_rows",
    MetaData(),
    Column("document_id", Integer, key="id", primary_key=True),
    Column("listed_on", Date, primary_key=True),
    Column("published_on", Date),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("language", CleanText, nullable=False),
    Column("source_id", CleanText),
    Column("outlet", CleanText),
    Column("status", String),
    Column("instrument", String),
    Column("score", Float, nullable=False),
    Column("probability", Float),
)


Condition = ColumnElement[bool]
Expression = SQLColumnExpression[Any]  # a column, for instance
# The columns that filters compare.
Rows = ColumnCollection[str, ColumnElement[Any]]
# Of all that is stored; the last four need a join.
STORED: Rows = select(
    *(Documents.id, Documents.listed_on, Documents.published_on, Documents.first_seen_at),
    *(Documents.language, Documents.source_id, Documents.outlet),
    *(Matches.status, Matches.instrument, Matches.score, Matches.probability),
).selected_columns
# Of documents that the rules, or a curator, find relevant.
REPORTS: Rows = SEARCH_ROWS.c
