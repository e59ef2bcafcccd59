"""Failed attempts to log in, kept in the database so that a restart forgives nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from storage.access.tables import LoginAttempts
from storage.database.session import Session
from storage.database.statements import put


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often it failed for one name or from one address, and until when nothing is tried."""

    failures: int
    last_at: datetime
    blocked_until_at: datetime | None = None


def attempts_of(s: Session, key: str) -> Attempts | None:
    """Return the failed attempts, or None."""
    columns = (LoginAttempts.failures, LoginAttempts.last_at, LoginAttempts.blocked_until_at)
    row = s.execute(select(*columns).where(LoginAttempts.key == key)).one_or_none()
    return None if row is None else Attempts(*row)


def put_attempts(s: Session, key: str, found: Attempts) -> None:
    times = {"last_at": found.last_at, "blocked_until_at": found.blocked_until_at}
    put(s, LoginAttempts, "key", {"key": key, "failures": found.failures, **times})


def forget_attempts(s: Session, key: str) -> None:
    s.execute(delete(LoginAttempts).where(LoginAttempts.key == key))


def forget_old_attempts(s: Session, before: datetime) -> None:
    """Delete what was last tried before a moment."""
    s.execute(delete(LoginAttempts).where(LoginAttempts.last_at < before))
