"""What lets in: sessions of browsers and tokens of programs, as hashes; and attempts to log in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, select, update

from storage.database.session import Session
from storage.database.statements import put, rows_changed
from storage.users.records import Token, TokenScope, User
from storage.users.tables import LoginAttempts, Sessions, Tokens, Users
from storage.users.users import USER_COLUMNS


def start_session(s: Session, token_hash: str, user_id: int, now: datetime) -> None:
    values = {"token_hash": token_hash, "user_id": user_id, "created_at": now, "seen_at": now}
    s.execute(insert(Sessions).values(values))


def session_of(s: Session, token_hash: str) -> tuple[User, datetime, datetime] | None:
    """(its user, when it began, when it was seen last) of a session, however old; or None."""
    columns = (*USER_COLUMNS, Sessions.created_at, Sessions.seen_at)
    rows = select(*columns).join(Users, Users.id == Sessions.user_id)
    row = s.execute(rows.where(Sessions.token_hash == token_hash)).one_or_none()
    return None if row is None else (User(*row[:-2]), row[-2], row[-1])


def note_seen(s: Session, token_hash: str, now: datetime) -> None:
    s.execute(update(Sessions).where(Sessions.token_hash == token_hash).values(seen_at=now))


def end_session(s: Session, token_hash: str) -> None:
    s.execute(delete(Sessions).where(Sessions.token_hash == token_hash))


def end_sessions(s: Session, user_id: int) -> None:
    s.execute(delete(Sessions).where(Sessions.user_id == user_id))


def forget_sessions(s: Session, begun_before: datetime) -> None:
    s.execute(delete(Sessions).where(Sessions.created_at < begun_before))


def add_token(
    s: Session,
    token_hash: str,
    user_id: int,
    scope: TokenScope,
    note: str,
    now: datetime,
    expires_at: datetime | None,
) -> int:
    values = {
        "token_hash": token_hash,
        "user_id": user_id,
        "scope": scope,
        "note": note,
        "created_at": now,
        "expires_at": expires_at,
    }
    number: int = s.execute(insert(Tokens).values(values).returning(Tokens.id)).scalar_one()
    return number


def token_of(s: Session, token_hash: str) -> Token | None:
    row = s.execute(_rows().where(Tokens.token_hash == token_hash)).one_or_none()
    return None if row is None else _token(row)


def tokens(s: Session, user_id: int | None = None) -> list[Token]:
    return [_token(row) for row in s.execute(_rows().where(*_of(user_id)).order_by(Tokens.id))]


def remove_token(s: Session, number: int, user_id: int | None = None) -> bool:
    """Remove a token of anybody, or of a user. Returns False if there is none with this id."""
    result = s.execute(delete(Tokens).where(Tokens.id == number, *_of(user_id)))
    return rows_changed(result) > 0


def _of(user_id: int | None) -> list[ColumnElement[bool]]:
    return [] if user_id is None else [Tokens.user_id == user_id]


def note_used(s: Session, number: int, now: datetime) -> None:
    s.execute(update(Tokens).where(Tokens.id == number).values(used_at=now))


def _rows() -> Select[*tuple[Any, ...]]:
    own = (Tokens.id, Tokens.scope, Tokens.note)
    times = (Tokens.created_at, Tokens.expires_at, Tokens.used_at)
    return select(*own, *times, *USER_COLUMNS).join(Users, Users.id == Tokens.user_id)


def _token(row: Any) -> Token:
    number, scope, note, created_at, expires_at, used_at, *user = row
    return Token(number, User(*user), scope, note, created_at, expires_at, used_at)


def attempts_of(s: Session, key: str) -> tuple[int, datetime | None] | None:
    """Return (how often it failed for a name or address, until when nothing is tried), or None."""
    found = select(LoginAttempts.failures, LoginAttempts.blocked_until_at)
    row = s.execute(found.where(LoginAttempts.key == key)).one_or_none()
    return None if row is None else (row.failures, row.blocked_until_at)


def put_attempts(
    s: Session, key: str, failures: int, now: datetime, blocked_until_at: datetime | None = None
) -> None:
    values = {"failures": failures, "last_at": now, "blocked_until_at": blocked_until_at}
    put(s, LoginAttempts, "key", {"key": key, **values})


def forget_attempts(s: Session, key: str) -> None:
    s.execute(delete(LoginAttempts).where(LoginAttempts.key == key))


def forget_old_attempts(s: Session, before: datetime) -> None:
    s.execute(delete(LoginAttempts).where(LoginAttempts.last_at < before))
