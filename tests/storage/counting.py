"""What is asked of a database: the statements, counted instead of timed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from storage.session import Database


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that run as long as the block does, in order; transactions and settings are left out."""
    heard: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            heard.append(statement)

    event.listen(database._engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(database._engine, "before_cursor_execute", note)
