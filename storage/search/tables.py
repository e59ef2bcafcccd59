"""The narrow rows that searches for reports are answered from."""

from __future__ import annotations

from sqlalchemy import Column, Date, Float, Integer, MetaData, String, Table

from storage.database.columns import CleanText, UtcDateTime

# What filters ask of relevant documents, a row each. It repeats what `documents` and `matches` say,
# whose rows are wide, and triggers keep it: so it is none of the tables that are
# written, copied or compared.
SEARCH_ROWS = Table(
    "search_rows",
    MetaData(),
    Column("document_id", Integer, primary_key=True),
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
