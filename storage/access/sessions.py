"""Sessions of users who logged in, found by the hash of what their cookie holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from storage.access.records import OpenSession
from storage.access.tables import Sessions, Users
from storage.access.users import USER_COLUMNS, user_of
from storage.database.session import Session


def start_session(s: Session, token_hash: str, user_id: int, now: datetime) -> None:
    values = {"token_hash": token_hash, "user_id": user_id, "created_at": now, "seen_at": now}
    s.execute(insert(Sessions).values(values))


def session_of(s: Session, token_hash: str) -> OpenSession | None:
    """Return the session, however old, or None if it was never there or has been ended."""
    columns = (*USER_COLUMNS, Sessions.created_at, Sessions.seen_at)
    rows = select(*columns).join(Users, Users.id == Sessions.user_id)
    row = s.execute(rows.where(Sessions.token_hash == token_hash)).one_or_none()
    return None if row is None else OpenSession(user_of(*row[:-2]), row[-2], row[-1])


def note_seen(s: Session, token_hash: str, now: datetime) -> None:
    s.execute(update(Sessions).where(Sessions.token_hash == token_hash).values(seen_at=now))


def end_session(s: Session, token_hash: str) -> None:
    s.execute(delete(Sessions).where(Sessions.token_hash == token_hash))


def forget_sessions(s: Session, begun_before: datetime) -> None:
    """Delete the sessions that began before a moment."""
    s.execute(delete(Sessions).where(Sessions.created_at < begun_before))
