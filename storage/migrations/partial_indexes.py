"""Indexes for the few rows that have a value. To name a dialect imports it, so that these are no
part of `storage.documents.tables`, which each command imports.
"""

from __future__ import annotations

from sqlalchemy import Index, text

from storage.documents.tables import Matches

for _column in ("status", "instrument"):
    _given = text(f"{_column} IS NOT NULL")
    Index(
        f"ix_matches_{_column}",
        getattr(Matches, _column),
        sqlite_where=_given,
        postgresql_where=_given,
    )
