"""What tables have in common: types of columns, and foreign keys.

Each room of `storage` declares its own tables in a module `tables`, as classes (`declared`): each
is one table, and is used with Core statements.

URLs and external ids can be longer than an index entry may be (PostgreSQL: 2.7 KB), so they are
found by their SHA-256 (`url_hash`, `identity`).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String

UNDATED = date.min  # in lists: after everything that has a day
HASH = String(64)  # SHA-256 in hexadecimal
FINGERPRINT = String(128)  # the hexadecimal digest that the fingerprint brings


def to_document() -> ForeignKey:
    return ForeignKey("documents.id", ondelete="CASCADE")


def to_agreement() -> ForeignKey:
    return ForeignKey("agreements.id", ondelete="CASCADE")
