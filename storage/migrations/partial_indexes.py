"""Indexes for the few rows that have a value. To name a dialect imports it, so that these are no
part of `storage.documents.tables`, which each command imports.
"""

from __future__ import annotations

from sqlalchemy import Index, text

from storage.documents.tables import Documents, Matches

# Of `part_of`, since nearly all documents are no parts: with an index of all, and statistics of a
# database that has no parts, SQLite looks for the parts of one document among all.
for _table, _column in ((Matches, "status"), (Matches, "instrument"), (Documents, "part_of")):
    _given = text(f"{_column} IS NOT NULL")
    Index(
        f"ix_{_table.__tablename__}_{_column}",
        getattr(_table, _column),
        sqlite_where=_given,
        postgresql_where=_given,
    )
