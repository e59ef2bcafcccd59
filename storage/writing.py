"""Statements that are spelled alike on both databases but live in different dialects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.tables import Base

T = TypeVar("T")

# Values in one IN list: SQLite takes 32,766 parameters a statement, and plans short lists faster.
CHUNK = 500


def upsert(s: Session, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """INSERT that knows ON CONFLICT."""
    return sqlite.insert(table) if s.get_bind().dialect.name == "sqlite" else postgresql.insert(table)


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """`values` in lists of at most `size`."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


def hash_of(text: str) -> str:
    """SHA-256 in hexadecimal of a URL or an id, which may be longer than an index entry."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
