"""What all tables have in common: their base class, types of columns, and foreign keys.

Each room of `storage` declares its own tables in a module `tables`. Each class is one table and is
used with Core statements: rows leave `storage` as records.

URLs and external ids can be longer than an index entry may be (PostgreSQL: 2.7 KB), so they are
found by their SHA-256 (`url_hash`, `identity`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, MetaData, String
from sqlalchemy.orm import DeclarativeBase

from storage.database.columns import CleanText, UtcDateTime


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy declares it as an instance variable
        str: CleanText,
        datetime: UtcDateTime,
        date: Date,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


UNDATED = date.min  # in lists: after everything that has a day
HASH = String(64)  # SHA-256 in hexadecimal
FINGERPRINT = String(128)  # the hexadecimal digest that the fingerprint brings


def to_document() -> ForeignKey:
    return ForeignKey("documents.id", ondelete="CASCADE")


def to_agreement() -> ForeignKey:
    return ForeignKey("agreements.id", ondelete="CASCADE")
