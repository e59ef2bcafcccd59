"""One look into a database by its address, between what processes do with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from storage.database.session import Session, open_database


@contextmanager
def session(address: str) -> Iterator[Session]:
    """One transaction; the database is closed afterwards."""
    with closing(open_database(address)) as database, database.begin() as s:
        yield s
