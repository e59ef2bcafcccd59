"""The claim of one process to a whole PostgreSQL database."""

from __future__ import annotations

import contextlib

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from storage.database.engines import WRITER_LOCK

HOLDER_LOCK = WRITER_LOCK + 1
# Is the other side still there? Nine seconds without an answer end the connection and its lock.
# (Between processes of one machine, the server ignores this.)
_ASK_OFTEN = (
    "SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3"
)


class Holder:
    """Holds an advisory lock by a connection of its own. A server that was restarted has forgotten
    the lock: then it is taken again.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Take the lock; returns False if another process has it. Raises DBAPIError if the server
        does not answer.
        """
        self._connection = self._engine.connect()
        try:
            if self._connection.scalar(text(f"SELECT pg_try_advisory_lock({HOLDER_LOCK})")):
                # A holder whose machine is gone says nothing: the server has to ask.
                self._connection.exec_driver_sql(_ASK_OFTEN)
                return True
        except DBAPIError:
            self.let_go()  # it may have the lock
            raise
        self.let_go()
        return False

    def holds(self) -> bool:
        """Whether no other process has the lock. As long as the server does not answer, nobody can
        take it, and whoever asks finds out by itself that nothing can be read.
        """
        if self._connection is not None:
            with contextlib.suppress(DBAPIError):
                return bool(self._connection.scalar(text("SELECT 1")))
            self.let_go()
        try:
            return self.take()
        except DBAPIError:
            return True

    def release(self) -> None:
        """Give the lock back at once: a server takes its time to notice that a line was closed."""
        if self._connection is not None:
            with contextlib.suppress(DBAPIError):
                self._connection.scalar(text(f"SELECT pg_advisory_unlock({HOLDER_LOCK})"))
        self.let_go()

    def let_go(self) -> None:
        """Really disconnect: a connection that goes back to the pool keeps the lock."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
