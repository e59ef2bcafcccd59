"""What is asked of a database: the statements, counted instead of timed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from storage.database.session import Database


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that run in the block, in order, without transactions and settings."""
    received: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            received.append(statement)

    event.listen(database._engine, "before_cursor_execute", note)
    try:
        yield received
    finally:
        event.remove(database._engine, "before_cursor_execute", note)


@contextmanager
def sqlite_plans(database: Database) -> Iterator[list[str]]:
    """How SQLite goes about each statement of the block: "SCAN ..." reads a whole table."""
    steps: list[str] = []

    def explain(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and not many:
            found = connection.connection.execute(
                f"EXPLAIN QUERY PLAN {statement}", parameters
            ).fetchall()
            steps.extend(step[3] for step in found)

    event.listen(database._engine, "before_cursor_execute", explain)
    try:
        yield steps
    finally:
        event.remove(database._engine, "before_cursor_execute", explain)
